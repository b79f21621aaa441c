/** How numbers and times are written, everywhere. Scores: three decimals; intervals and ratios: two; accuracies: one, in per cent. */
import { ownValue } from '../../domain/own-value.ts'
import type { AxisView } from '../../contract/api/points.ts'
import type { Progress } from '../../contract/api/jobs.ts'
import type { TimeLeft } from '../../domain/life/time-left.ts'
import type { SystemView } from '../../contract/api/system.ts'
import { formatCount, formatDuration, plural, scoreText } from '../../domain/words.ts'

export { formatCount, formatDuration, plural }

const dash = '–'

/** A score: `1.076`; a dash where there is none. */
export function formatScore(score: number | null): string {
  return score === null ? dash : scoreText(score)
}

/** Accuracy ÷ baseline: `0.94`. */
export function formatRatio(ratio: number | null): string {
  return ratio === null ? dash : ratio.toFixed(2)
}

/** An interval in words: `0.95 to 1.17`. */
export function formatInterval(interval: [number, number]): string {
  return `${interval[0].toFixed(2)} to ${interval[1].toFixed(2)}`
}

/** An accuracy in per cent without the unit, for columns whose head carries it: `37.5`. */
export function formatPercent(accuracy: number | null): string {
  return accuracy === null ? dash : (100 * accuracy).toFixed(1)
}

/** A chance in per cent without the unit; what would round to nothing is `<0.1`. */
export function formatChance(chance: number | null): string {
  if (chance === null) return dash
  if (chance < 0.0005) return '<0.1'
  return chance > 0.9995 ? '>99.9' : (100 * chance).toFixed(1)
}

/** A chance inside a sentence: `22 %`, `2.3 %`, `below 0.1 %`; the unit never stands alone on a line. */
export function chanceWords(chance: number): string {
  if (chance < 0.0005) return 'below 0.1\u00a0%'
  if (chance > 0.9995) return 'above 99.9\u00a0%'
  return `${(100 * chance).toFixed(chance < 0.1 || chance > 0.9 ? 1 : 0)}\u00a0%`
}

/** What a slot is called on this machine: `8 GPUs`, `1 CPU slot`. */
export function slotWords(count: number, kind: SystemView['slotKind']): string {
  return plural(count, kind === 'gpu' ? 'GPU' : 'CPU slot')
}

/** A size on disk, in powers of ten as file managers show it: `412 B`, `1.3 MB`, `3.1 GB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let at = 0
  for (; value >= 999.5 && at < units.length - 1; at++) value /= 1000
  return `${at === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)}\u00a0${units[at]}`
}

/** What is left, as a head and what it is made of; a sentence of its own before anything was measured. */
export function timeLeftWords(left: TimeLeft | null): { head: string; parts: string } {
  if (left === null) return { head: '', parts: 'Time left is known after the first training' }
  const parts = [
    left.trainingSeconds >= 0.5 ? `${formatDuration(left.trainingSeconds)} training` : '',
    left.evaluationSeconds >= 0.5 ? `${formatDuration(left.evaluationSeconds)} evaluation` : '',
  ].filter(Boolean)
  return { head: `About ${formatDuration(left.seconds)} left`, parts: parts.length > 1 ? parts.join(', ') : '' }
}

/** How long ago, in words: `just now`, `5 min ago`, `2 h ago`, then the day. Times in milliseconds since 1970. */
export function formatAgo(time: number, now: number): string {
  const seconds = (now - time) / 1_000
  if (seconds < 60) return 'just now'
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 24 * 3_600) return `${Math.floor(seconds / 3_600)} h ago`
  return formatDay(time, now)
}

/** The day, with the year where it is not this one: `9 Nov`, `9 Nov 2025`. */
export function formatDay(time: number, now: number): string {
  const date = new Date(time)
  const sameYear = date.getFullYear() === new Date(now).getFullYear()
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) })
}

/** The time of day: `14:05`. */
export function formatClock(time: number): string {
  return new Date(time).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
}

/** How far a job is, in whole per cent: `80 %`; empty before it reported any. A job that still runs is never at 100. */
export function progressWords(progress: Progress): string {
  const share = progressShare(progress)
  return share === null ? '' : `${Math.min(99, Math.floor(100 * share))}\u00a0%`
}

/**
 * How far a training is, in the unit of the sweep's milestone axis: `epoch 4.8 of 6`, `step 38 of 60`; in per cent where the
 * sweep has none. A training runs to the axis' last value, so its share of the whole says where on the axis it is.
 */
export function trainingWords(progress: Progress, axes: AxisView[]): string {
  const share = progressShare(progress)
  const axis = axes.find((one) => one.milestone)
  const last = Number(axis?.values.at(-1))
  if (share === null || !axis || !(last > 0)) return progressWords(progress)
  const decimals = last < 20 ? 1 : 0
  const scale = 10 ** decimals
  const done = Math.min(Math.floor(share * last * scale), Math.ceil(last * scale) - 1) / scale
  return `${axis.name} ${done.toFixed(decimals)} of ${axis.values.at(-1)}`
}

/** How far a job is, from 0 to 1; null before it reported any. */
export function progressShare(progress: Progress): number | null {
  if (progress === null || !(progress.total > 0)) return null
  return Math.min(1, Math.max(0, progress.done / progress.total))
}

/** Letters of a value where it stands among others in a row or a name. */
export const mostOfValue = 40
/** Letters of a value at the head of a narrow row or column. */
export const mostOfHead = 16

/** A value of a point; a dash where the axis is not there. */
export function valueOn(params: Readonly<Record<string, string>>, axis: string): string {
  return ownValue(params, axis) ?? dash
}

/** A point by its values, short: `512 · 2e-5 · epoch 6`. Milestone values carry their axis' name, the others stand alone; long ones are cut. */
export function pointName(params: Record<string, string>, axes: AxisView[]): string {
  return axes
    .map(({ name, milestone }) => `${milestone ? `${name} ` : ''}${cutMiddle(params[name] ?? dash, mostOfValue)}`)
    .join(' · ')
}

/** A text of at most so many characters (two or more): its beginning and its end, with an ellipsis where something is left out. */
export function cutMiddle(text: string, most: number): string {
  const characters = text.length > most ? Array.from(text) : []
  if (characters.length <= most) return text
  const end = Math.floor((most - 1) / 2)
  return `${characters.slice(0, most - 1 - end).join('')}…${characters.slice(characters.length - end).join('')}`
}

/** `a`, `a and b`, `a, b and c`. */
export function listWords(items: string[]): string {
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** What results of some of the questions rest on: `450 of 2,534 questions`; empty where they rest on all. */
export function partlyWords(partly: { asked: number; questions: number } | null): string {
  return partly === null ? '' : `${formatCount(partly.asked)} of ${formatCount(partly.questions)} questions`
}

/** Of a point that its race gave up: `800 of 2,534 questions, cannot win`; empty of any other. */
export function partialWords({ asked, questions }: { asked: number | null; questions: number | null }): string {
  return asked === null ? '' : `${formatCount(asked)} of ${formatCount(questions ?? asked)} questions, cannot win`
}
