/** Reads what is new in an attempt's events file into the database. Rows and byte offset are one transaction. */
import { closeSync, fstatSync, readSync } from 'node:fs'
import path from 'node:path'
import { transaction } from '../../../db/client.ts'
import {
  insertCheckpoint,
  findCheckpointByStep,
  saveEvaluation,
  findCheckpoint,
} from '../../../db/queries/checkpoints.ts'
import { insertEvents, type NewEvent } from '../../../db/queries/events.ts'
import { advanceEventOffset, findAttempt, updateJob, type AttemptRow, type JobRow } from '../../../db/queries/jobs.ts'
import { listCheckpointPoints } from '../../../db/queries/points.ts'
import { findSweep } from '../../../db/queries/sweeps.ts'
import type { AboutEvent, FileEvent, NoteEvent, SampleEvent, TrainerEvent } from '../../../contract/trainer.ts'
import { openFile } from '../../attempt-files/open-file.ts'
import { recordRepeat } from '../checkpoints/record-repeat.ts'
import { hasEvaluation, recordCheckpoint } from '../checkpoints/record-checkpoint.ts'
import { scorePoint } from '../checkpoints/score-point.ts'
import { attemptFolder, fileOfAttempt, notify, type Context } from '../../base/context.ts'
import { parseEvents, type ParsedEvents } from '../../formats/parse-events.ts'
import { withStepTimes } from '../../formats/step-times.ts'

/** A block is read at once. What it costs depends on its lines: the next is larger or smaller, so that none takes long. */
const firstBlockBytes = 1 << 16
const leastBlockBytes = 1 << 14
const mostBlockBytes = 1 << 20
const shortMilliseconds = 8
const longMilliseconds = 16
/** A line longer than this is reported and passed over: no trainer means it. */
const maximumLineBytes = 4 << 20
/** Of the lines of a block that are no events so many are told one by one; the others are counted. */
const mostProblemsABlock = 20

/**
 * Reads whole lines. `ended`: the process is gone, so a last line without its end is read as far as it goes. `until`: what
 * `performance.now()` may come to; what is left then waits for the next call, and nothing is dropped.
 * Gives whether everything there is was read. Throws UnreadableFile where events.jsonl is no plain file of the attempt.
 */
export function tailAttempt(
  context: Context,
  job: JobRow,
  { ended, until = Infinity }: { ended: boolean; until?: number },
): boolean {
  const folder = attemptFolder(context, job.id, job.attempt)
  const opened = openFile(path.join(folder, 'events.jsonl'), [folder])
  if (opened === null) return true
  const { descriptor } = opened
  try {
    const attempt = findAttempt(context.database, job.id, job.attempt)!
    let changed = false
    let blockBytes = firstBlockBytes
    for (let startedAt = performance.now(); ;) {
      const read = readBlock(context, job, attempt, { descriptor, ended, blockBytes })
      changed ||= read !== 'nothing'
      const now = performance.now()
      if (read !== 'more' || now >= until) {
        if (changed) notify(context, job.sweepId, job.runId ?? job.id)
        return read !== 'more'
      }
      if (now - startedAt < shortMilliseconds) blockBytes = Math.min(mostBlockBytes, blockBytes * 2)
      else if (now - startedAt > longMilliseconds) blockBytes = Math.max(leastBlockBytes, blockBytes >> 1)
      startedAt = now
    }
  } finally {
    closeSync(descriptor)
  }
}

type Progress = 'nothing' | 'more' | 'last'

function readBlock(
  context: Context,
  job: JobRow,
  attempt: AttemptRow,
  { descriptor, ended, blockBytes }: { descriptor: number; ended: boolean; blockBytes: number },
): Progress {
  const { size } = fstatSync(descriptor)
  const from = attempt.eventOffset
  if (size === from) return 'nothing'
  if (size < from) {
    const text = `events.jsonl became shorter: ${from} bytes had been read, it has ${size}. What was read is kept; reading goes on from its new end.`
    store(context, job, attempt, size, { ...nothing, problems: [{ line: 0, text: '', message: text }] })
    return 'last'
  }
  let buffer = Buffer.allocUnsafe(Math.min(size - from, blockBytes))
  let filled = readSync(descriptor, buffer, 0, buffer.length, from)
  let end = buffer.lastIndexOf(10, filled - 1) + 1
  // One line longer than the block: take more until its end is in sight.
  while (end === 0 && from + filled < size && filled < maximumLineBytes) {
    const larger = Buffer.allocUnsafe(Math.min(size - from, buffer.length * 2))
    buffer.copy(larger, 0, 0, filled)
    filled += readSync(descriptor, larger, filled, larger.length - filled, from + filled)
    buffer = larger
    end = buffer.lastIndexOf(10, filled - 1) + 1
  }
  if (end === 0 && filled >= maximumLineBytes) {
    const text = `A line longer than ${maximumLineBytes} bytes was passed over at byte ${from}.`
    store(context, job, attempt, from + filled, {
      ...nothing,
      problems: [{ line: attempt.eventLines + 1, text: '', message: text }],
    })
    return 'more'
  }
  if (end === 0) {
    if (!ended) return 'nothing'
    // The writer is gone and left no line end: what stands there is read as a line, and reported where it is none.
    const whole = Buffer.concat([buffer.subarray(0, filled), Buffer.from('\n')])
    store(context, job, attempt, from + filled, parseEvents(whole, whole.length, attempt.eventLines + 1))
    return 'last'
  }
  store(context, job, attempt, from + end, parseEvents(buffer, end, attempt.eventLines + 1))
  return from + end < size ? 'more' : 'last'
}

const nothing: ParsedEvents = { metrics: [], others: [], unknown: [], problems: [], lines: 0 }

function store(context: Context, job: JobRow, attempt: AttemptRow, offset: number, parsed: ParsedEvents): void {
  const { database } = context
  const steps = parsed.metrics.map((row) => row.step)
  const values = {
    eventOffset: offset,
    eventLines: attempt.eventLines + parsed.lines,
    ...(steps.length > 0 && {
      firstStep: Math.min(attempt.firstStep ?? Infinity, minimumOf(steps)),
      lastStep: Math.max(attempt.lastStep ?? 0, -minimumOf(steps.map((step) => -step))),
    }),
  }
  transaction(database, () => {
    if (parsed.metrics.length > 0) {
      const rows = withStepTimes(context.series, job.id, parsed.metrics, attempt.firstStep === null)
      context.series.append(job.id, job.attempt, rows)
    }
    const measured = new Set<number>()
    for (const { event } of parsed.others) apply(context, job, event, measured)
    scoreEarly(context, job, measured)
    insertEvents(database, eventRows(job, parsed))
    context.atInstant?.('in-ingest')
    if (!advanceEventOffset(database, job.id, job.attempt, attempt.eventOffset, values)) {
      throw new Error(`another process read the events of job ${job.id}, attempt ${job.attempt}`)
    }
    if (values.lastStep !== undefined) updateJob(database, job.id, { lastStep: values.lastStep })
  })
  Object.assign(attempt, values)
}

// Math.min(...steps) would overflow the stack on a large block.
function minimumOf(numbers: number[]): number {
  return numbers.reduce((least, number) => Math.min(least, number), Infinity)
}

/** What an event changes besides being kept. `measured` gets the checkpoints that have new results. */
function apply(context: Context, job: JobRow, event: TrainerEvent, measured: Set<number>): void {
  const { database } = context
  const fileOf = (named: string) => fileOfAttempt(context, job.id, job.attempt, named)
  if (event.type === 'progress') {
    updateJob(database, job.id, { progressDone: event.done, progressTotal: event.total })
    Object.assign(job, { progressDone: event.done, progressTotal: event.total })
  } else if (event.type === 'checkpoint' && job.kind === 'training') {
    recordCheckpoint(context, job, {
      attempt: job.attempt,
      step: event.step,
      epoch: event.epoch ?? null,
      path: fileOf(event.path),
    })
  } else if (event.type === 'evaluation' && job.again !== null) {
    const items = event.items === undefined ? null : fileOf(event.items)
    recordRepeat(context, job, { ...event, items })
  } else if (event.type === 'evaluation') {
    const checkpoint =
      job.kind === 'evaluation'
        ? findCheckpoint(database, job.checkpointId!)!
        : (findCheckpointByStep(database, job.id, event.step) ??
          insertCheckpoint(database, { runId: job.id, attempt: job.attempt, step: event.step, path: null }))
    saveEvaluation(database, {
      checkpointId: checkpoint.id,
      benchmark: event.benchmark,
      accuracy: event.total > 0 ? event.correct / event.total : null,
      correct: event.correct,
      total: event.total,
      items: event.items === undefined ? null : fileOf(event.items),
      error: event.total > 0 ? null : 'it has no questions',
      jobId: job.id,
      createdAt: Date.now(),
    })
    measured.add(checkpoint.id)
  }
}

/** A trainer that evaluates itself may have said all that a point's score needs before it ends. */
function scoreEarly(context: Context, job: JobRow, checkpointIds: Iterable<number>): void {
  const sweep = findSweep(context.database, job.sweepId)!
  if (job.kind === 'evaluation' || hasEvaluation(sweep)) return
  for (const checkpointId of checkpointIds)
    for (const point of listCheckpointPoints(context.database, checkpointId))
      scorePoint(context, sweep, point, { final: false })
}

type KeptEvent = SampleEvent | NoteEvent | AboutEvent | FileEvent
const keptTypes: readonly TrainerEvent['type'][] = ['sample', 'note', 'config', 'summary', 'tags', 'file']

/** Whether the event is kept as it is; of the others the store has what they say. */
function isKept(event: TrainerEvent): event is KeptEvent {
  return keptTypes.includes(event.type)
}

function eventRows(job: JobRow, parsed: ParsedEvents): NewEvent[] {
  const base = { jobId: job.id, attempt: job.attempt }
  const rows: NewEvent[] = []
  for (const { line, event } of parsed.others) {
    if (!isKept(event)) continue
    const step = event.type === 'sample' ? event.step : null
    rows.push({ ...base, line, type: event.type, step, time: event.time ?? null, body: event })
  }
  for (const { line, body } of parsed.unknown) rows.push({ ...base, line, type: 'unknown', body })
  for (const { line, text, message } of parsed.problems.slice(0, mostProblemsABlock))
    rows.push({ ...base, line, type: 'problem', body: { text, message } })
  const more = parsed.problems.slice(mostProblemsABlock)
  if (more.length > 0) {
    const message = `${more.length} more lines from ${more[0]!.line} to ${more.at(-1)!.line} are no events, or not wholly.`
    rows.push({ ...base, line: more[0]!.line, type: 'problem', body: { text: '', message } })
  }
  return rows
}
