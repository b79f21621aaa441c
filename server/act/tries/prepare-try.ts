/** From what a person wants to try to a process that can be started, or to the sentences that say why it cannot. */
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { listScoredAtPaths } from '../../../db/queries/lineage.ts'
import { listActiveSweeps } from '../../../db/queries/sweeps.ts'
import { SweepboardError, type Issue } from '../../../domain/errors.ts'
import type { Traces } from '../../../domain/life/traces.ts'
import {
  checkpointTemplate,
  initPath,
  portsOf,
  reportPlaces,
  type ReportPlace,
} from '../../../domain/sweep/commands/commands.ts'
import { questionsIssues, takesQuestions } from '../../../domain/sweep/race-questions.ts'
import { executorNameOf } from '../../../domain/sweep/executor.ts'
import { isOfThePart, partToTry, type TriedPart } from '../../../domain/sweep/commands/part-to-try.ts'
import { placeholdersOf, substitute } from '../../../domain/sweep/commands/placeholders.ts'
import { tellingPlan, type Plan } from '../../../domain/sweep/plan.ts'
import { isPattern, sharedPathIssues } from '../../../domain/sweep/commands/shared-paths.ts'
import type { Sweep, SweepInput } from '../../../domain/sweep/sweep.ts'
import { replaceFile } from '../../attempt-files/write-file.ts'
import type { Context } from '../../base/context.ts'
import { filesAt } from '../../base/evaluation-files/own-reports.ts'
import { prepareSweep } from '../../base/preparing/prepare-sweep.ts'
import { allPlaces, writeQuestions } from '../checkpoints/questions-file.ts'
import { tracesOf } from '../../base/evaluation-files/traces.ts'
import type { Attempt, Launch } from '../../executors/executor.ts'
import { describeAttempt } from '../runs/describe-attempt.ts'

export type TryOrder = {
  of: TriedPart
  /** The sweep as the form has it, whole or not. */
  definition: unknown
  directory?: string | undefined
  /** What an evaluation evaluates: a path, from the sweep's folder where it is no absolute one. */
  checkpoint?: string | undefined
  /** It is stopped after so long. */
  seconds: number
  /** A training is stopped at its first checkpoint, too. */
  untilCheckpoint?: boolean | undefined
  /** Benchmarks that the sweep's baseline names. */
  wanted?: string[] | undefined
}

/** A try that may be started: checked, and nothing of it stored. */
export type CheckedTry = {
  of: TriedPart
  definition: Sweep
  directory: string
  /** The first point's, and the first training's. */
  params: Record<string, string>
  milestone: string | null
  checkpoint: string | null
  slotCount: number
}

/** Throws `invalid` with every sentence that stands against it. */
export function checkTry(context: Context, order: TryOrder): CheckedTry {
  const { of } = order
  const given = { definition: partToTry(order.definition, of) as SweepInput, directory: order.directory }
  const { definition, directory, issues } = prepareSweep(context, given)
  // what only two points together do wrong does not stand against trying one
  const ofPairs = new Set(definition === null ? [] : sharedPathIssues(definition).map(({ message }) => message))
  const against = issues.filter((issue) => isOfThePart(issue, of) && !ofPairs.has(issue.message))
  if (definition === null || against.length > 0) throw refused(of, definition === null ? issues : against)
  const { points, runs } = tellingPlan(definition)
  const checkpoint = of === 'evaluation' ? path.resolve(directory, order.checkpoint?.trim() ?? '') : null
  const slotCount = definition[of === 'training' ? 'train' : 'evaluate']?.gpus ?? 1
  const sentence =
    checkpoint !== null
      ? evaluationProblem(definition, order.checkpoint?.trim() ?? '', checkpoint)
      : trainingProblem(context, definition, directory, points)
  const problem =
    executorNameOf(definition, of) !== 'local'
      ? `The ${of} runs on ${executorNameOf(definition, of)}, and a try runs on this machine alone.`
      : sentence
  if (problem !== null) throw new SweepboardError('invalid', problem)
  return {
    of,
    definition,
    directory,
    params: of === 'training' ? runs[0]!.params : points[0]!.params,
    milestone: points[0]!.milestone,
    checkpoint,
    slotCount,
  }
}

function refused(of: TriedPart, issues: Issue[]): SweepboardError {
  return new SweepboardError(
    'invalid',
    `The ${of} cannot be tried: ${issues[0]?.message ?? 'it cannot be read.'}`,
    issues,
  )
}

function evaluationProblem(definition: Sweep, typed: string, checkpoint: string): string | null {
  if (definition.trainer === undefined && definition.evaluate?.command === undefined)
    return 'There is no evaluation command yet: expected one, e.g. bash scripts/eval.sh ${checkpoint} ${report}.'
  const [unknown] = takesQuestions(definition) ? questionsIssues(definition) : []
  if (unknown !== undefined) return unknown.message
  if (typed === '') return 'An evaluation is tried on a checkpoint; expected the path of one that is there.'
  return existsSync(checkpoint)
    ? null
    : `There is no checkpoint at ${checkpoint}; expected the path of one that is there.`
}

/** A try writes where the first training would: over nothing that counts. */
function trainingProblem(
  context: Context,
  definition: Sweep,
  directory: string,
  points: Plan['points'],
): string | null {
  const { checkpoint: template, train } = definition
  if (definition.trainer !== undefined) return null
  if (template !== undefined && !isPattern(template) && !namesRun([template])) {
    const paths = points
      .filter(({ runNumber }) => runNumber === 1)
      .map(({ params }) => {
        const { values } = checkpointTemplate(definition, params, { run: 0, init: initPath(definition, params) })!
        return path.resolve(directory, substitute(template, values))
      })
    const found = listScoredAtPaths(context.database, paths).find((point) => existsSync(point.path))
    if (found !== undefined)
      return `It would write over ${found.path}, and point ${found.pointNumber} of sweep ${found.sweepId} (${found.sweepName}) rests on it. Expected a place of its own, e.g. with \${run} in the path.`
  }
  const rival = listActiveSweeps(context.database).find(
    (sweep) =>
      sweep.directory === directory &&
      !namesRun(train!.command!) &&
      JSON.stringify(sweep.definition.train?.command) === JSON.stringify(train!.command),
  )
  return rival === undefined
    ? null
    : `Sweep ${rival.id} (${rival.name}) runs the same command in ${directory}, and both might write to the same files. Try it when that has ended, or with \${run} in its paths.`
}

function namesRun(templates: readonly string[]): boolean {
  return templates.some((template) => placeholdersOf(template).some(({ name }) => name === 'run'))
}

/** What a checked try is launched with, and what stood where it will write. */
export type PreparedTry = {
  launch: Launch
  before: Traces
  reports: ReportPlace[]
  /** Where the first checkpoint of a training is to stand, where the sweep says. */
  saves: { template: string; values: Record<string, string> } | null
}

/** Makes the folders of a try that has its slots. A try is run 0: no other is. */
export async function prepareTry(
  context: Context,
  checked: CheckedTry,
  slots: string[],
  at: Attempt,
): Promise<PreparedTry> {
  const { of, definition, directory, params, milestone, checkpoint } = checked
  mkdirSync(at.control, { recursive: true })
  mkdirSync(at.folder, { recursive: true })
  const ports = await context.executors.local.freePorts(portsOf(definition, of), new Set())
  const report = path.join(at.folder, 'report.json')
  const evaluation =
    checkpoint === null ? null : { checkpoint, step: Number(milestone ?? 0), epoch: null, report, again: null }
  const places = of === 'evaluation' && takesQuestions(definition) ? allPlaces(definition) : null
  const questions = places && writeQuestions(at.folder, places)
  const { job, launch } = describeAttempt(context, {
    sweep: { id: 0, name: definition.name, definition, directory },
    kind: of,
    run: 0,
    attempt: 1,
    params,
    isMeasurement: false,
    executor: 'local',
    slots,
    slotCount: checked.slotCount,
    ports,
    at,
    resume: null,
    evaluation,
    again: null,
    questions,
  })
  replaceFile(path.join(at.folder, 'job.json'), `${JSON.stringify(job, null, 2)}\n`)
  const runtime = { run: 0, slots, ports, init: job.init }
  const reports =
    checkpoint === null || definition.evaluate?.command === undefined
      ? []
      : reportPlaces(definition, params, { ...runtime, checkpoint, report, questions })
  const first = tellingPlan(definition).points[0]!.params
  const saves = of === 'training' ? checkpointTemplate(definition, first, runtime) : null
  return {
    launch: { ...launch, bound: true },
    before: tracesOf(
      [...reports, ...(saves === null ? [] : [{ ...saves, benchmark: null }])].flatMap((place) => {
        const found = filesAt(directory, place)
        return typeof found === 'string' ? [] : found
      }),
    ),
    reports,
    saves,
  }
}
