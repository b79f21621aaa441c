/** How trainings are judged before their end. A method is a pure function of a snapshot: who goes on, who is stopped, and why. */
import type { Goal } from '../sweep/stop-early.ts'

/** What a training had reached at a rung, in the order that the readings arrived. */
export type Reading = { rung: number; value: number; order: number }

export type JudgedRun = {
  run: number
  /** `open`: it waits or trains, and can be stopped. `done`: it came to its end. `over`: it failed, was cancelled or stopped. */
  state: 'open' | 'done' | 'over'
  readings: readonly Reading[]
  /** Rungs at which nothing will be known of it: its evaluation failed. */
  lacking: readonly number[]
  /** Rungs at which it was judged before. */
  judged: readonly number[]
}

export type Snapshot = {
  goal: Goal
  /** Rising. */
  rungs: readonly number[]
  runs: readonly JudgedRun[]
  /** Of one in so many `asha` keeps; the share that `milestones` keeps. */
  factor: number
  keep: number
  /** What is judged by, and how a rung and a value are written in a sentence: `score`, `epoch 3`, `0.912`. */
  what: string
  at: (rung: number) => string
  value: (value: number) => string
  /** Whether two trainings at a rung cannot be told apart by what they were asked; null where nobody can say. */
  alike: (first: number, second: number, rung: number) => boolean | null
}

/** `reason`: with the figures, the rest of a sentence that begins with "Stopped early:" or "Goes on:". */
export type Verdict = { run: number; rung: number; goesOn: boolean; reason: string }

export type Judge = (snapshot: Snapshot) => Verdict[]

/** Readings at a rung in the order that they arrived, each with its run. */
export function readingsAt({ runs }: Snapshot, rung: number): { run: JudgedRun; value: number; order: number }[] {
  return runs
    .flatMap((run) => run.readings.filter((reading) => reading.rung === rung).map((reading) => ({ run, ...reading })))
    .toSorted((a, b) => a.order - b.order)
}

/** Whether `first` is better; what is not a number is worse than any. */
export function isBetter(goal: Goal, first: number, second: number): boolean {
  if (Number.isNaN(first) || Number.isNaN(second)) return Number.isNaN(second) && !Number.isNaN(first)
  return goal === 'maximize' ? first > second : first < second
}

/** Better or worse, as a sentence says it. */
export function worseWord(goal: Goal): string {
  return goal === 'maximize' ? 'below' : 'above'
}
