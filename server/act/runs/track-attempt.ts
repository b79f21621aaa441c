/** What an attempt's intake takes in, and what the attempt's environment holds for it. */
import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import path from 'node:path'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import type { Job } from '../../../contract/trainer.ts'
import { followedFiles } from '../../../domain/sweep/commands/commands.ts'
import { executorOf } from '../../../domain/sweep/executor.ts'
import { chooseTracking, trackingIn, type OwnTracking } from '../../../domain/sweep/track.ts'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import type { Launch } from '../../executors/executor.ts'
import type { Environment } from '../../formats/environment.ts'
import { clientEnvironment } from '../../intake/client-environment.ts'
import { placesIn, type Places } from '../../intake/onward/places.ts'
import { runIds } from '../../intake/run-ids.ts'

/** Decides for one training; null where the sweep file says `track: none`. */
export function describeTracking(
  { definition, directory }: Pick<SweepRow, 'definition' | 'directory'>,
  params: Record<string, string>,
  runId: number,
  environment: Environment,
): Job['track'] {
  if (definition.track === 'none') return null
  // whoever starts an agent has pointed W&B's client here
  const login = executorOf(definition, 'training') === 'agents' ? [] : loginOf(environment)
  const own = [...trackingIn(environment), ...login]
  const files = followedFiles(definition, params, runId).map((file) => path.resolve(directory, file))
  const reachable = Object.entries(placesOf(definition, environment)).map(([client, { address }]) => [client, address])
  return { ...chooseTracking(definition.track, own, Object.fromEntries(reachable)), files }
}

/** Who is told what clients log here: nobody, but where the sweep file says `track: both`. Holds the keys of their servers. */
export function placesOf({ track }: SweepRow['definition'], environment: Environment): Places {
  return track === 'both' ? placesIn(environment, netrcOf(environment).text) : {}
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

/** A login of W&B's client that is kept in a file. */
function loginOf(environment: Environment): OwnTracking[] {
  const { file, text } = netrcOf(environment)
  return /machine\s+\S*wandb\S*/.test(text) ? [{ client: 'wandb', by: file }] : []
}

function netrcOf(environment: Environment): { file: string; text: string } {
  const file = environment.NETRC || path.join(environment.HOME || homedir(), '.netrc')
  return { file, text: textOf(file) }
}

function textOf(file: string): string {
  try {
    return readWholeFile(file, 'anywhere', 1 << 20) ?? ''
  } catch {
    return ''
  }
}
