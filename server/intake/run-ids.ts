import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Job } from '../../contract/trainer.ts'
import { readWholeFile } from '../attempt-files/open-file.ts'

/** The ids that clients are given for an attempt: W&B's a word, MLflow's 32 hexadecimal digits. */
export function runIds(run: string, attempt: string): { id: string; hexId: string } {
  const id = `run-${run}-${attempt}`
  return { id, hexId: createHash('sha256').update(id).digest('hex').slice(0, 32) }
}

/** What is followed of an attempt: the files that its sweep names, and the folder that TensorBoard's writers may be given. */
export function followedPatterns(folder: string, track: Job['track']): string[] {
  return [...(track?.files ?? []), path.join(folder, 'tensorboard')]
}

/** The job file of an attempt. */
export function readAttemptJob(folder: string): Job {
  return JSON.parse(readWholeFile(path.join(folder, 'job.json'), [folder], 64 << 20)!) as Job
}
