/** What the API gives of the learning impact of a run's problems (docs/learning-impact.md). */
import type { EpochRule } from '../../domain/score/learning-impact.ts'
import type { Sweep } from '../../domain/sweep/sweep.ts'

export type ImpactView = {
  /** Problems with a reward, and samples of them. */
  problems: number
  samples: number
  /** What can be measured: parts of the reward. */
  parts: string[]
  /** What is measured: a part, or '' for the reward itself. */
  by: string
  /** The rewards that count as 0 and 1. */
  range: { zero: number; one: number }
  epochs: EpochRule
  passes: number
  /** Why no problem has a score; the rest is empty then. */
  why: string | null
  threshold: number
  /** Problems with a score, those at or above the threshold, and those within their luck of it. */
  scored: number
  chosen: number
  close: number
  /** What the luck of the responses takes off a score, on average. */
  luck: number
  /** By epoch. */
  mean: number[]
  /** Some curves, evenly by score, the lowest first: what a chart can show. */
  curves: { sampleId: number; score: number; rewards: number[] }[]
  /** How many scores lie in each bin of `width` from `from` on; the last one holds 1. */
  bins: { from: number; width: number; counts: number[] }
  /** What a round may start from: where the run did, or a checkpoint of its own, and how the form will have it. */
  starts: { checkpointId: number | null; name: string }[]
}

export type ImpactOrder = 'highest' | 'lowest' | 'closest'

export type ImpactPage = {
  rows: {
    /** The first sample of the problem. */
    sampleId: number
    prompt: string
    answer: string | null
    score: number
    deviation: number
    chosen: boolean
    samples: number
    rewards: number[]
  }[]
  next: number | null
}

/** The sweep that would train on chosen problems. */
export type ProblemsRoundView = {
  runId: number
  /** The folder that its paths are of; null: the server's. */
  directory: string | null
  /** Which round it would be; null where the run was none. */
  round: number | null
  /** The sweep that it is filled from; null where none is known. */
  before: Sweep | null
  definition: Sweep
}
