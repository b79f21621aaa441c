/** Which reports an evaluation wrote: what stood there before it began is none of them. */
import { statSync } from 'node:fs'
import path from 'node:path'
import { isUnchanged, type Traces } from '../../../domain/life/traces.ts'
import type { ReportPlace } from '../../../domain/sweep/commands/commands.ts'
import { substitute } from '../../../domain/sweep/commands/placeholders.ts'
import { isPattern } from '../../../domain/sweep/commands/shared-paths.ts'
import { matchPattern, substitutePattern } from './path-pattern.ts'
import { realPath, traceOf, writtenTime } from './traces.ts'

/** Files where a report is expected: one, or what the pattern matches now. */
export function filesAt(directory: string, { template, values }: ReportPlace): string[] | string {
  if (!isPattern(template)) return [path.resolve(directory, substitute(template, values))]
  return matchPattern(directory, substitutePattern(template, values))
}

type Own = { files: string[] } | { missing: string; stale: boolean }

/**
 * The reports that this evaluation wrote, oldest first; or why there are none. Without a format only the newest: of a harness' files each
 * may hold another benchmark.
 */
export function ownReports(
  { directory, isHarness }: { directory: string; isHarness: boolean },
  place: ReportPlace,
  before: Traces,
): Own {
  const expected = path.resolve(directory, substitute(place.template, place.values))
  const files = filesAt(directory, place)
  if (typeof files === 'string') return { missing: `The report cannot be looked for: ${files}.`, stale: false }
  const own: { path: string; changedAt: number }[] = []
  let stale: { path: string; newestAt: number } | null = null
  for (const file of files) {
    const trace = traceOf(file)
    if (trace === null) continue
    if (!isUnchanged(before, realPath(file), trace)) {
      // a copy keeps its old time of writing: the time of the last change says which came last
      own.push({ path: file, changedAt: statSync(file).ctimeMs })
    } else if (stale === null || trace.newestAt > stale.newestAt) stale = { path: file, newestAt: trace.newestAt }
  }
  const sorted = own.toSorted((a, b) => a.changedAt - b.changedAt).map((one) => one.path)
  if (sorted.length > 0) return { files: isHarness ? sorted : sorted.slice(-1) }
  if (stale === null) return { missing: `The evaluation wrote no report at ${expected}.`, stale: false }
  return {
    missing: `The evaluation left the report ${stale.path} as it was before, of ${writtenTime(stale.newestAt)}; it wrote none. Let it write over the file, or to one of its own such as \${report}.`,
    stale: true,
  }
}
