/** Trainings that a search wants next, as rows: a proposal is stored before anything of it starts. */
import { transaction } from '../../../db/client.ts'
import { countStored } from '../../../db/queries/points.ts'
import { moveSweep, type SweepRow, updateSweep } from '../../../db/queries/sweeps.ts'
import { type Issue, SweepboardError } from '../../../domain/errors.ts'
import { isProposed, trainingOf, trainingsToCome } from '../../../domain/search/propose.ts'
import { searchOf } from '../../../domain/search/methods.ts'
import { knownOf } from '../../../domain/search/seen.ts'
import { spaceOf } from '../../../domain/search/space.ts'
import { continuousOf } from '../../../domain/sweep/axes/continuous-axis.ts'
import { expandAxis, isMilestoneAxis } from '../../../domain/sweep/axes/axes.ts'
import { conditionWords, hasAxis } from '../../../domain/sweep/conditions.ts'
import { compareDecimals, parseDecimal } from '../../../domain/sweep/axes/decimal.ts'
import { searchingOf } from '../../../domain/sweep/searching.ts'
import { maximumPoints, type Sweep } from '../../../domain/sweep/sweep.ts'
import { type Context, notify } from '../../base/context.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { searchHistory } from '../../base/preparing/search-history.ts'
import { insertPlan } from './insert-plan.ts'

/** Adds at most so many trainings that the sweep's search proposes now; gives how many. Call in a transaction. */
export function proposeTrainings(context: Context, sweepId: number, count: number): number {
  const sweep = requireSweep(context, sweepId)
  const { propose } = searchOf(sweep.definition)
  if (propose === null || (sweep.status !== 'waiting' && sweep.status !== 'running')) return 0
  const more = propose(sweep.definition, searchHistory(context, sweep), count)
  if (more.runs.length === 0) return 0
  insertPlan(context, sweep, more, new Map())
  notify(context, sweepId)
  return more.runs.length
}

/**
 * Adds a training of values that a person chose: it is the next to start and counts among the search's. Gives its number. Throws
 * `invalid` with the place of each value that is none of its axis', `conflict` where the training is there or the search has all it may have.
 */
export function proposeByPerson(context: Context, sweepId: number, values: Readonly<Record<string, string>>): number {
  const number = transaction(context.database, () => {
    const sweep = requireSweep(context, sweepId)
    const { definition } = sweep
    if (searchingOf(definition) === null)
      throw new SweepboardError(
        'conflict',
        `${sweep.name} is a grid: all its points are there; expected a sweep that searches.`,
      )
    if (sweep.status === 'cancelled')
      throw new SweepboardError('conflict', `${sweep.name} is cancelled; nothing can be added to it.`)
    refuseAfterFinalists(sweep)
    const issues = valueIssues(definition, values)
    if (issues.length > 0) throw new SweepboardError('invalid', issues.map(({ message }) => message).join(' '), issues)
    const history = searchHistory(context, sweep)
    if (isProposed(definition, history, values))
      throw new SweepboardError('conflict', 'There is a training of these values already; expected others.')
    if (trainingsToCome(definition, history.runs.length) === 0)
      throw new SweepboardError(
        'conflict',
        `All ${history.runs.length} trainings of the search are there; expected more of them first (Search further).`,
      )
    const { seen, best } = knownOf(spaceOf(definition), history)
    const { run, points } = trainingOf(definition, values, {
      number: history.runs.length + 1,
      firstPoint: history.points.length + 1,
    })
    const proposal = {
      by: 'person' as const,
      seen: seen.filter(({ value }) => value !== null).length,
      pending: seen.filter(({ isPending }) => isPending).length,
      ...(best && { best: { run: best.number, value: best.value! } }),
    }
    insertPlan(context, sweep, { runs: [{ ...run, proposal }], points }, new Map())
    return run.number
  })
  notify(context, sweepId)
  context.signals.emit('work')
  return number
}

/** What would be found further on is not among those that were looked at once more. */
function refuseAfterFinalists({ name, finalists }: SweepRow): void {
  if (finalists !== null)
    throw new SweepboardError(
      'conflict',
      `The finalists of ${name} were chosen from all that it had; nothing is added to it any more. Start a new sweep with more trainings.`,
    )
}

/** What is wrong with values for a training, by axis. */
function valueIssues({ axes, when }: Sweep, values: Readonly<Record<string, string>>): Issue[] {
  const unknown = Object.keys(values).filter((name) => !Object.hasOwn(axes, name) || isMilestoneAxis(axes[name]!))
  return [
    ...unknown.map((name) => ({ path: [name], message: `There is no axis ${name} to choose a value of.` })),
    ...Object.entries(axes).flatMap(([name, axis]): Issue[] => {
      if (isMilestoneAxis(axis)) return []
      if (!hasAxis(when, name, values))
        return Object.hasOwn(values, name)
          ? [
              {
                path: [name],
                message: `${name} exists only where ${conditionWords(when![name]!)}; expected no value of it.`,
              },
            ]
          : []
      const value = Object.hasOwn(values, name) ? values[name]! : ''
      const wrong = (expected: string) => [
        { path: [name], message: `“${value}” is no value of the axis ${name}; expected ${expected}.` },
      ]
      const continuous = continuousOf(axis)
      if (continuous === null) {
        const all = expandAxis(name, axis).values
        return all.includes(value) ? [] : wrong(all.length <= 12 ? all.join(', ') : `one of its ${all.length} values`)
      }
      const { kind, low, high } = continuous
      const number = parseDecimal(value)
      const isWhole = kind !== 'integer' || (number !== null && number.exponent >= 0)
      const isWithin =
        number !== null &&
        compareDecimals(parseDecimal(low)!, number) <= 0 &&
        compareDecimals(number, parseDecimal(high)!) <= 0
      return isWhole && isWithin ? [] : wrong(`a ${kind === 'integer' ? 'whole ' : ''}number from ${low} to ${high}`)
    }),
  ]
}

/**
 * Lets a search have so many trainings in all: more than before, and it goes on; fewer, and it ends when what there is has ended.
 * `source`: the file that says so, where one does. Throws `invalid` where more are there already.
 */
export function setTrainings(
  context: Context,
  sweepId: number,
  { trainings, source = null }: { trainings: number; source?: string | null },
): void {
  transaction(context.database, () => {
    const sweep = requireSweep(context, sweepId)
    const searching = searchingOf(sweep.definition)
    if (searching === null) throw new SweepboardError('conflict', `${sweep.name} is a grid; it has all its trainings.`)
    if (trainings === searching.trainings) return
    refuseAfterFinalists(sweep)
    const stored = countStored(context.database, sweepId).trainings
    if (trainings < stored)
      throw new SweepboardError(
        'invalid',
        `${sweep.name} has ${stored} trainings already; expected at least ${stored}, not ${trainings}.`,
      )
    const definition: Sweep = { ...sweep.definition, search: { ...searching, trainings } }
    const { points } = searchOf(definition).size(definition)
    if (points > maximumPoints)
      throw new SweepboardError(
        'invalid',
        `${trainings} trainings are ${points} points; expected at most ${maximumPoints}.`,
      )
    updateSweep(context.database, sweepId, { definition, source })
    if (trainingsToCome(definition, stored) > 0)
      moveSweep(context.database, sweepId, ['done', 'failed'], {
        status: sweep.startedAt === null ? 'waiting' : 'running',
        finishedAt: null,
      })
  })
  notify(context, sweepId)
  context.signals.emit('work')
}
