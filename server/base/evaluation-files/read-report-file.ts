/** One report file, of a harness or of a command's own making, with the files of answers that the harness left around it. */
import path from 'node:path'
import { namesIn } from '../../attempt-files/names-in.ts'
import type { ReportSettings } from '../../../domain/sweep/sweep.ts'
import { replaceFile } from '../../attempt-files/write-file.ts'
import { readReport, readReportText, type ReportResult } from '../../formats/read-report.ts'
import { detailsOf } from '../../formats/reports/lighteval.ts'
import { harnesses, readHarnessReport } from '../../formats/reports/read-harness-report.ts'

/**
 * What the file holds by the sweep file's settings; a sentence where it gives nothing. `benchmark`: the one that it was named for.
 * `wanted`: benchmarks that need an accuracy. `folder`: where answers that stand within the report are laid out, a line each.
 */
export function readReportFile(
  file: string,
  settings: ReportSettings,
  { benchmark, wanted, folder }: { benchmark: string | null; wanted: readonly string[] | 'all'; folder: string | null },
): ReportResult[] | string {
  const { format } = settings
  if (format === undefined) return readReport(file, settings, benchmark)
  const text = readReportText(file)
  if (typeof text !== 'string') return text.problem
  const results = readHarnessReport(file, text, { ...settings, format }, { benchmark, wanted })
  if (typeof results === 'string') return results
  if (format === 'lighteval') return withDetails(file, results)
  const harness = harnesses[format]
  const around = filesAround(file)
  const within = folder === null || results.length !== 1 ? [] : (harness.itemsWithin?.(text) ?? [])
  if (within.length > 0) {
    const items = path.join(folder!, `items-${path.basename(file).replaceAll(/[^A-Za-z0-9_.-]/g, '_')}l`)
    replaceFile(items, within.map((item) => `${JSON.stringify(item)}\n`).join(''))
    return results.map((result) => ({ ...result, items }))
  }
  return results.map((result) => {
    // a file that was named for a benchmark calls it otherwise, perhaps
    const items =
      harness.itemsOf(file, result.benchmark, around) ??
      (results.length === 1 ? (onlyItems(around, file, harness.itemsOf) ?? null) : null)
    return { ...result, items }
  })
}

/** Results with the Parquet file of each one's answers. */
function withDetails(file: string, results: ReportResult[]): ReportResult[] {
  const found = detailsOf(file)
  if (found === null) return results
  const files = filesAround(path.join(found.folder, '*')).map((one) => path.basename(one))
  return results.map((result) => {
    const own = files.filter((name) => found.isOf(name, result.benchmark))
    const only = own.length === 0 && results.length === 1 && files.length === 1 ? files : own
    return { ...result, details: only.length === 1 ? path.join(found.folder, only[0]!) : null }
  })
}

function onlyItems(
  around: string[],
  file: string,
  itemsOf: (typeof harnesses)['lm-eval']['itemsOf'],
): string | undefined {
  const tasks = around.flatMap((one) => /^samples_(.+)_\d{4}-\d\d-\d\dT/.exec(path.basename(one))?.[1] ?? [])
  const found = tasks.flatMap((task) => itemsOf(file, task, around) ?? [])
  return found.length === 1 ? found[0] : undefined
}

const mostAround = 20_000

/** Files beside the report; a harness may have left thousands of others there, and beyond these nobody looks. */
function filesAround(file: string): string[] {
  const folder = path.dirname(file)
  try {
    return namesIn(folder, mostAround).map((name) => path.join(folder, name))
  } catch {
    return []
  }
}
