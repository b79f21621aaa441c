/** Words for where attempts ran, what stood idle, and times of day on an axis. */
import type { PlacedAttempt, TimelineView } from '../../contract/api/where.ts'
import type { SystemView } from '../../contract/api/system.ts'
import type { SpanKind } from '../../domain/picture/slot-timeline.ts'
import { formatClock, formatDay, formatDuration, listWords, slotWords } from '../_words/format.ts'

type Machine = TimelineView['machine'] & object
type Idle = Machine['idle'][number]

/** Why a slot stood idle, as the rest of "idle: …". */
export function idleWords({ code, sweepName, detail }: Pick<Idle, 'code' | 'sweepName' | 'detail'>): string {
  const sweep = sweepName ?? 'a sweep'
  switch (code) {
    case 'used':
      return `used by ${detail ?? 'somebody else'}`
    case 'too-few':
      return `${sweep} waited for ${detail} free at once`
    case 'limit':
      return `${sweep} may take no more at a time`
    case 'budget':
      return `${sweep} may spend no more`
    case 'running':
      return 'all that was left ran, or waited for what ran'
    case 'paused':
      return 'all that waited was paused'
    case 'nothing':
      return 'nothing waited'
  }
}

/** The same of a span, of which the sweep's name is not at hand. */
export const spanWords: Record<SpanKind, string> = {
  training: 'training',
  evaluation: 'evaluation',
  several: 'several short attempts',
  used: 'somebody else used it',
  'too-few': 'what waited needed more slots at once',
  limit: 'what waited may take no more at a time',
  budget: 'what waited may spend no more',
  running: 'all that was left ran, or waited for what ran',
  paused: 'all that waited was paused',
  nothing: 'nothing waited',
}

/** How much of its time this machine worked, and what kept it from more. */
export function machineWords(machine: Machine, kind: SystemView['slotKind'], ofSweep: boolean): string {
  const all = machine.busy + machine.unknown + machine.idle.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  if (all === 0) return ''
  const share = (milliseconds: number) => timeShareWords(milliseconds / all)
  const others = machine.busy - machine.own
  const byOthers = ofSweep && others / all >= 0.0005 ? `, ${share(others)} with other sweeps` : ''
  const most = machine.idle[0]
  const why =
    most && most.milliseconds / all >= 0.01 ? ` Idle most: ${share(most.milliseconds)}, ${idleWords(most)}.` : ''
  return `This machine’s ${slotWords(machine.slots, kind)} worked ${share(machine.busy)} of the time${byOthers}.${why}`
}

/** `83 %`, `under 0.1 %`. */
export function timeShareWords(share: number): string {
  if (share > 0 && share < 0.001) return 'under 0.1\u00a0%'
  return `${(100 * share).toFixed(share < 0.1 && share > 0 ? 1 : 0)}\u00a0%`
}

/** How long the attempt waited at its cluster before it began, and how long it ran, in milliseconds; null: it did not. */
export function timesOf(
  { place, claimedAt, startedAt, finishedAt, ranMilliseconds }: PlacedAttempt,
  now: number,
): { queued: number | null; ran: number | null } {
  const queued = place === null ? null : Math.max(0, (startedAt ?? finishedAt ?? now) - claimedAt)
  // one that came and went between two looks was never seen to run
  const begunAt = startedAt ?? (place === null && finishedAt !== null ? claimedAt : null)
  const ran = begunAt === null ? null : Math.max(0, (finishedAt ?? now) - begunAt)
  return { queued, ran: finishedAt === null ? ran : (ranMilliseconds ?? ran) }
}

/** `GPUs 0, 1 of this machine`. */
export function slotsWords(slots: readonly string[], kind: SystemView['slotKind']): string {
  if (slots.length === 0) return 'This machine, without a slot'
  const one = kind === 'gpu' ? 'GPU' : 'CPU slot'
  return `${one}${slots.length === 1 ? '' : 's'} ${slots.join(', ')} of this machine`
}

/** From when to when, and how long: `14:05:10 to 14:07:00, 2 min`. */
export function spellWords(from: number, to: number, isLive: boolean, now: number): string {
  const day = formatDay(from, now) === formatDay(now, now) ? '' : `${formatDay(from, now)}, `
  const span = to - from < 600_000 ? withSeconds : formatClock
  const end = isLive ? 'now' : span(to)
  return `${day}${span(from)} to ${end}, ${formatDuration((to - from) / 1000)}`
}

function withSeconds(time: number): string {
  return new Date(time).toLocaleTimeString('en-GB')
}

const second = 1000
const steps = [
  1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
].map((seconds) => seconds * second)

/** Round times of this place's clock from `from` to `to`, at most about `most`, with what each is called. */
export function labelledTimeTicks(from: number, to: number, most: number): { at: number; label: string }[] {
  const step =
    steps.find((one) => (to - from) / one <= most) ?? Math.ceil((to - from) / most / steps.at(-1)!) * steps.at(-1)!
  const offset = new Date(from).getTimezoneOffset() * 60_000
  const ticks: { at: number; label: string }[] = []
  for (let at = Math.ceil((from - offset) / step) * step + offset; at <= to; at += step) {
    const label = step < 60_000 ? withSeconds(at) : step >= 86_400_000 ? formatDay(at, to) : formatClock(at)
    ticks.push({ at, label })
  }
  return ticks
}

/** What of a machine's idle time is told one by one: what makes at least a hundredth, and at most five. */
export function toldOfIdle(machine: Machine): Idle[] {
  const all = machine.busy + machine.unknown + machine.idle.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  return machine.idle.filter(({ milliseconds }) => milliseconds / all >= 0.01).slice(0, 5)
}

/** The settings of an attempt's run, as one line. */
export function settingsWords(params: Record<string, string>): string {
  return listWords(Object.entries(params).map(([name, value]) => `${name} ${value}`)) || 'no settings'
}
