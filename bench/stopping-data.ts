/** Trainings that are judged at rungs as the product judges them, for `npm run bench -- stopping` and `-- search`. */
import { judge } from '../domain/stopping/judges.ts'
import type { JudgedRun, Snapshot } from '../domain/stopping/method.ts'
import type { StopMethod } from '../domain/sweep/stop-early.ts'

export type Stopping = {
  method: StopMethod
  /** Epochs at which they are judged, rising, all before the last. */
  rungs: readonly number[]
  epochs: number
  /** What a training, counted from 0, has come to after so many epochs; more is better. */
  valueAt: (run: number, epoch: number) => number
  /** Absent: nobody can say, and the rank alone decides. */
  alike?: Snapshot['alike']
}

/** Trainings one after the other, each judged where it comes; gives how many epochs each has trained. */
export class JudgedTrainings {
  readonly spent: number[] = []
  readonly #of: Stopping
  readonly #runs: JudgedRun[] = []
  #order = 0

  constructor(of: Stopping) {
    this.#of = of
  }

  /** One more, which has not begun. */
  add(): number {
    this.#runs.push({ run: this.#runs.length, state: 'open', readings: [], lacking: [], judged: [] })
    return this.spent.push(0) - 1
  }

  /** Trains it up to a rung, where it and all others are judged. */
  comeTo(run: number, rung: number): void {
    if (this.#runs[run]!.state === 'over') return
    const { method, rungs, valueAt, alike = () => null } = this.#of
    this.spent[run] = rung
    const reading = { rung, value: valueAt(run, rung), order: this.#order++ }
    this.#change(run, { readings: [...this.#runs[run]!.readings, reading] })
    const snapshot: Snapshot = {
      goal: 'maximize',
      rungs,
      runs: this.#runs,
      factor: 3,
      keep: 1 / 3,
      what: 'accuracy',
      at: String,
      value: String,
      alike,
    }
    for (const verdict of judge(method, snapshot)) {
      const { judged, state } = this.#runs[verdict.run]!
      this.#change(verdict.run, {
        judged: [...judged, verdict.rung],
        state: verdict.goesOn ? state : 'over',
      })
    }
  }

  /** Trains it through what rungs are left, and to its end where none of them stops it; gives whether it came there. */
  finish(run: number): boolean {
    for (const rung of this.#of.rungs) if (rung > this.spent[run]!) this.comeTo(run, rung)
    if (this.#runs[run]!.state === 'over') return false
    this.spent[run] = this.#of.epochs
    this.#change(run, { state: 'done' })
    return true
  }

  #change(run: number, more: Partial<JudgedRun>): void {
    this.#runs[run] = { ...this.#runs[run]!, ...more }
  }
}

/** So many trainings, all held at the first rung until each was there, or one after the other; how many epochs each has trained. */
export function trainAll(count: number, held: boolean, of: Stopping): number[] {
  const trainings = new JudgedTrainings(of)
  // all are known from the start, as those of a grid are
  for (let at = 0; at < count; at++) trainings.add()
  if (held) for (let at = 0; at < count; at++) trainings.comeTo(at, of.rungs[0]!)
  for (let at = 0; at < count; at++) trainings.finish(at)
  return trainings.spent
}
