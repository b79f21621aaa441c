/** Metric files of other trainers as events. */
import { closeSync, readSync } from 'node:fs'
import path from 'node:path'
import { SweepboardError } from '../../domain/errors.ts'
import { openFile, UnreadableFile, type OpenFile } from '../attempt-files/open-file.ts'
import { writeNumber } from './write-number.ts'
import { type ForeignMetrics, readMetricsLine } from './json-metrics.ts'
import { lineBlocks } from './line-blocks.ts'
import { readTensorBoard } from './tensorboard.ts'

const blockBytes = 1 << 20
/** Problems of a file that are told one by one. */
const mostProblems = 10

/** Metrics as a line of the trainer protocol. `quoted`: names as JSON, for who writes the same ones again and again. */
export function eventLine({ step, time, values }: ForeignMetrics, quoted = quote): string {
  let written = ''
  for (const name of Object.keys(values)) {
    const value = values[name]!
    if (written !== '') written += ','
    written += `${quoted(name)}:${Number.isFinite(value) ? writeNumber(value) : `"${value}"`}`
  }
  return `{"type":"metrics","step":${step}${time === null ? '' : `,"time":${time}`},"values":{${written}}}\n`
}

const quote = (name: string): string => JSON.stringify(name)

/**
 * Metrics of a file, a block at a time; `tell` gets what is wrong with it, the first few things. `follow`: at the end of the
 * file an empty block, and so on for as long as it is asked, as more may come. Throws `invalid` where no file can be read.
 */
export function* readMetricFile(
  file: string,
  tell: (problem: string) => void,
  { follow = false } = {},
): Generator<ForeignMetrics[]> {
  const report = firstProblems(file, tell)
  if (isEventFile(file)) {
    yield* readEventFile(file, report, { follow })
    return
  }
  const { descriptor } = requireFile(file)
  try {
    let line = 0
    for (const lines of lineBlocks(descriptor, { follow })) {
      const metrics: ForeignMetrics[] = []
      for (const text of lines) {
        line += 1
        const read = text.trim() === '' ? null : readMetricsLine(text)
        if (read !== null && 'problem' in read) report(`line ${line} ${read.problem}`)
        else if (read !== null) metrics.push(read)
      }
      yield metrics
    }
  } finally {
    closeSync(descriptor)
  }
}

/** Scalars of a TensorBoard event file, as `readMetricFile` gives them. */
export function* readEventFile(
  file: string,
  report: (problem: string) => void,
  { follow = false } = {},
): Generator<ForeignMetrics[]> {
  const { descriptor } = requireFile(file)
  try {
    let rest: Buffer = Buffer.alloc(0)
    for (;;) {
      const block = Buffer.allocUnsafe(blockBytes)
      const filled = readSync(descriptor, block, 0, blockBytes, null)
      if (filled === 0 && follow) {
        yield []
        continue
      }
      const bytes = Buffer.concat([rest, block.subarray(0, filled)])
      const { metrics, end, problem, passedOver } = readTensorBoard(bytes)
      yield metrics
      rest = bytes.subarray(end)
      for (const text of passedOver) report(text)
      if (problem !== null) return report(problem)
      if (filled > 0) continue
      if (rest.length > 0) report('its last event is not written to its end; it was passed over')
      return
    }
  } finally {
    closeSync(descriptor)
  }
}

/** Tells the first few problems of a file, and that there are more. */
export function firstProblems(file: string, tell: (problem: string) => void): (text: string) => void {
  let problems = 0
  return (text) => {
    problems += 1
    if (problems <= mostProblems) tell(`${file}: ${text}.`)
    else if (problems === mostProblems + 1) tell(`${file}: … and more.`)
  }
}

/** Opens a file that a person named. Throws `invalid` where none can be read. */
export function requireFile(file: string): OpenFile {
  try {
    const opened = openFile(path.resolve(file), 'anywhere')
    if (opened !== null) return opened
  } catch (error) {
    if (error instanceof UnreadableFile) throw new SweepboardError('invalid', `${error.message}.`)
    throw error
  }
  throw new SweepboardError('invalid', `There is no file ${file}.`)
}

/** Whether the name is that of a TensorBoard event file. */
export function isEventFile(file: string): boolean {
  return path.basename(file).includes('tfevents')
}
