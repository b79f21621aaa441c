/** Reads a report that a person has by the settings of a sweep that is not made yet: what it would give, or why it gives nothing. */
import { statSync } from 'node:fs'
import path from 'node:path'
import type { TriedReport, TriedResult } from '../../../contract/api/reports.ts'
import { placeholdersOf, substitute } from '../../../domain/sweep/commands/placeholders.ts'
import { isPattern } from '../../../domain/sweep/commands/shared-paths.ts'
import { reportSchema, type ReportSettings } from '../../../domain/sweep/sweep.ts'
import { UnreadableFile } from '../../attempt-files/open-file.ts'
import { readAside, StillReading } from '../../attempt-files/read-aside.ts'
import { matchPattern, substitutePattern } from '../../base/evaluation-files/path-pattern.ts'
import { readReportFile } from '../../base/evaluation-files/read-report-file.ts'
import { resultsOfReport, type ReportResult } from '../../formats/read-report.ts'
import { harnesses, readHarnessReport } from '../../formats/reports/read-harness-report.ts'
import { triedResults } from '../../tables/tried-results.ts'

export type TryReport = {
  /** `evaluate.report` of the sweep file, as the form has it. */
  settings: unknown
  directory?: string | undefined
  /** A file, a folder or a pattern; empty: where the settings say, with anything in place of what only a run knows. */
  path?: string | undefined
  /** A text in its place, and what its file was called. */
  text?: string | undefined
  name?: string | undefined
  /** Benchmarks of the sweep's baseline. */
  wanted: readonly string[]
}

/** More files than these are not read to be shown. */
const mostFiles = 200

/** Reads alone, and only what the person who asks may read. Never throws for what is there. */
export async function tryReport(given: TryReport): Promise<TriedReport> {
  const parsed = reportSchema.safeParse(given.settings ?? {})
  if (!parsed.success) return nothing(parsed.error.issues.map(({ message }) => message).join('; '))
  const settings = parsed.data
  if (given.text !== undefined) {
    const read = resultsOfText(given.name || 'report.json', given.text, settings)
    return typeof read === 'string' ? nothing(read) : tried(noFiles, await triedResults(read, settings), given.wanted)
  }
  const directory = path.resolve(given.directory || '.')
  const places = placesOf(settings, directory, given.path?.trim() ?? '')
  if (typeof places === 'string') return nothing(places)
  const results = new Map<string, TriedResult>()
  for (const { file, benchmark } of places.files) {
    const read = await readOne(file, settings, benchmark, given.wanted)
    if (typeof read === 'string') return nothing(read)
    for (const result of await triedResults(read, settings, file)) results.set(result.benchmark, result)
  }
  return tried(places, [...results.values()], given.wanted)
}

const nothing = (problem: string): TriedReport => ({ files: [], asBaseline: null, results: [], missing: [], problem })

function tried({ files, asBaseline }: Places, results: TriedResult[], wanted: readonly string[]): TriedReport {
  const names = new Set(results.map(({ benchmark }) => benchmark))
  return {
    files: files.map(({ file }) => file),
    asBaseline,
    results: results.map((result) => ({
      ...result,
      counts: wanted.length === 0 ? null : wanted.includes(result.benchmark),
    })),
    missing: wanted.filter((name) => !names.has(name)),
    problem: results.length === 0 ? 'The report holds no benchmark.' : null,
  }
}

/** Oldest first. */
type Places = { files: { file: string; benchmark: string | null }[]; asBaseline: string | null }
const noFiles: Places = { files: [], asBaseline: null }

/** The files to read; a sentence where there are none. */
function placesOf(settings: ReportSettings, directory: string, asked: string): Places | string {
  const named = asked !== '' || typeof settings.file === 'string' ? null : settings.file
  if (named !== null && typeof named === 'object') {
    const files: Places['files'] = []
    for (const [benchmark, template] of Object.entries(named)) {
      const found = filesOf(settings, directory, anywhere(template))
      if (typeof found === 'string') return `${benchmark}: ${found}`
      files.push(...found.files.slice(-1).map((file) => ({ file, benchmark })))
    }
    return { files, asBaseline: null }
  }
  const file = settings.file as string
  if (asked === '' && placeholdersOf(file).some(({ name }) => name === 'report'))
    return `The report file is ${file}, which each evaluation has of its own; expected a file to try.`
  const found = filesOf(settings, directory, asked === '' ? anywhere(file) : asked)
  if (typeof found === 'string') return found
  return { files: found.files.map((one) => ({ file: one, benchmark: null })), asBaseline: found.named }
}

/** The path with anything in place of its placeholders. */
function anywhere(template: string): string {
  const values = Object.fromEntries(placeholdersOf(template).map(({ name }) => [name, '*']))
  return substitute(template, values)
}

/** Files that a path, a folder or a pattern stands for, and what a sweep file would call them. */
function filesOf(
  { format }: ReportSettings,
  directory: string,
  asked: string,
): { files: string[]; named: string } | string {
  const file = path.resolve(directory, asked)
  const stat = isPattern(asked) ? undefined : statSync(file, { throwIfNoEntry: false })
  const patterns = stat?.isDirectory() ? (format === undefined ? null : harnesses[format].files) : [asked]
  if (patterns === null) return `${file} is a folder; expected a file, or the harness that wrote it.`
  const folder = stat?.isDirectory() ? file : null
  for (const pattern of patterns) {
    if (!isPattern(pattern)) return { files: [file], named: asked }
    const found = matchPattern(folder ?? directory, substitutePattern(pattern, {}))
    if (typeof found === 'string') return `${found}.`
    if (found.length > mostFiles)
      return `${asked} stands for ${found.length.toLocaleString('en-US')} files; expected at most ${mostFiles}.`
    const oldestFirst = found.toSorted((a, b) => changedAt(a) - changedAt(b))
    const files = format === undefined ? oldestFirst.slice(-1) : oldestFirst
    if (files.length > 0) return { files, named: folder === null ? asked : path.join(asked, pattern) }
  }
  const wanted = folder !== null ? ` of ${format} (${patterns.join(', ')})` : ''
  return `There is no file${wanted} that ${asked} stands for in ${directory}.`
}

async function readOne(file: string, settings: ReportSettings, benchmark: string | null, wanted: readonly string[]) {
  const module = new URL('../../base/evaluation-files/read-report-file.ts', import.meta.url)
  // of verl a single benchmark names what the file does not
  const named = settings.format === 'verl' && wanted.length === 1 ? wanted : ('all' as const)
  const options = { benchmark, wanted: named, folder: null }
  for (;;) {
    try {
      const read = readAside(file, readReportFile, { module, given: [file, settings, options] })
      return typeof read === 'string' ? read.replace('The evaluation wrote no report', 'There is no report') : read
    } catch (error) {
      if (error instanceof UnreadableFile) return `${error.message}.`
      if (!(error instanceof StillReading)) throw error
      await error.done
    }
  }
}

function resultsOfText(name: string, text: string, settings: ReportSettings): ReportResult[] | string {
  const { format } = settings
  if (format === undefined) return resultsOfReport(name, text, settings, null)
  return readHarnessReport(name, text, { ...settings, format }, { benchmark: null, wanted: 'all' })
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
