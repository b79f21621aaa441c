/** Reads and writes sweep files in their plainest form: places of issues come with the reader that follows. */
import { parse, stringify } from 'yaml'
import { sweepSchema, type Sweep } from '../../domain/sweep.ts'
import type { Issue } from '../../domain/errors.ts'
export function readSweepText(text: string): {
  definition: Sweep | null
  issues: Issue[]
  locate: (path: Issue['path']) => { line?: number; column?: number }
} {
  const r = sweepSchema.safeParse(parse(text))
  return {
    definition: r.success ? r.data : null,
    issues: r.success ? [] : r.error.issues.map((i) => ({ path: i.path as string[], message: i.message })),
    locate: () => ({}),
  }
}
export function writeSweepText(definition: unknown): string {
  return stringify(definition)
}
