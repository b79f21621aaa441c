/** What is true of every job at a site: the settings file's part for Slurm. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { SweepboardError } from '../../../domain/errors.ts'
import { slurmRequestSchema } from '../../../domain/sweep/executor.ts'

const siteSchema = z.strictObject({
  ...slurmRequestSchema.shape,
  /** The controller is asked how jobs stand no more often than this. */
  ask_seconds: z.number().min(0.1).max(3600).default(5),
  /** At most this many jobs at the cluster at a time. */
  most_jobs: z.number().int().min(1).max(100_000).default(1000),
  /** How much later than it was written a file of a node may be seen here. */
  file_delay_seconds: z.number().min(0).max(600).default(15),
  /** How long before its time limit a job is asked to save and leave. */
  save_seconds: z.number().int().min(1).max(86_400).default(180),
})
export type Site = z.output<typeof siteSchema>

const settingsSchema = z.strictObject({ slurm: siteSchema.prefault({}) })

/**
 * Reads the settings file; all defaults where there is none. Throws a SweepboardError that names the file and what is wrong with
 * it.
 */
export function readSite(file: string): Site {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return settingsSchema.parse({}).slurm
    throw new SweepboardError('invalid', `The settings ${file} cannot be read: ${(error as Error).message}.`)
  }
  try {
    return settingsSchema.parse(parse(text) ?? {}).slurm
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`).join('; ')
        : (error as Error).message
    throw new SweepboardError('invalid', `The settings ${file} cannot be used. ${why}`)
  }
}
