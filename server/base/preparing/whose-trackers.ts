/** Where the clients of a training log: to its intake, to what a person has set up for them, or both. */
import { homedir } from 'node:os'
import path from 'node:path'
import { executorOf } from '../../../domain/sweep/executor.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import { chooseTracking, trackingIn, type OwnTracking, type TrackedClient } from '../../../domain/sweep/track.ts'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import type { Environment } from '../../formats/environment.ts'
import { placesIn, type Places } from './tracker-places.ts'

/** The clients that log to the intake of a training with this environment, and sentences for those that do not, or not only. */
export function clientsOf(definition: Sweep, environment: Environment): { clients: TrackedClient[]; said: string[] } {
  // whoever starts an agent has pointed W&B's client here
  const login = executorOf(definition, 'training') === 'agents' ? [] : loginOf(environment)
  const own = [...trackingIn(environment), ...login]
  const reachable = Object.entries(trackerPlaces(definition, environment)).map(([client, { address }]) => [
    client,
    address,
  ])
  return chooseTracking(definition.track, own, Object.fromEntries(reachable))
}

/** Who is told what clients log here: nobody, but where the sweep file says `track: both`. Holds the keys of their servers. */
export function trackerPlaces({ track }: Pick<Sweep, 'track'>, environment: Environment): Places {
  return track === 'both' ? placesIn(environment, netrcOf(environment).text) : {}
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
