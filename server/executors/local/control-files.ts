/** What stands in an attempt's control folder: written by its wrapper and by servers, never by its program. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { readWholeFile, UnreadableFile } from '../../attempt-files/open-file.ts'

/** None of these files is longer. */
const mostBytes = 1 << 16

/** The wrapper's word on itself; `monotonic` and `uptime` are missing in folders of versions before this one. */
export const pidFileSchema = z.object({
  pid: z.int().positive(),
  start: z.string(),
  boot: z.string(),
  monotonic: z.number().optional(),
  uptime: z.string().optional(),
})
export type PidFile = z.infer<typeof pidFileSchema>

export const exitFileSchema = z.object({
  exitCode: z.int(),
  uptime: z.string().optional(),
  error: z.string().optional(),
})

export type ExitFile = z.infer<typeof exitFileSchema>

/** The request to stop that was passed on, and when by the monotonic clock. */
export const stopFileSchema = z.object({ request: z.number(), monotonic: z.number() })
export type StopFile = z.infer<typeof stopFileSchema>

/**
 * Reads a file of the control folder. Null: it is not there. 'torn': it is there and does not say what it should: empty or
 * cut off, as a power cut leaves it.
 */
export function readControl<Content>(
  control: string,
  name: string,
  schema: z.ZodType<Content>,
): Content | 'torn' | null {
  try {
    const text = readWholeFile(path.join(control, name), [control], mostBytes)
    if (text === null) return null
    return schema.parse(JSON.parse(text))
  } catch (error) {
    if (error instanceof UnreadableFile || error instanceof SyntaxError || error instanceof z.ZodError) return 'torn'
    throw error
  }
}

/** Writes a file of the control folder whole, on the disk before it counts. */
export function writeControl(control: string, name: string, content: object): void {
  const file = path.join(control, name)
  const descriptor = openSync(`${file}.server`, 'w', 0o600)
  try {
    writeSync(descriptor, `${JSON.stringify(content)}\n`)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(`${file}.server`, file)
}

/**
 * Says of an attempt whose command never ran how it ended, in the wrapper's place: claimed as the wrapper would. Where another wrapper
 * has it, the folder is gone, or the disk is full, the attempt stays as it is, and the server looks again.
 */
export function writeUnstarted(control: string, error: string): void {
  try {
    mkdirSync(path.join(control, 'claim'))
    writeControl(control, 'exit.json', { exitCode: 127, error })
  } catch {
    // as said
  }
}
