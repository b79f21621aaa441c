/** What the API gives of the leaderboard across sweeps. Times are milliseconds since 1970. */
import type { RunHome } from './runs.ts'
import type { SweepAgreement } from '../../domain/score/same-questions.ts'

export type BoardPage = {
  /** Rows that pass: checkpoints, or groups of them. */
  total: number
  /** Checkpoints in them, and how many of those have a score. */
  checkpoints: number
  /** Left out: the same model, measured alike, that another sweep took over. */
  copies: number
  scored: number
  /** Rows with a score but without a known number of questions: they have no interval and take no part in the chances. */
  uncounted: number
  /** What is wrong with the filter; every checkpoint passes it then. */
  error: string | null
  /** Settings that differ among the rows, those that most of them have first. */
  settings: string[]
  /** Sentences where these checkpoints came from more than one state of the code. */
  code: string[]
  benchmarks: string[]
  /** The lowest and the highest end of any score or interval; null while nothing has a score. */
  extremes: [number, number] | null
  /** How many rows cannot be told from the best, without itself. */
  tied: number
  /** Where the last of them stands in this order; −1 where the order is another, or there is none. */
  lastTied: number
  /** No chances are stated: the scores are so close that mostly luck decided. */
  mostlyLuck: boolean
  /** Of groups: standard deviation of one seed around the mean of its group, from so many degrees of freedom; null where no group has two. */
  seeds: { deviation: number; freedom: number } | null
  /** How alike the rows' checkpoints answered; null where they were asked different questions, or nobody knows which. */
  agreement: SweepAgreement | null
  /** Sweeps among the rows combine their benchmarks' ratios in different ways, or compare with different accuracies. */
  mixed: { aggregates: boolean; baselines: boolean }
  offset: number
  rows: BoardRow[]
}

/** A checkpoint, or those that differ in nothing but their seed; then the fields of one are those of the best. */
export type BoardRow = {
  /** Every checkpoint of the row, the best first. */
  checkpointIds: number[]
  rank: number | null
  brace: 'alone' | 'first' | 'middle' | 'last' | null
  home: RunHome
  /** Sweeps and projects that others of the group are of. */
  otherHomes: number
  runId: number
  runNumber: number
  /** `run 8`; a run of its own by its name. */
  runName: string
  trainer: string
  /** Those of `BoardPage.settings`. */
  settings: Record<string, string>
  step: number | null
  epoch: number | null
  /** What was trained; null where it is not known. `changes`: whether there were uncommitted ones. */
  commit: string | null
  changes: boolean | null
  createdAt: number
  picked: boolean
  tags: string[]
  /** Of a group: the mean over those that have one. */
  score: number | null
  rounded: boolean
  /** Of a group of several: Student's interval of the mean over seeds. */
  interval: [number, number] | null
  chanceOfBest: number | null
  tiedWithBest: boolean
  /** The score drawn towards the mean of its sweep by its noise; of a group: the mean of these. */
  corrected: number | null
  /** null where rows are single checkpoints. `spread`: standard deviation over seeds; null for a single one. */
  group: { count: number; unscored: number; spread: number | null } | null
  /** By benchmark; of a group the means. */
  accuracies: Record<string, number>
  /** Why there is no score. */
  error: string | null
  /** Where a race has asked it some of its questions only, so far or for good; of a group, the one that stands for it. */
  partly: { asked: number; questions: number } | null
}

export type BoardChoices = {
  sweeps: { id: number; name: string }[]
  trainers: string[]
  tags: string[]
  /** What a filter may name. */
  fields: string[]
  /** Published scores that no checkpoint stands behind: they are on their sweeps' pages only. */
  withoutCheckpoint: number
  /** Runs of their own that nobody evaluated. */
  unevaluated: number
}
