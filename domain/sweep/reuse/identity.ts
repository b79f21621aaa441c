/**
 * What makes two trainings the same: then the second need not run. And two evaluations of one checkpoint. Everything that reaches the
 * program is in it, as literals; what differs from run to run without a meaning of its own (its number, its slots) stands for itself.
 */
import { evaluationCommand, initPath, trainerConfig, trainingCommand } from '../commands/commands.ts'
import { measurementParams } from '../measured-baseline.ts'
import type { Sweep } from '../sweep.ts'

type Place = { directory: string; params: Readonly<Record<string, string>> }

/** A text that two trainings share exactly when they are told the same in the same folder. The state of their scripts is not in it. */
export function trainingIdentity(sweep: Sweep, { directory, params }: Place): string {
  const runtime = { run: Number.NaN, slots: ['${gpu}'], init: initPath(sweep, params) }
  const command = trainingCommand(sweep, params, runtime)
  return JSON.stringify({
    directory,
    // they reach every trainer in its job file, also where no argument names them
    params: sortedEntries(params),
    arguments: command?.arguments ?? null,
    environment: sortedEntries(command?.environment ?? sweep.train?.env ?? {}),
    trainer: sweep.trainer ?? null,
    config: sweep.trainer === undefined ? null : sortedEntries(trainerConfig(sweep, params)),
    init: runtime.init,
  })
}

/**
 * The same of an evaluation: of the same checkpoint, by the same command, read in the same way. A key of the report that was mended makes
 * it another one.
 */
export function evaluationIdentity(sweep: Sweep, { directory, params }: Place): string {
  const runtime = { run: Number.NaN, slots: ['${gpu}'], init: initPath(sweep, params) }
  const command = evaluationCommand(sweep, params, { ...runtime, checkpoint: '${checkpoint}', report: '${report}' })
  return JSON.stringify({
    directory,
    arguments: command?.arguments ?? null,
    environment: sortedEntries(command?.environment ?? sweep.evaluate?.env ?? {}),
    trainer: sweep.trainer ?? null,
    config: sweep.trainer === undefined ? null : sortedEntries(sweep.config ?? {}),
    report: command === null ? null : sortedEntries(sweep.evaluate!.report),
  })
}

/** What a measured baseline is of: `identity` of the evaluation, the checkpoint's real path, and its state when it was measured. */
export type Measured = { identity: string; checkpoint: string; state: string }

/** The evaluation that measures a baseline: as `evaluationIdentity`, of no point. */
export function measurementIdentity(sweep: Sweep, directory: string): string {
  return evaluationIdentity(sweep, { directory, params: measurementParams(sweep) })
}

function sortedEntries(values: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}
