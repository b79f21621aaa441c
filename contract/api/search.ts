/** What the API gives of a sweep's search: what was proposed, why, and what it came to. */
import type { JobStatus } from '../../domain/life/run-status.ts'
import type { Proposal } from '../../domain/search/method.ts'
import type { SearchingMethod } from '../../domain/sweep/searching.ts'
import type { Goal } from '../../domain/sweep/stop-early.ts'

export type SearchedTraining = {
  number: number
  runId: number
  params: Record<string, string>
  status: JobStatus
  /** Nothing is known of it yet, or not all. */
  isPending: boolean
  hasFailed: boolean
  /** Of its best point; null where it has none. */
  value: number | null
  /** null: it was made before proposals were kept. */
  proposal: Proposal | null
  /** Hours of GPUs (or CPU slots) that its attempts held; null where that is not known. */
  slotHours: number | null
}

export type SearchView = {
  method: SearchingMethod
  seed: number
  /** Which way values are better. They are the true ones, here and in proposals. */
  goal: Goal
  /** How many there will be in all. */
  planned: number
  trainings: SearchedTraining[]
  /** The best value after 1, 2, … of those with a value, had they come in random order; null while the search goes on. */
  inRandomOrder: number[] | null
  /** Why nothing more is proposed although there could be, a sentence; null where that is not so. */
  rest: string | null
}

/**
 * What is expected over two axes, the others at the values of the best training that has them: matrices row by row, the lowest coordinates
 * first, null where one of the two axes is not there.
 */
export type SearchMap = {
  down: string
  across: string
  rows: number
  columns: number
  means: (number | null)[]
  deviations: (number | null)[]
  /** The values of the other axes, where they are there. */
  held: Record<string, string>
  /** How far each axis' values reach, as a share of it; axes in the file's order. */
  lengths: { name: string; length: number }[]
}
