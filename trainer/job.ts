/** Reads job.json and checks what this trainer needs of it. */
import { readFileSync } from 'node:fs'
import { readTrainerConfig } from '../contract/check-settings.ts'
import { type TrainerConfig } from '../contract/trainer-settings.ts'
import type { Job } from '../contract/trainer.ts'

/**
 * Reads the job that SWEEPBOARD_JOB names.
 * @throws where the variable is missing, or the file is no job, or its config does not fit: one sentence
 */
export function readJob(environment: NodeJS.ProcessEnv): { job: Job; config: TrainerConfig } {
  const file = environment.SWEEPBOARD_JOB
  if (file === undefined || file === '') {
    throw new Error('SWEEPBOARD_JOB is not set; expected the path of a job.json')
  }
  let job: Job
  try {
    job = JSON.parse(readFileSync(file, 'utf8')) as Job
  } catch (error) {
    throw new Error(`SWEEPBOARD_JOB names ${file}, which cannot be read as JSON: ${(error as Error).message}`)
  }
  if (job.kind !== 'training' && job.kind !== 'evaluation') {
    throw new Error(`${file}: kind is ${JSON.stringify(job.kind)}; expected "training" or "evaluation"`)
  }
  if (typeof job.runFolder !== 'string' || typeof job.eventsFile !== 'string') {
    throw new Error(`${file}: runFolder and eventsFile are needed; expected two absolute paths`)
  }
  if (job.kind === 'evaluation' && !job.evaluation) throw new Error(`${file}: an evaluation needs "evaluation"`)
  // the milestone axis says how long to train; it is no setting
  const source = { ...job.config }
  if (job.milestones !== null && job.milestones !== undefined) delete source[job.milestones.axis]
  return {
    job: { ...job, milestones: job.milestones ?? null, init: job.init ?? null, resume: job.resume ?? null },
    config: readTrainerConfig(source),
  }
}
