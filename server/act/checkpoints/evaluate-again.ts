/** Evaluating checkpoints again, with other benchmarks or more samples a question, whatever their sweeps' state. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { transaction } from '../../../db/client.ts'
import { listCheckpointPoints } from '../../../db/queries/points.ts'
import { findAnyJob, findJob, insertJobs, type JobRow } from '../../../db/queries/jobs.ts'
import { lastEvaluationNumber, listSeeds } from '../../../db/queries/repeat-evaluations.ts'
import type { CheckpointRow } from '../../../db/queries/checkpoints.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { benchmarkNames } from '../../../contract/trainer-settings.ts'
import { type AgainSettings, benchmarkName } from '../../../domain/score/again.ts'
import { milestoneAxisName, milestoneUnit } from '../../../domain/sweep/axes/axes.ts'
import { trainerConfig } from '../../../domain/sweep/commands/commands.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { maximumPoints } from '../../../domain/sweep/sweep.ts'
import type { AgainOptionsView } from '../../../contract/api/repeats.ts'
import { notify, type Context } from '../../base/context.ts'
import { baselineOf } from '../../base/finding/baseline-of.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { runTitle } from '../../base/finding/run-home.ts'
import { checkpointName, requireCheckpoint } from '../../base/finding/find-checkpoint.ts'
import { hasEvaluation } from './record-checkpoint.ts'

type Origin = { checkpoint: CheckpointRow; run: JobRow; sweep: SweepRow }

function originOf(context: Context, id: number): Origin {
  const checkpoint = requireCheckpoint(context, id)
  const run = findJob(context.database, checkpoint.runId)
  if (!run)
    throw new SweepboardError(
      'conflict',
      `The ${checkpointName(checkpoint)} of ${runTitle(context, findAnyJob(context.database, checkpoint.runId)!)} cannot be evaluated again: no sweep says how. A sweep that starts from it evaluates what comes of it; \`baseline: { measure: ${checkpoint.path ?? 'PATH'} }\` in its file evaluates this one.`,
    )
  return { checkpoint, run, sweep: requireSweep(context, run.sweepId) }
}

/** Why a checkpoint cannot be evaluated again, as a sentence's end; null where it can. */
function whyNot({ checkpoint, sweep }: Origin): string | null {
  if (sweep.origin === 'imported') return 'its figures were imported, and there is no model of it here'
  if (sweep.deletedAt !== null) return 'its sweep was deleted'
  if (!hasEvaluation(sweep))
    return 'its sweep has no evaluation of its own: its trainings report their results themselves'
  if (checkpoint.path === null) return 'there are no files of it here'
  if (existsSync(checkpoint.path)) return null
  return checkpoint.removedAt === null ? `its files are not at ${checkpoint.path}` : 'a keep rule deleted its files'
}

/** What a dialog offers for these checkpoints. Nothing is changed. */
export function describeAgainOptions(context: Context, ids: number[]): AgainOptionsView {
  const asked = [...new Set(ids)].map((id) => requireCheckpoint(context, id))
  const runs = new Map(asked.map(({ runId }) => [runId, findAnyJob(context.database, runId)!]))
  const origins = asked.filter(({ runId }) => runs.get(runId)!.sweepId !== null).map(({ id }) => originOf(context, id))
  const own = asked.filter(({ runId }) => runs.get(runId)!.sweepId === null)
  const able = origins.filter((origin) => whyNot(origin) === null)
  const builtIn = able.filter(({ sweep }) => sweep.definition.trainer !== undefined)
  const offered = new Map<string, string>()
  for (const { sweep, run } of builtIn) {
    const configured = trainerConfig(sweep.definition, run.params).benchmarks
    const names = Array.isArray(configured) ? configured.map(String) : benchmarkNames
    for (const name of names) offered.set(benchmarkName(name), absolute(sweep, name))
  }
  const chosen = [...offered.keys()]
  if (builtIn.length > 0) for (const name of benchmarkNames) if (!offered.has(name)) offered.set(name, name)
  return {
    checkpoints: [
      ...origins.map((origin) => ({
        id: origin.checkpoint.id,
        name: checkpointName(origin.checkpoint),
        runTitle: runTitle(context, origin.run),
        builtIn: origin.sweep.definition.trainer !== undefined,
        pausedSweep: origin.sweep.status === 'paused' ? origin.sweep.name : null,
        why: whyNot(origin),
      })),
      ...own.map((checkpoint) => ({
        id: checkpoint.id,
        name: checkpointName(checkpoint),
        runTitle: runTitle(context, runs.get(checkpoint.runId)!),
        builtIn: false,
        pausedSweep: null,
        why: 'it is of a run of its own: no sweep says how to evaluate it',
      })),
    ],
    benchmarks: [...offered].map(([name, value]) => ({ name, value, own: chosen.includes(name) })),
    scored: [...new Set(builtIn.flatMap(({ sweep }) => Object.keys(baselineOf(context, sweep).accuracies)))],
  }
}

/** What the built-in trainer's own evaluation of these checkpoints asks. */
export function benchmarksToSample(context: Context, checkpointIds: number[]): string[] {
  const { benchmarks } = describeAgainOptions(context, checkpointIds)
  return benchmarks.filter(({ own }) => own).map(({ value }) => value)
}

/** At 0 all samples of a question are the same. */
export const usualTemperature = 0.6

/** A benchmark's file as the sweep names it: relative paths start from the sweep's folder. */
function absolute(sweep: SweepRow, benchmark: string): string {
  return benchmark.endsWith('.jsonl') ? path.resolve(sweep.directory, benchmark) : benchmark
}

/**
 * Queues an evaluation of each checkpoint, to run on free slots beside everything else; gives their jobs. Each draws random
 * numbers of its own, so that several of one checkpoint can be taken together.
 * Throws `invalid` for settings that make no sense and checkpoints that cannot be evaluated; then nothing is queued.
 */
export function evaluateAgain(
  context: Context,
  input: { checkpointIds: number[]; benchmarks: string[]; samples: number; temperature: number },
): { jobIds: number[] } {
  const { database } = context
  const { samples, temperature } = input
  if (temperature === 0 && samples > 1) {
    const message = `At temperature 0 all ${samples} samples of a question are the same. Expected 1 sample, or a temperature above 0.`
    throw new SweepboardError('invalid', message, [{ path: ['samples'], message }])
  }
  const origins = [...new Set(input.checkpointIds)].map((id) => originOf(context, id))
  for (const origin of origins) {
    const why = whyNot(origin)
    if (why === null) continue
    const name = `${checkpointName(origin.checkpoint)} of ${origin.sweep.name}, run ${origin.run.number}`
    throw new SweepboardError('invalid', `${name} cannot be evaluated: ${why}.`)
  }
  const jobIds = transaction(database, () => {
    const numbers = new Map<number, number>()
    const jobs = origins.map(({ checkpoint, run, sweep }) => {
      const { definition } = sweep
      // a search may add points, whose evaluations have their numbers
      const last = numbers.get(sweep.id) ?? Math.max(maximumPoints, lastEvaluationNumber(database, sweep.id))
      numbers.set(sweep.id, last + 1)
      const builtIn = definition.trainer !== undefined
      const again: AgainSettings = {
        benchmarks: builtIn ? requireBenchmarks(sweep, input.benchmarks) : [],
        samples,
        temperature,
        seed: Math.max(0, ...listSeeds(database, run.id, checkpoint.id)) + 1,
      }
      return {
        sweepId: sweep.id,
        kind: 'evaluation' as const,
        number: last + 1,
        runId: run.id,
        checkpointId: checkpoint.id,
        params: paramsOf(context, { checkpoint, run, sweep }),
        status: 'waiting' as const,
        slotCount: definition.evaluate?.gpus ?? 1,
        readyAt: Date.now(),
        again,
      }
    })
    return insertJobs(database, jobs).map((job) => job.id)
  })
  for (const { run, sweep } of origins) notify(context, sweep.id, run.id)
  context.signals.emit('work')
  return { jobIds }
}

/** The benchmarks as the trainer takes them. Throws `invalid` for none, and for a file that is not there. */
function requireBenchmarks(sweep: SweepRow, benchmarks: string[]): string[] {
  const refuse = (message: string) => new SweepboardError('invalid', message, [{ path: ['benchmarks'], message }])
  if (benchmarks.length === 0) throw refuse('No benchmark is chosen. Expected at least one.')
  const found = [...new Set(benchmarks.map((benchmark) => absolute(sweep, benchmark.trim())))]
  for (const benchmark of found) {
    if (benchmarkNames.includes(benchmark)) continue
    const expected = `${benchmarkNames.join(', ')} or the path of a .jsonl file`
    if (!benchmark.endsWith('.jsonl')) throw refuse(`The benchmark ${benchmark} is unknown. Expected ${expected}.`)
    if (!existsSync(benchmark)) throw refuse(`There is no file ${benchmark}. Expected ${expected}.`)
  }
  const names = found.map(benchmarkName)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw refuse(`Two of the benchmarks are called ${twice}. Expected each name once.`)
  return found
}

/** What stands for the axes in the command: the point's values, else the run's with the checkpoint's own step or epoch. */
function paramsOf(context: Context, { checkpoint, run, sweep }: Origin): Record<string, string> {
  const point = listCheckpointPoints(context.database, checkpoint.id)[0]
  if (point) return point.params
  const axis = milestoneAxisName(sweep.definition.axes)
  if (axis === null) return run.params
  const reached = milestoneUnit(axis) === 'epoch' ? checkpoint.epoch : checkpoint.step
  return reached === null ? run.params : { ...run.params, [axis]: String(reached) }
}
