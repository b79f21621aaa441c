/** What an attempt's intake takes in, and what the attempt's environment holds for it. */
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import type { Job } from '../../../contract/trainer.ts'
import { followedFiles } from '../../../domain/sweep/commands/commands.ts'
import type { Launch } from '../../executors/executor.ts'
import type { Environment } from '../../formats/environment.ts'
import { clientEnvironment } from '../../intake/client-environment.ts'
import type { Places } from '../../base/preparing/tracker-places.ts'
import { runIds } from '../../intake/run-ids.ts'
import { clientsOf } from '../../base/preparing/whose-trackers.ts'

/** Decides for one training; null where the sweep file says `track: none`. */
export function describeTracking(
  { definition, directory }: Pick<SweepRow, 'definition' | 'directory'>,
  params: Record<string, string>,
  runId: number,
  environment: Environment,
): Job['track'] {
  if (definition.track === 'none') return null
  const files = followedFiles(definition, params, runId).map((file) => path.resolve(directory, file))
  return { ...clientsOf(definition, environment), files }
}

/** What starts the intake, a folder that TensorBoard's writers may be pointed at, and the door that clients find. */
export function intakeOf(
  folder: string,
  job: Pick<Job, 'run' | 'attempt'>,
  track: NonNullable<Job['track']>,
  given: Environment,
  places: Places,
): { environment: Record<string, string>; door: NonNullable<Launch['door']> } {
  // W&B's client takes no key of fewer than 40 letters and digits
  const key = `local-${randomBytes(20).toString('hex')}`
  const tensorBoard = path.join(folder, 'tensorboard')
  // files are followed from before the command's start, and what is said of trackers is said then
  const atOnce = track.files.length > 0 || track.said.length > 0
  const run = { ...runIds(String(job.run), String(job.attempt)), key, address: 'http://127.0.0.1:{port}' }
  return {
    environment: {
      SWEEPBOARD_INTAKE: process.execPath,
      SWEEPBOARD_INTAKE_KEY: key,
      SWEEPBOARD_TENSORBOARD: tensorBoard,
      ...(atOnce ? { SWEEPBOARD_INTAKE_FIRST: '1' } : {}),
      ...(Object.keys(places).length > 0 ? { SWEEPBOARD_INTAKE_ONWARD: JSON.stringify(places) } : {}),
    },
    door: { variables: clientEnvironment(track.clients, run, given), tensorBoard, atOnce },
  }
}
