/** What files of trainings that ran elsewhere tell, whatever their format: runs, and events of these. */
import type { TrainerEvent } from '../../../contract/trainer.ts'
import type { Scoring } from '../../../domain/sweep/scoring.ts'

/** A run as a file calls it. */
export type ToldRun = {
  /** Tells the runs of a file apart. */
  key: string
  /** What is shown beside the file's name where it has several runs without values of axes. */
  name: string
  /** The values of the axes, where the file knows them. */
  params?: Record<string, string>
  /**
   * Of a tracker's run, whose id `key` is: the project that it stands in there, the id of the run that it is a part of, and where the model
   * lies that it went on from, with the id of the run that logged it.
   */
  tracked?: { project: string; parent: string | null; start?: { run: string; path: string } | null }
}

/** What became of a point, as the JSON of a sweep tells it. */
export type ToldPoint = {
  params: Record<string, string>
  accuracies: Record<string, { correct: number | null; total: number | null; accuracy: number | null }>
  checkpoint: { path: string | null; step: number | null; epoch: number | null } | null
  score: number | null
  error: string | null
}

/** Events of one attempt of a run, in their order; or what became of its points, and how these were scored. */
export type Telling = {
  run: ToldRun
  attempt: number
  events: TrainerEvent[]
  points?: ToldPoint[]
  scoring?: Scoring
}

export type ReadOptions = {
  /** Gets what could not be read, a sentence without its end each. */
  report: (problem: string) => void
  /** The column of steps, where a person named it. */
  step?: string
}

/** The one run of a file that has no more. */
export const theRun: ToldRun = { key: '', name: '' }
