/** What stands in an attempt's control folder beside the wrapper's own files, where Slurm runs it. */
import { linkSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

/** How it was submitted. */
export const submissionSchema = z.object({
  /** The job's name at Slurm: a token of this side, of this submission only. */
  name: z.string(),
  /** Its place in the array. */
  index: z.int(),
  /** When it was handed over, by the wall clock: a submission may still arrive for a while after that. */
  at: z.number(),
  /** Slurm's number of the submission, where its answer came. */
  job: z.string().optional(),
})
export type Submission = z.infer<typeof submissionSchema>

/** What its batch script says of where it is. */
export const nodeSchema = z.object({
  job: z.string(),
  cluster: z.string(),
  partition: z.string(),
  node: z.string(),
  gpus: z.string(),
})
export type NodeFile = z.infer<typeof nodeSchema>

/** When a server first saw it run, by that machine's monotonic clock. */
export const seenSchema = z.object({ boot: z.string(), monotonic: z.number() })

/** Writes the submission where there is none yet. False: somebody else has submitted it. */
export function claimSubmission(control: string, submission: Submission): boolean {
  const file = path.join(control, 'slurm.json')
  const own = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`
  writeFileSync(own, `${JSON.stringify(submission)}\n`, { mode: 0o600 })
  try {
    linkSync(own, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

/** Writes a file of the folder whole; a power cut may take it back. */
export function replaceControl(control: string, name: string, content: object): void {
  const file = path.join(control, name)
  writeFileSync(`${file}.server`, `${JSON.stringify(content)}\n`, { mode: 0o600 })
  renameSync(`${file}.server`, file)
}

/** Looks at the folder anew: a network file system may else show what it was some seconds ago. */
export function lookAgain(control: string): void {
  try {
    readdirSync(control)
  } catch {
    // gone: what is asked of it next says so
  }
}
