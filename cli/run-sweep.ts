/** One sweep from its definition to its end, in this process or on a server. */
import { isSweepFinished } from '../domain/life/run-status.ts'
import { searchingOf } from '../domain/sweep/searching.ts'
import type { Sweep } from '../domain/sweep/sweep.ts'
import type { ListedPoint } from '../contract/api/points.ts'
import type { Preview, SweepDetail, WholeSweep } from '../contract/api/sweeps.ts'
import { SweepboardError } from '../domain/errors.ts'
import type { Host, How, SweepText } from './host.ts'
import { type ProgressView, progressView } from './progress.ts'
import type { Signals } from './signals.ts'
import { plural } from '../domain/words.ts'
import { paramsText, printable, sweepProgressWords } from './text.ts'

export type SweepRun = {
  /** How it stands in the end, every point included. */
  sweep: WholeSweep
  /** A signal came before it had nothing left to do. */
  interrupted: boolean
}

/**
 * Runs a sweep that was found to be in order, or goes on with the one of the same definition, and shows it until it has
 * nothing left to do or is interrupted. null: stopped before anything was started.
 */
export async function runSweep(
  host: Host,
  file: SweepText,
  given: {
    how: How
    /** What was found of it: the sweep that it goes on with, and what another need not repeat. */
    there: Pick<Preview, 'same' | 'reuse' | 'finalists'>
    definition: Sweep
    terminal: string | undefined
    signals: Signals
  },
): Promise<SweepRun | null> {
  const { signals } = given
  const same = given.how.reuse ? (given.there.same?.id ?? null) : null
  if (signals.seen()) return null
  const id = same ?? (await host.create(file, given.how))
  const searching = searchingOf(given.definition)
  // a search of the same file goes on with as many trainings as it says now
  if (same !== null && searching !== null) await host.setTrainings(same, searching.trainings, file)
  if (same !== null) await host.setBudget(same, given.definition.budget?.gpu_hours ?? null, file)
  const view = progressView(process.stderr, given.terminal)
  const before = await host.sweep(id)
  const name = printable(before.name)
  const points = plural(before.counts.points, 'point')
  if (same === null) {
    const plan = `${plural(before.counts.trainings, 'training')}, ${points}`
    view.say(`${name}: ${plan}; ${host.slots}; ${host.place}`)
    if (given.there.finalists !== null) view.say(given.there.finalists)
    for (const note of given.there.reuse) view.say(printable(note))
    if (given.there.reuse.length > 0) view.say('--new does everything afresh.')
    if (view.tellsPoints) view.skip(await endedPoints(host, before))
  } else {
    view.say(`${name} goes on: ${sweepProgressWords(before)}; ${host.place}`)
    if (view.tellsPoints) view.skip(await endedPoints(host, before))
    await goOn(host, before)
  }
  const interrupted = await follow(host, id, view, signals)
  const sweep = await host.outcome(id)
  tellWhatIsMissing(sweep)
  return { sweep, interrupted }
}

/** Puts what failed back in the queue and lets a paused sweep go on; one that runs, or is done, is left as it is. */
async function goOn(host: Host, sweep: SweepDetail): Promise<void> {
  if (sweep.status !== 'paused' && sweep.status !== 'failed' && sweep.status !== 'cancelled') return
  await host.retry(sweep.id)
  // a sweep that is paused with nothing failed has nothing to retry
  if ((await host.sweep(sweep.id)).status === 'paused') await host.resume(sweep.id)
}

/** Throws where nothing more would ever start; what runs is waited for before. */
export async function stopWhereHalted(host: Host, view: ProgressView): Promise<void> {
  const halted = await host.halted()
  if (halted === null) return
  view.end()
  throw new SweepboardError('conflict', halted)
}

/** Shows the sweep until it has nothing left to do, or is paused. Gives whether a signal came first. */
async function follow(host: Host, id: number, view: ProgressView, signals: Signals): Promise<boolean> {
  let toldFinalists = (await host.sweep(id)).finalists?.way ?? null
  for (;;) {
    const startedAt = performance.now()
    const sweep = await host.sweep(id)
    const { way = null, words = '' } = sweep.finalists ?? {}
    if (way !== toldFinalists) view.say(words)
    toldFinalists = way
    view.show(sweep, view.tellsPoints ? await endedPoints(host, sweep) : [])
    const ended = isSweepFinished(sweep.status) || sweep.status === 'paused'
    if (ended && sweep.slotsHeld === 0) break
    if (sweep.slotsHeld === 0) await stopWhereHalted(host, view)
    const next = Promise.all([host.changed(id), pausedFor(performance.now() - startedAt)])
    if ((await Promise.race([next, signals.first])) !== true) continue
    view.end()
    console.error(host.interruption.before(sweep))
    await host.interruption.interrupt(id)
    return true
  }
  view.end()
  return false
}

/** Of more points nobody reads single lines; how many have ended is told of any. */
const mostToldSingly = 2000
const pointsEachPage = 500

/** The points that are scored or have failed, in the order of the runs. */
export async function endedPoints(host: Host, { id, counts }: SweepDetail): Promise<ListedPoint[]> {
  const points: ListedPoint[] = []
  if (counts.scored + counts.done + counts.failed === 0 || counts.points > mostToldSingly) return points
  for (let offset = 0; ; offset += pointsEachPage) {
    const { rows, total } = await host.points(id, {
      sort: { key: 'run', descending: false },
      filter: 'status = scored or status = done or status = failed',
      offset,
      limit: pointsEachPage,
    })
    points.push(...rows.map((row) => row.point))
    if (offset + pointsEachPage >= total) return points
  }
}

/** Resolves some time after a look that took so long: a sweep of many points takes its time, and the machine has other work. */
export function pausedFor(lookMilliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(50, 5 * lookMilliseconds)))
}

const mostFailures = 20

/** Every point without a score, with the reason, on stderr. */
export function tellWhatIsMissing(sweep: WholeSweep): void {
  const failed = sweep.points.filter((point) => point.status === 'failed')
  for (const point of failed.slice(0, mostFailures)) {
    const reason = printable(point.error ?? 'no reason was given')
    console.error(`Failed: point ${point.number} (run ${point.runNumber}; ${paramsText(point.params)}): ${reason}`)
  }
  if (failed.length > mostFailures) console.error(`… and ${plural(failed.length - mostFailures, 'failed point')} more.`)
  const { counts } = sweep
  const { measured } = sweep.score
  if (measured?.reason) console.error(printable(measured.reason))
  for (const sentence of sweep.code) console.error(printable(sentence))
  if (counts.cancelled > 0) console.error(`${plural(counts.cancelled, 'point')} cancelled.`)
  if (counts.stopped > 0) console.error(`${plural(counts.stopped, 'point')} stopped early by the search.`)
  if (sweep.status === 'paused' && sweep.pauseReason !== 'Stopped with Ctrl-C.') {
    const reason = sweep.pauseReason ?? 'no reason was given'
    const how = reason.endsWith('go on.') ? '' : ' The same command lets it go on.'
    console.error(`The sweep is paused: ${printable(reason)}${how}`)
  }
}
