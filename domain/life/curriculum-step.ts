/** What a curriculum does next: a pure decision over how its stages stand. */
import type { SweepStatus } from './run-status.ts'

/** A stage that was started. */
export type StageState = {
  status: SweepStatus
  /** Points of its sweep, and those of them that have no score. */
  points: number
  withoutScore: number
  /** Whether its scores and intervals rest on its present baseline and its last result. */
  settled: boolean
  /** Whether somebody deleted its sweep. */
  deleted: boolean
  /** Whether the rule has picked its checkpoint. */
  picked: boolean
}

export type CurriculumStep =
  | { kind: 'start'; place: number }
  | { kind: 'pick'; place: number }
  | { kind: 'wait' }
  | { kind: 'done' }
  /** `why`: a sentence's beginning, without the stage's name. */
  | { kind: 'fail'; place: number; why: string }

/**
 * The next step of a running curriculum of `count` stages, of which these were started, in their order. Stages run one at a
 * time: one starts when the one before has its pick. A stage with a point that has no score ends the curriculum, because the
 * rule would choose among what is left.
 */
export function nextCurriculumStep(started: readonly StageState[], count: number): CurriculumStep {
  const place = started.findIndex(({ picked }) => !picked)
  if (place < 0) return started.length < count ? { kind: 'start', place: started.length } : { kind: 'done' }
  const { status, points, withoutScore, settled, deleted } = started[place]!
  if (deleted) return { kind: 'fail', place, why: 'its sweep was deleted' }
  if (status === 'cancelled') return { kind: 'fail', place, why: 'its sweep was cancelled' }
  if (status !== 'done' && status !== 'failed') return { kind: 'wait' }
  if (withoutScore > 0) {
    const verb = withoutScore === 1 ? 'has' : 'have'
    return {
      kind: 'fail',
      place,
      why: `${withoutScore} of its ${points} point${points === 1 ? '' : 's'} ${verb} no score`,
    }
  }
  return settled ? { kind: 'pick', place } : { kind: 'wait' }
}
