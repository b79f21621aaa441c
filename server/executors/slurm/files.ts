/** What stands in an attempt's control folder beside the wrapper's own files, where Slurm runs it. */
import { z } from 'zod'
import { claimFile } from '../cluster/folder.ts'

/** How it was submitted. */
export const slurmSubmissionSchema = z.object({
  /** The job's name at Slurm: a token of this side, of this submission only. */
  name: z.string(),
  /** Its place in the array. */
  index: z.int(),
  /** When it was handed over, by the wall clock: a submission may still arrive for a while after that. */
  at: z.number(),
  /** Slurm's number of the submission, where its answer came. */
  job: z.string().optional(),
})
export type SlurmSubmission = z.infer<typeof slurmSubmissionSchema>

/** What its batch script says of where it is. */
export const nodeSchema = z.object({
  job: z.string(),
  cluster: z.string(),
  partition: z.string(),
  node: z.string(),
  gpus: z.string(),
})
export type NodeFile = z.infer<typeof nodeSchema>

/** Writes the submission where there is none yet. False: somebody else has submitted it. */
export function claimSubmission(control: string, submission: SlurmSubmission): boolean {
  return claimFile(control, 'slurm.json', submission)
}
