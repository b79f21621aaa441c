/** Where a sweep, or a curriculum, runs: in this process, or on the server that holds the data folder. */
import type { Sort } from '../domain/asking/order.ts'
import type { Issue } from '../domain/errors.ts'
import type { Sweep } from '../domain/sweep/sweep.ts'
import type { CurriculumView } from '../contract/api/curricula.ts'
import type { PointsPage } from '../contract/api/points.ts'
import type { Preview, SweepDetail, WholeSweep } from '../contract/api/sweeps.ts'

export type SweepText = { text: string; directory: string }

/**
 * `reuse`: what an earlier sweep did the same is not repeated. `continue`: shorter trainings are gone on from although that is not known
 * to be the same. `overwrite`: checkpoints of earlier sweeps may be written over.
 */
export type How = { reuse: boolean; continue: boolean; overwrite: boolean }

export type Host = {
  /** What the person is told of it. */
  place: string
  slots: string
  /** The checked definition, or all that is wrong with it; and what of it is there already. Starts and stores nothing. */
  check(
    file: SweepText,
    how: How,
  ): Promise<Pick<Preview, 'issues' | 'reuse' | 'same' | 'cost' | 'finalists'> & { definition: Sweep | null }>
  create(file: SweepText, how: How): Promise<number>
  /** How many of its trainings and evaluations began an attempt since then. */
  startedSince(id: number, since: number): Promise<{ trainings: number; evaluations: number }>
  /** How it stands. */
  sweep(id: number): Promise<SweepDetail>
  /** Some of its points, in an order. */
  points(id: number, query: { sort: Sort; filter: string; offset: number; limit: number }): Promise<PointsPage>
  /** How it stands with every point, its intervals as of now. */
  outcome(id: number): Promise<WholeSweep>
  /** Lets a paused sweep go on. */
  resume(id: number): Promise<void>
  /** Lets a search have so many trainings in all, as a file says now. */
  setBudget(id: number, gpuHours: number | null, file: SweepText): Promise<void>
  setTrainings(id: number, trainings: number, file: SweepText): Promise<void>
  /** Puts what failed or was cancelled back in the queue. */
  retry(id: number): Promise<void>
  /** All that is wrong with a curriculum file. Starts and stores nothing. */
  checkCurriculum(file: SweepText): Promise<Issue[]>
  /** Starts the curriculum of a file, or lets the one that is there go on; gives its number. */
  startCurriculum(file: SweepText, afresh: boolean): Promise<number>
  curriculum(id: number): Promise<CurriculumView>
  /** Resolves when something of the sweep, or of whatever there is, may have changed; after a second at the latest. */
  changed(sweepId: number | null): Promise<void>
  /** Why nothing new will be started there, a sentence; null when all is well. */
  halted(): Promise<string | null>
  /** What the first Ctrl-C does, and what is said before and after it. */
  interruption: {
    before(sweep: SweepDetail | null): string
    interrupt(id: number): Promise<void>
    /** The same of a curriculum, whose stage under way has this sweep. */
    interruptCurriculum(id: number, sweepId: number | null): Promise<void>
    after: string
  }
  /** Lets go of everything, so that the process can end. */
  close(): void
}
