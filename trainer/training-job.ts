/** A training's job where no sweep stands behind it: in tests and in the bench. */
import type { Job } from '../contract/trainer.ts'

/** Attempt 1 of run 1, from the beginning; `given` has its folder and its configuration, and whatever else is to differ. */
export function trainingJob(given: Pick<Job, 'config' | 'runFolder' | 'eventsFile'> & Partial<Job>): Job {
  return {
    kind: 'training',
    run: 1,
    attempt: 1,
    sweep: { id: 1, name: 'test' },
    params: {},
    milestones: null,
    init: null,
    resume: null,
    evaluation: null,
    slots: ['0'],
    ...given,
  }
}
