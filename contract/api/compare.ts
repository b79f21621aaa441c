/** What the API gives of checkpoints or runs side by side. */
import type { RanGroup } from '../../domain/provenance/ran-differences.ts'
import type { SettingRow } from '../../domain/sweep/settings/definition-differences.ts'
import type { PairedTest } from '../../domain/score/paired-test.ts'
import type { ScoreDifference } from '../../domain/score/score-difference.ts'
import type { PairCounts } from '../../domain/score/same-questions.ts'
import type { Aggregate } from '../../domain/sweep/sweep.ts'
import type { JobStatus } from '../../domain/life/run-status.ts'
import type { BenchmarkResult } from './checkpoints.ts'
import type { RunHome } from './runs.ts'

/** At most this many stand side by side. */
export const mostCompared = 8

/** How two answered a question. */
export type PairOutcome = keyof PairCounts

/** A checkpoint, or a run and the checkpoint that stands for it. */
export type ComparedView = {
  /** A, B, … in the order asked for. */
  letter: string
  runId: number
  home: RunHome
  /** `run 8`; a run of its own by its name. */
  runName: string
  status: JobStatus
  /** `run 8, epoch 6`. */
  name: string
  /** null where the run has none: it has curves and settings only. */
  checkpoint: { id: number; step: number | null; epoch: number | null } | null
  startedFrom: string | null
  /** The attempt that trained it; null where nothing was recorded of one. `hasPatch`: it had uncommitted changes that were kept. */
  ran: { runId: number; attempt: number; hasPatch: boolean } | null
  score: number | null
  /** The score is a published figure, known only rounded. */
  rounded: boolean
  interval: [number, number] | null
  /** Why it has no score; null where it has one. */
  error: string | null
  results: Record<string, BenchmarkResult>
}

export type ComparedBenchmark = {
  name: string
  /** null where there are no answers to pair. */
  counts: PairCounts | null
  /** `adjusted` allows for every benchmark and every pair that is looked at (Holm). */
  test: (PairedTest & { adjusted: number }) | null
  /** 95 % interval of A's accuracy less the other's, from the counts alone; where there are no answers to pair. */
  difference: [number, number] | null
}

/** A against one of the others. */
export type ComparedPair = {
  /** Place of the other. */
  other: number
  benchmarks: ComparedBenchmark[]
  /** All paired questions together; null where there are none. `adjusted` allows for the other pairs (Holm). */
  all: (PairCounts & PairedTest & { adjusted: number }) | null
  /** A's score less the other's; null where one has no score or a benchmark's counts are not known. */
  score: ({ difference: number } & ScoreDifference) | null
  /** What kept answers from being paired, in sentences. */
  notes: string[]
}

export type CompareView = {
  of: 'runs' | 'checkpoints'
  /** What every score here compares with; null where none was chosen and no sweep among them has one. */
  baseline: { id: number | null; name: string; accuracies: Record<string, number> } | null
  aggregate: Aggregate
  compared: ComparedView[]
  settings: SettingRow[]
  /** Sentences where they came from more than one state of the code. */
  code: string[]
  /** What their trainings were run with, by kind. */
  ran: RanGroup[]
  /** Those of the baseline first. */
  benchmarks: string[]
  pairs: ComparedPair[]
  /** Metrics that two runs have at least, those of all first; of a single run all. */
  metrics: string[]
  /** Last step of any run. */
  lastStep: number
}

export type QuestionRow = {
  benchmark: string
  id: string
  outcome: PairOutcome
  /** The reference answer. */
  answer: string | null
  /** The answer that was found in the response, else the response's end. */
  first: string
  second: string
}

export type QuestionsPage = {
  rows: QuestionRow[]
  /** Questions of this kind that hold what was searched for; of those looked through, where `lookedThrough` is fewer. */
  total: number
  /** Questions of this kind. */
  ofKind: number
  /** null: all of them. */
  lookedThrough: number | null
}

export type QuestionView = {
  benchmark: string
  id: string
  prompt: string
  /** What B was asked, where it is another text; null where it is the same. */
  otherPrompt: string | null
  answer: string | null
  first: { response: string; given: string | null; correct: boolean }
  second: { response: string; given: string | null; correct: boolean }
}

/** What can be compared: sweeps and projects, newest first, and of one of them its checkpoints, best first, or its runs. */
export type CompareCandidates = {
  homes: RunHome[]
  chosen: RunHome | null
  listed: { id: number; runId: number; name: string; score: number | null }[]
}
