/**
 * Tries: an evaluation or a training of a sweep that is not there yet, run once so that a person sees whether it works. Nothing of a
 * try is stored: it has no row, so nothing can score or rank it. Its slots are the scheduler's to give (Context.trySlots). Its
 * processes end with it, on *Cancel*, and with the server: the launcher ends what is `bound` when the server is gone, and the next
 * server ends what both could not. One at a time; the folders of earlier ones go when a new one begins, and with a new server.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { TryView } from '../../../contract/api/tries.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { describeTryEnd, type TryStop } from '../../../domain/life/try-end.ts'
import { noTry } from '../../../domain/life/try-slots.ts'
import type { Context } from '../../base/context.ts'
import { describeFailure } from '../../base/saying/describe-failure.ts'
import { logger } from '../../base/process/log.ts'
import { reasonInLogs } from '../../base/saying/reason-in-logs.ts'
import type { Attempt, Observation } from '../../executors/executor.ts'
import { firstSaved } from './first-saved.ts'
import { followEvents } from './follow-events.ts'
import { checkTry, prepareTry, type CheckedTry, type PreparedTry, type TryOrder } from './prepare-try.ts'
import { readTried } from './read-tried.ts'

const log = logger('tries')
const lookMilliseconds = 200
/** A launch whose launcher died is made again. */
const unclaimedMilliseconds = 3000

export type Tries = {
  /** Begins one and gives its name. Throws `invalid` with the sentence why not, or `conflict` while another goes on. */
  start(order: TryOrder): Promise<string>
  cancel(id: string): Promise<void>
  /** The newest one; null before the first. */
  view(): TryView | null
  /** Where its logs are, and whether it is over; null where there is none of that name. */
  place(id: string): { folder: string; over: boolean } | null
  /** Ends what goes on. */
  close(): void
}

type Live = {
  view: TryView
  order: TryOrder
  checked: CheckedTry
  at: Attempt
  prepared: PreparedTry | null
  events: ReturnType<typeof followEvents> | null
  stop: TryStop
  /** On the monotonic clock, in milliseconds. */
  launchedAt: number
  stopAt: number | null
  savedLook: ReturnType<typeof firstSaved> | null
}

/** Opens the tries of a data folder; what an earlier server left of its own is ended and removed. */
export function openTries(context: Context): Tries {
  const root = path.join(context.config.dataFolder, 'tries')
  const { local } = context.executors
  const killMilliseconds = context.config.killSeconds * 1000
  let live: Live | null = null
  let timer: NodeJS.Timeout | undefined
  const cleared = clearLeft()
  cleared.catch((error: unknown) => log.error('What an earlier try left cannot be removed', error))

  function attemptOf(id: string): Attempt {
    const folder = path.join(root, id)
    return { mark: `try.${id}`, folder: path.join(folder, 'run'), control: path.join(folder, 'control') }
  }

  function namesLeft(): string[] {
    try {
      return readdirSync(root)
    } catch {
      return []
    }
  }

  async function clearLeft(): Promise<void> {
    for (const id of namesLeft()) {
      const at = attemptOf(id)
      await local.abandon([at]).catch(() => [])
      while ((await local.signal([at], 'SIGKILL', null))[0]) await pause()
      rmSync(path.join(root, id), { recursive: true, force: true })
    }
  }

  const tell = () => context.signals.emit('change', { topic: 'system', sweepId: null, runId: null })

  async function look(): Promise<void> {
    if (live === null || live.view.status === 'ended') return
    try {
      if (live.view.status === 'waiting') await launchWhenFree(live)
      else await follow(live)
    } catch (error) {
      log.error('A try cannot be followed', error)
      await end(live, {
        stop: 'trouble',
        exitCode: null,
        error: `It could not be followed: ${describeFailure(error)}.`,
      })
    }
    if (!isOver(live)) timer = setTimeout(() => void look(), lookMilliseconds)
  }

  async function launchWhenFree(one: Live): Promise<void> {
    const { held } = context.trySlots
    if (one.stop !== null) return end(one, { stop: one.stop, exitCode: null, error: null })
    if (held.length < one.view.wanted) return
    one.view.slots = [...held]
    one.prepared = await prepareTry(context, one.checked, [...held], one.at)
    const { launch } = one.prepared
    one.events = followEvents(path.join(launch.folder, 'events.jsonl'), launch.folder)
    one.savedLook = firstSaved(one.checked.directory, one.prepared)
    Object.assign(one.view, { status: 'running', startedAt: Date.now(), command: launch.command })
    one.launchedAt = performance.now()
    await local.launch([launch])
    tell()
  }

  async function follow(one: Live): Promise<void> {
    const [seen] = await local.observe([one.at])
    listen(one)
    const age = performance.now() - one.launchedAt
    if (seen!.state === 'ended' || seen!.state === 'vanished') return finish(one, seen!)
    if (seen!.state === 'unclaimed') {
      if (one.stop !== null && (await local.abandon([one.at]))[0])
        return end(one, { stop: one.stop, exitCode: null, error: null })
      if (age > unclaimedMilliseconds) await local.launch([one.prepared!.launch])
    }
    // its wrapper is gone, or what it started outlives it: a try has nobody who would take that over
    if (seen!.state === 'orphaned' || (seen!.state === 'lingering' && seen!.processes.length > 0))
      await local.signal([one.at], 'SIGKILL', null)
    if (one.stop === null && age >= one.order.seconds * 1000) await stop(one, 'time')
    if (one.stop === null && one.order.untilCheckpoint && one.view.checkpoint !== null) await stop(one, 'checkpoint')
    if (one.stopAt !== null && performance.now() - one.stopAt >= killMilliseconds)
      await local.signal([one.at], 'SIGKILL', null)
  }

  /** Takes in what it has said and saved since the last look. */
  function listen(one: Live, over = false): void {
    one.events!.look()
    const { heard } = one.events!
    one.view.metrics = heard.metrics
    if (one.checked.of === 'training' && one.view.checkpoint === null) {
      const saved = heard.checkpoint === null ? one.savedLook!(over) : path.resolve(one.at.folder, heard.checkpoint)
      if (saved !== null) {
        one.view.checkpoint = saved
        tell()
      }
    }
  }

  async function stop(one: Live, why: TryStop): Promise<void> {
    one.stop = why
    one.stopAt = performance.now()
    if (one.view.status !== 'waiting') {
      one.view.status = 'stopping'
      await local.signal([one.at], 'SIGTERM', 1)
    }
    tell()
  }

  async function finish(one: Live, seen: Observation): Promise<void> {
    while (one.events!.look());
    listen(one, true)
    await end(one, {
      stop: one.stop,
      exitCode: seen.state === 'ended' ? seen.exitCode : null,
      error: seen.state === 'ended' ? seen.error : null,
    })
  }

  async function end(one: Live, how: { stop: TryStop; exitCode: number | null; error: string | null }): Promise<void> {
    if (one.prepared !== null) await local.signal([one.at], 'SIGKILL', null)
    // before what it wrote is read: that may take long, and needs none
    context.trySlots = noTry
    context.signals.emit('work')
    one.view.endedAt = Date.now()
    if (one.checked.of === 'evaluation' && how.stop === null && how.exitCode === 0) {
      one.view.status = 'reading'
      tell()
      const { wanted = [] } = one.order
      one.view.report = await readTried(one.checked, one.prepared!, one.events!.heard.evaluations, wanted)
    }
    const { of } = one.checked
    const reason = how.exitCode === 0 || one.prepared === null ? null : reasonInLogs(one.at.folder)
    one.view.end = describeTryEnd({ ...how, of, reason, seconds: one.order.seconds, checkpoint: one.view.checkpoint })
    one.view.status = 'ended'
    tell()
  }

  return {
    async start(order) {
      await cleared
      const checked = checkTry(context, order)
      if (live !== null && live.view.status !== 'ended')
        throw new SweepboardError(
          'conflict',
          `A try of ${live.view.sweepName} (its ${live.view.of}) goes on; cancel it, or wait for its end.`,
        )
      const kept = namesLeft().filter((name) => checked.checkpoint?.startsWith(path.join(root, name) + path.sep))
      for (const name of namesLeft().filter((one) => !kept.includes(one)))
        rmSync(path.join(root, name), { recursive: true, force: true })
      const id = `${Date.now().toString(36)}-${randomBytes(6).toString('hex')}`
      mkdirSync(root, { recursive: true })
      live = {
        view: {
          id,
          of: checked.of,
          sweepName: checked.definition.name,
          evaluated: checked.checkpoint,
          status: 'waiting',
          wanted: checked.slotCount,
          slots: [],
          command: null,
          startedAt: null,
          endedAt: null,
          seconds: order.seconds,
          untilCheckpoint: order.untilCheckpoint ?? false,
          end: null,
          checkpoint: null,
          metrics: [],
          report: null,
        },
        order,
        checked,
        at: attemptOf(id),
        prepared: null,
        events: null,
        stop: null,
        launchedAt: 0,
        stopAt: null,
        savedLook: null,
      }
      context.trySlots = { wanted: checked.slotCount, held: [] }
      context.signals.emit('work')
      tell()
      timer = setTimeout(() => void look(), checked.slotCount === 0 ? 0 : lookMilliseconds / 4)
      return id
    },
    async cancel(id) {
      if (live?.view.id !== id) throw new SweepboardError('not-found', `There is no try ${id}.`)
      if (live.view.status === 'ended' || live.view.status === 'reading') return
      await stop(live, 'cancelled')
    },
    view: () => live && { ...live.view },
    place: (id) => (live?.view.id === id ? { folder: live.at.folder, over: live.view.status === 'ended' } : null),
    close() {
      clearTimeout(timer)
      context.trySlots = noTry
      if (live?.prepared && live.view.status !== 'ended') void local.signal([live.at], 'SIGTERM', 1)
    },
  }
}

const isOver = ({ view }: Live) => view.status === 'ended'

const pause = () => new Promise((resolve) => setTimeout(resolve, 20))
