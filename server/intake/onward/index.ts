/**
 * `track: both`: what clients log here is said to the person's own trackers as well. It is kept in a queue a client, beside the attempt's
 * events, before the client is answered, and goes from there: theirs may be gone or slow, and no training waits for it.
 */
import path from 'node:path'
import { logger } from '../../base/process/log.ts'
import type { IntakeEvent, IntakeRequest, Reply } from '../protocol.ts'
import { NotNow, Refused, type Courier } from './courier.ts'
import { mlflowCourier } from './mlflow.ts'
import { openQueue } from './queue.ts'
import type { Places } from '../../base/preparing/tracker-places.ts'
import { trackioCourier } from './trackio.ts'
import { wandbCourier } from './wandb.ts'

const log = logger('intake')

const firstPauseMilliseconds = 500
const longestPauseMilliseconds = 15_000

type Client = keyof Places
const titles: Record<Client, string> = { wandb: 'W&B', mlflow: 'MLflow', trackio: 'Trackio' }

export type Onward = {
  /** Keeps what is to be passed on of a call that was taken here. */
  take(client: Client, request: IntakeRequest, reply: Reply): void
  /** How many calls wait. */
  waiting(): number
  /** What to say of those that were never passed on. */
  end(): IntakeEvent[]
}

type About = {
  /** The attempt's folder, and that of its intake in it. */
  folder: string
  within: string
  places: Places
  run: { id: string; hexId: string; key: string }
  experimentOf: (run: string) => string
  write: (events: IntakeEvent[]) => void
}

/** Takes up what an earlier process left, and goes on with it. */
export function openOnward({ folder, within, places, run, experimentOf, write }: About): Onward {
  // the key is the attempt's own and random: no other run of theirs has what ends so
  const mark = run.key.slice(-8)
  const lines = new Map<Client, Line>()
  const open = <Call>(client: Client, courier: Courier<Call>) =>
    lines.set(client, openLine(client, courier, path.join(folder, within, `onward-${client}`), folder, write))
  if (places.wandb) open('wandb', wandbCourier(places.wandb, mark))
  if (places.mlflow) open('mlflow', mlflowCourier(places.mlflow, { id: run.hexId, name: run.id }, experimentOf))
  if (places.trackio) open('trackio', trackioCourier(places.trackio))
  return {
    take(client, { method, path: address, body }, reply) {
      if (reply.status === 200) lines.get(client)?.take({ method, path: address, text: body.toString('utf8'), reply })
    },
    waiting: () => [...lines.values()].reduce((sum, line) => sum + line.waiting(), 0),
    end: () => [...lines.values()].flatMap((line) => line.end()),
  }
}

type Line = Pick<Onward, 'waiting' | 'end'> & { take(taken: Parameters<Courier<unknown>['read']>[0]): void }

function openLine<Call>(
  client: Client,
  courier: Courier<Call>,
  file: string,
  folder: string,
  write: (events: IntakeEvent[]) => void,
): Line {
  const queue = openQueue<Call>(`${file}.jsonl`, `${file}.json`, folder)
  const told = new Set<string>()
  let busy = false
  let why = ''
  let pause = firstPauseMilliseconds
  const warning = (text: string): IntakeEvent => ({ type: 'note', level: 'warning', text })
  const tellOnce = (text: string) => {
    if (!told.has(text)) write([warning(text)])
    told.add(text)
  }

  async function go(): Promise<void> {
    if (busy) return
    busy = true
    while (queue.count() > 0) {
      try {
        const sent = await courier.send(queue.next(courier.atOnce), queue.names)
        if (sent.refused !== undefined) refuse(sent.refused)
        queue.drop(sent.count)
        pause = firstPauseMilliseconds
      } catch (error) {
        if (error instanceof Refused) {
          refuse(error.message)
          queue.drop(1)
          continue
        }
        why = (error as Error).message
        if (!(error instanceof NotNow)) log.error(`Something could not be passed on to ${titles[client]}`, error)
        await new Promise((resolve) => setTimeout(resolve, pause))
        pause = Math.min(pause * 2, longestPauseMilliseconds)
      }
    }
    busy = false
  }
  const refuse = (said: string) =>
    tellOnce(`Something was not passed on to your ${titles[client]}, which refused it: ${said}`)

  void go()
  return {
    take(taken) {
      const call = courier.read(taken)
      if (call === null) return
      if (!queue.add(call))
        tellOnce(`Your ${titles[client]} is too far behind: what is logged from here on is not passed on to it.`)
      void go()
    },
    waiting: () => queue.count(),
    end() {
      const left = queue.count()
      return left === 0
        ? []
        : [
            warning(
              `${left} calls were not passed on to your ${titles[client]} before the run ended${why && ` (${why})`}; they are here.`,
            ),
          ]
    },
  }
}
