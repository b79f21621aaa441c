/** What the API gives of evaluations that were asked for again. Times are milliseconds since 1970. */
import type { AgainSettings } from '../../domain/score/again.ts'
import type { JobView } from './jobs.ts'

/** What a dialog offers for some checkpoints. */
export type AgainOptionsView = {
  checkpoints: {
    id: number
    name: string
    /** `short-cot, run 8`; of a run of its own its project and its name. */
    runTitle: string
    /** Whether the built-in trainer evaluates it; else a command does, which may heed the settings or not. */
    builtIn: boolean
    /** The name of its sweep where that is paused: what is queued waits until it goes on. */
    pausedSweep: string | null
    /** Why it cannot be evaluated, as a sentence's end; null where it can. */
    why: string | null
  }[]
  /** Of the built-in trainer; `own`: its sweep evaluates it too. Empty for commands alone. */
  benchmarks: { name: string; value: string; own: boolean }[]
  /** Benchmarks of the baselines, where the built-in trainer evaluates: a score needs each of them. */
  scored: string[]
}

/** A benchmark over all measurements at one temperature. */
export type RepeatedResult = {
  accuracy: number
  standardError: number | null
  /** 95 %, clustered by question; null where the number of questions is not known. */
  interval: [number, number] | null
  /** accuracy ÷ baseline; null where the baseline lacks the benchmark. */
  ratio: number | null
  questions: number | null
  /** Answers to each question, of all measurements together. */
  samples: number
  measurements: number
  /** Whether it is known how many samples of each question were right; else the interval is that of one sample. */
  byQuestion: boolean
}

/** What was measured again of a checkpoint at one temperature. */
export type RepeatedScore = {
  temperature: number
  /** Fewest and most samples a question among the benchmarks that it rests on. */
  samples: [number, number]
  results: Record<string, RepeatedResult>
  /** null where a benchmark of the baseline was not measured; `error` says which. */
  score: number | null
  interval: [number, number] | null
  error: string | null
}

export type RepeatJobView = JobView & { again: AgainSettings; finishedAt: number | null; readyAt: number | null }

export type CheckpointRepeats = {
  /** Whether the built-in trainer measured: a command may have heeded the settings or not. */
  builtIn: boolean
  /** By temperature, the one measured last first. */
  scores: RepeatedScore[]
  /** Newest first; without those that were taken back before they started. */
  jobs: RepeatJobView[]
}
