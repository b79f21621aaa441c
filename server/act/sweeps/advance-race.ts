/** Lets a sweep whose evaluations race go on: rungs for points that may still win, an end for those that cannot. */
import { transaction } from '../../../db/client.ts'
import { listEvaluations, type EvaluationRow } from '../../../db/queries/checkpoints.ts'
import { listPointsByIds } from '../../../db/queries/point-parts.ts'
import { listRacePoints, moveRacePoint, type RacePointRow } from '../../../db/queries/rungs.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { type Racer, type RaceRules, stepsOfRace } from '../../../domain/score/race.ts'
import { scoringOf } from '../../../domain/sweep/scoring.ts'
import { baselineOf } from '../../base/finding/baseline-of.ts'
import { notify, type Context } from '../../base/context.ts'
import { countStored } from '../../../db/queries/points.ts'
import { trainingsToCome } from '../../../domain/search/propose.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { startRung } from '../checkpoints/race-rungs.ts'
import { scorePoint } from '../checkpoints/score-point.ts'

/**
 * Decides by what is stored now and stores what comes of it, in one transaction: asked twice, or by a server after one that was killed,
 * it finds nothing left to do. Of a sweep that is paused the rungs wait as its other jobs do. Gives whether anything came of it.
 */
export function advanceRace(context: Context, sweepId: number): boolean {
  const sweep = requireSweep(context, sweepId)
  if (sweep.race === null || !['waiting', 'running', 'paused'].includes(sweep.status)) return false
  const changed = transaction(context.database, () => {
    const rows = listRacePoints(context.database, sweepId)
    const rules = rulesOf(context, sweep)
    const isToCome =
      rows.some(isComing) || trainingsToCome(sweep.definition, countStored(context.database, sweepId).trainings) > 0
    const steps = stepsOfRace(rules, racersOf(context, rules, rows), isToCome)
    for (const step of steps) {
      const row = rows.find(({ number }) => number === step.number)!
      if (step.step === 'stop') giveUp(context, sweep, row)
      else goOn(context, sweep, row, step.step === 'next' ? (row.answered ?? 0) + 1 : rules.plan.rungs.length)
    }
    return steps.length > 0
  })
  if (changed) {
    notify(context, sweepId)
    context.signals.emit('work')
  }
  return changed
}

const isComing = ({ status }: RacePointRow) => status === 'waiting' || status === 'training'

/** A baseline that was changed meanwhile may have benchmarks that nobody planned to ask: of those that it has the race is. */
function rulesOf(context: Context, sweep: SweepRow): RaceRules {
  const plan = sweep.race!
  const planned = Object.entries(baselineOf(context, sweep).accuracies).filter(([name]) =>
    plan.rungs.every((rung) => Object.hasOwn(rung, name)),
  )
  return { aggregate: scoringOf(sweep.definition).aggregate, baseline: Object.fromEntries(planned), plan }
}

function racersOf(context: Context, rules: RaceRules, rows: readonly RacePointRow[]): Racer[] {
  const there = rows.filter(({ status }) => status === 'evaluating' || status === 'scored')
  const checkpointIds = there.flatMap(({ checkpointId }) => checkpointId ?? [])
  const results = Map.groupBy(listEvaluations(context.database, checkpointIds), ({ checkpointId }) => checkpointId)
  return there.map((row) => ({
    number: row.number,
    rungs: row.status === 'scored' && row.asked === null ? rules.plan.rungs.length : (row.answered ?? 0),
    counts: countsOf(rules, results.get(row.checkpointId!) ?? []),
    state: row.status === 'evaluating' ? 'racing' : row.asked === null ? 'finished' : 'stopped',
    working: row.jobStatus !== null && ['waiting', 'starting', 'running'].includes(row.jobStatus),
    toItsEnd: row.toItsEnd === 1,
  }))
}

function countsOf({ baseline }: RaceRules, results: readonly EvaluationRow[]): Racer['counts'] {
  const names = Object.keys(baseline)
  const counts = results.flatMap(({ benchmark, correct, total }) =>
    Object.hasOwn(baseline, benchmark) && correct !== null && total !== null && total > 0
      ? [[benchmark, { correct, total }] as const]
      : [],
  )
  return names.length > 0 && counts.length === names.length ? Object.fromEntries(counts) : null
}

function goOn(context: Context, sweep: SweepRow, row: RacePointRow, rung: number): void {
  const [point] = listPointsByIds(context.database, [row.id])
  const job = startRung(context, sweep, point!, row.checkpointId!, rung)
  const nothing = { score: null, intervalLow: null, intervalHigh: null, chanceOfBest: null, tiedWithBest: false }
  moveRacePoint(context.database, row.id, row.status, {
    status: 'evaluating',
    evaluationJobId: job.id,
    asked: null,
    error: null,
    // what it had was of some of its questions
    ...(row.status === 'scored' ? { ...nothing, scoredAt: null } : {}),
  })
}

/** Its score is that of the questions that it was asked. */
function giveUp(context: Context, sweep: SweepRow, row: RacePointRow): void {
  const [point] = listPointsByIds(context.database, [row.id])
  const evaluations = listEvaluations(context.database, [row.checkpointId!])
  const asked = evaluations.reduce((sum, { total }) => sum + (total ?? 0), 0)
  if (!moveRacePoint(context.database, row.id, 'evaluating', { asked })) return
  scorePoint(context, sweep, point!, { final: true, evaluations })
}
