/**
 * Rows of history on their way to events. Which axis a metric has is told up to 5 s after its first rows; rows with names that
 * nobody has explained yet wait for it, on disk, and come out all the same when nothing is said.
 */
import type { IntakeEvent } from '../protocol.ts'
import { readRow, rowMark, valuesByStep, type DeclaredAxes, type Media } from './history.ts'

const longestHold = 6000

export type HeldRow = { run: string; line: Record<string, unknown> }
type Waiting = HeldRow & { since: number }

export type RowsFound = {
  events: IntakeEvent[]
  held: HeldRow[]
  media: (Media & { step: number })[]
  commit: () => void
}

export class Rows {
  private readonly written = new Set<string>()
  private readonly waiting = new Map<string, Waiting>()
  private readonly settled = new Map<string, Set<string>>()
  private readonly toldOthers = new Set<string>()

  /** An earlier process wrote the row of this mark. */
  restore(mark: string): void {
    this.written.add(mark)
  }

  isWritten(mark: string): boolean {
    return this.written.has(mark)
  }

  hold(row: HeldRow): void {
    const mark = markOf(row.run, row.line)
    if (!this.written.has(mark)) this.waiting.set(mark, { ...row, since: Date.now() })
  }

  /** New rows of a run: each once, however often and at whatever offset it is sent. */
  take(run: string, lines: Record<string, unknown>[], axes: DeclaredAxes, prefix: string, now: number): RowsFound {
    const fresh = new Map<string, Record<string, unknown>>()
    for (const line of lines) {
      const mark = markOf(run, line)
      if (!this.written.has(mark) && !this.waiting.has(mark)) fresh.set(mark, line)
    }
    const settled = this.settled.get(run)
    const known = (line: Record<string, unknown>) =>
      Object.keys(readRow(line).values).every((name) => settled?.has(name))
    const ready = [...fresh].filter(([, line]) => known(line))
    const rest = [...fresh].filter(([, line]) => !known(line))
    return this.out(
      run,
      ready,
      axes,
      prefix,
      rest.map(([mark, line]) => [mark, { run, line, since: now }]),
    )
  }

  /** The rows of a run that need not wait: all of them when its axes were told just now, else those that waited long enough. */
  release(run: string, axes: DeclaredAxes, prefix: string, before: number): RowsFound {
    const ready = [...this.waiting].filter(([, row]) => row.run === run && row.since <= before)
    return this.out(
      run,
      ready.map(([mark, { line }]) => [mark, line]),
      axes,
      prefix,
      [],
    )
  }

  waitingRuns(): Set<string> {
    return new Set([...this.waiting.values()].map(({ run }) => run))
  }

  private out(
    run: string,
    ready: [string, Record<string, unknown>][],
    axes: DeclaredAxes,
    prefix: string,
    held: [string, Waiting][],
  ): RowsFound {
    const found: RowsFound = {
      events: [],
      held: held.map(([, { line }]) => ({ run, line })),
      media: [],
      commit: () => {},
    }
    const names = new Set<string>()
    for (const [mark, line] of ready) {
      const row = readRow(line)
      const steps = [...valuesByStep(row, axes)]
      const time = row.time === null ? {} : { time: row.time }
      for (const [at, [step, values]] of steps.entries()) {
        for (const name of Object.keys(values)) names.add(name)
        // the mark stands on the row's last event: what was torn off in the middle is sent again
        const from = at === steps.length - 1 ? { from: `wandb ${mark}` } : {}
        found.events.push({ type: 'metrics', step, ...time, values: prefixed(prefix, values), ...from })
      }
      const step = steps.at(-1)?.[0] ?? row.call
      for (const media of row.media) found.media.push({ ...media, step })
      for (const name of row.others) {
        if (this.toldOthers.has(`${run} ${name}`)) continue
        this.toldOthers.add(`${run} ${name}`)
        const text = `${prefix}${name} was logged as something else than a number or a file; it is left out of the curves.`
        found.events.push({ type: 'note', level: 'info', text })
      }
    }
    found.commit = () => {
      for (const [mark] of ready) {
        this.written.add(mark)
        this.waiting.delete(mark)
      }
      for (const [mark, row] of held) this.waiting.set(mark, row)
      if (!this.settled.has(run)) this.settled.set(run, new Set())
      for (const name of names) this.settled.get(run)!.add(name)
    }
    return found
  }

  static readonly longestHold = longestHold
}

const markOf = (run: string, line: Record<string, unknown>) => `${run} ${rowMark(line)}`

function prefixed(prefix: string, values: Record<string, number>): Record<string, number> {
  if (prefix === '') return values
  const renamed = Object.create(null) as Record<string, number>
  for (const name of Object.keys(values)) renamed[prefix + name] = values[name]!
  return renamed
}
