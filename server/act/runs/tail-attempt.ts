/** Reads what is new in an attempt's events file into the database. Rows and byte offset are one transaction. */
import { closeSync, fstatSync, readSync, type BigIntStats } from 'node:fs'
import path from 'node:path'
import { transaction } from '../../../db/client.ts'
import {
  insertCheckpoint,
  findCheckpointByStep,
  saveEvaluation,
  findCheckpoint,
  countOtherBenchmarks,
} from '../../../db/queries/checkpoints.ts'
import { hasProblemLike, insertEvents, type NewEvent } from '../../../db/queries/events.ts'
import { advanceEventOffset, findAttempt, type AttemptRow } from '../../../db/queries/attempts.ts'
import { setLastStep, updateJob, type AnyJobRow, type JobRow } from '../../../db/queries/jobs.ts'
import { listMeasuredAgain } from '../../../db/queries/repeat-evaluations.ts'
import { listCheckpointPoints } from '../../../db/queries/points.ts'
import { findSweep } from '../../../db/queries/sweeps.ts'
import type {
  AboutEvent,
  EvaluationEvent,
  FileEvent,
  NoteEvent,
  SampleEvent,
  TrainerEvent,
  ArtifactEvent,
} from '../../../contract/trainer.ts'
import { openFile } from '../../attempt-files/open-file.ts'
import { recordRungResult } from '../checkpoints/race-rungs.ts'
import { recordRepeat } from '../checkpoints/record-repeat.ts'
import { hasEvaluation, recordCheckpoint } from '../checkpoints/record-checkpoint.ts'
import { scorePoint } from '../checkpoints/score-point.ts'
import { attemptFolder, fileOfAttempt, notify, type Context } from '../../base/context.ts'
import {
  leftOutSentence,
  limitMetrics,
  mostBenchmarks,
  mostMetrics,
  mostNameCharacters,
} from '../../formats/most-names.ts'
import { parseEvents, type ParsedEvents } from '../../formats/parse-events.ts'
import { takeOwnEvent } from '../own-runs/take-own-event.ts'
import { dropKnown } from './drop-known.ts'
import { identityAfter, isSameFile } from './events-file.ts'
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
  job: AnyJobRow,
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
  job: AnyJobRow,
  attempt: AttemptRow,
  { descriptor, ended, blockBytes }: { descriptor: number; ended: boolean; blockBytes: number },
): Progress {
  const stats = fstatSync(descriptor, { bigint: true })
  const size = Number(stats.size)
  const from = attempt.eventOffset
  if (!isSameFile(attempt.eventFile, { descriptor, offset: from, stats })) {
    beginAnew(context, job, attempt, size)
    return size === 0 ? 'last' : 'more'
  }
  if (size === from) return 'nothing'
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
    const problems = [{ line: attempt.eventLines + 1, text: '', message: text }]
    store(context, job, attempt, { consumed: buffer.subarray(0, filled), stats }, { ...nothing, problems })
    return 'more'
  }
  if (end === 0) {
    if (!ended) return 'nothing'
    // The writer is gone and left no line end: what stands there is read as a line, and reported where it is none.
    const whole = Buffer.concat([buffer.subarray(0, filled), Buffer.from('\n')])
    const parsed = parseEvents(whole, whole.length, attempt.eventLines + 1)
    store(context, job, attempt, { consumed: buffer.subarray(0, filled), stats }, parsed)
    return 'last'
  }
  const parsed = parseEvents(buffer, end, attempt.eventLines + 1)
  store(context, job, attempt, { consumed: buffer.subarray(0, end), stats }, parsed)
  return from + end < size ? 'more' : 'last'
}

const nothing: ParsedEvents = { metrics: [], others: [], unknown: [], problems: [], lines: 0 }

/**
 * The file is another than the one that was read up to the offset. All of it is read, and what of it came before is not taken twice.
 * A program that writes it over and over is told when that doubles.
 */
function beginAnew(context: Context, job: AnyJobRow, attempt: AttemptRow, size: number): void {
  const anew = (attempt.eventFile?.anew ?? 0) + 1
  const eventFile = { headBytes: 0, head: '', tailBytes: 0, tail: '', seen: '', anew }
  const values = { eventOffset: 0, eventLines: 0, eventFile }
  const times = anew === 1 ? '' : `, for the ${anew}th time`
  const message =
    `events.jsonl was begun anew or written over${times}: it has ${size} bytes, and not those ${attempt.eventOffset} that had been read. ` +
    'What was read is kept; the file is read from its start, and what is in it a second time is not taken twice.'
  transaction(context.database, () => {
    if ((anew & (anew - 1)) === 0)
      insertEvents(context.database, eventRows(job, { ...nothing, problems: [{ line: 0, text: '', message }] }))
    advance(context, job, attempt, values)
  })
  Object.assign(attempt, values)
}

/** Writes how far the file was read. Throws where somebody else has read on meanwhile. */
function advance(
  { database }: Context,
  job: AnyJobRow,
  attempt: AttemptRow,
  values: Parameters<typeof advanceEventOffset>[4],
): void {
  if (!advanceEventOffset(database, job.id, job.attempt, attempt.eventOffset, values))
    throw new Error(`another process read the events of job ${job.id}, attempt ${job.attempt}`)
}

/** `consumed`: the bytes from the offset on that the events are of. */
function store(
  context: Context,
  job: AnyJobRow,
  attempt: AttemptRow,
  { consumed, stats }: { consumed: Buffer; stats: BigIntStats },
  all: ParsedEvents,
): void {
  const { database } = context
  const from = attempt.eventOffset
  const of = { jobId: job.id, attempt: job.attempt, lastStep: attempt.lastStep }
  const parsed = attempt.eventFile?.anew === undefined ? all : dropKnown(context, all, of)
  const steps = parsed.metrics.map((row) => row.step)
  const values = {
    eventOffset: from + consumed.length,
    eventLines: attempt.eventLines + parsed.lines,
    eventFile: identityAfter(attempt.eventFile, { from, consumed, stats }),
    ...(steps.length > 0 && {
      firstStep: Math.min(attempt.firstStep ?? Infinity, minimumOf(steps)),
      lastStep: Math.max(attempt.lastStep ?? 0, -minimumOf(steps.map((step) => -step))),
    }),
  }
  transaction(database, () => {
    const leave = (kind: 'metrics' | 'benchmarks', most: number, left: ReadonlySet<string>) => {
      if (left.size === 0) return
      const message = leftOutSentence(kind, most, left)
      if (
        !hasProblemLike(database, job.id, `% are not shown: at most % ${kind}, %`) &&
        !hasProblemLike(database, job.id, `% is not shown: at most % ${kind}, %`)
      )
        insertEvents(database, eventRows(job, { ...nothing, problems: [{ line: 0, text: '', message }] }))
    }
    if (parsed.metrics.length > 0) {
      leave('metrics', mostMetrics, limitMetrics(context.series.names(job.id), parsed.metrics))
      const rows = withStepTimes(context.series, job.id, parsed.metrics, attempt.firstStep === null)
      context.series.append(job.id, job.attempt, rows)
    }
    const measured = new Set<number>()
    const left = new Set<string>()
    for (const { event } of parsed.others) {
      if (isOneTooMany(context, job, event)) left.add(event.benchmark)
      else if (isOfSweep(job)) apply(context, job, event, measured)
      else takeOwnEvent(context, job, event)
    }
    leave('benchmarks', mostBenchmarks, left)
    if (isOfSweep(job)) scoreEarly(context, job, measured)
    insertEvents(database, eventRows(job, parsed))
    context.atInstant?.('in-ingest')
    advance(context, job, attempt, values)
    if (values.lastStep !== undefined) setLastStep(database, job.id, values.lastStep)
  })
  Object.assign(attempt, values)
}

const isOfSweep = (job: AnyJobRow): job is JobRow => job.sweepId !== null

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
  } else if (event.type === 'evaluation' && job.rung !== null) {
    const { benchmark, correct, total } = event
    const items = event.items === undefined ? null : fileOf(event.items)
    recordRungResult(context, job, { benchmark, correct, total, items, error: null })
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

/** Whether an evaluation is of one benchmark more than a checkpoint has, or of one that is no name. */
function isOneTooMany({ database }: Context, job: AnyJobRow, event: TrainerEvent): event is EvaluationEvent {
  if (event.type !== 'evaluation') return false
  if (event.benchmark.length > mostNameCharacters) return true
  if (job.again !== null) {
    const measured = listMeasuredAgain(database, job.id)
    return measured.length >= mostBenchmarks && !measured.includes(event.benchmark)
  }
  const checkpoint =
    job.kind === 'evaluation' ? job.checkpointId : findCheckpointByStep(database, job.id, event.step)?.id
  return checkpoint != null && countOtherBenchmarks(database, checkpoint, event.benchmark) >= mostBenchmarks
}

/** A trainer that evaluates itself may have said all that a point's score needs before it ends. */
function scoreEarly(context: Context, job: JobRow, checkpointIds: Iterable<number>): void {
  const sweep = findSweep(context.database, job.sweepId)!
  if (job.kind === 'evaluation' || hasEvaluation(sweep)) return
  for (const checkpointId of checkpointIds)
    for (const point of listCheckpointPoints(context.database, checkpointId))
      scorePoint(context, sweep, point, { final: false })
}

type KeptEvent = SampleEvent | NoteEvent | AboutEvent | FileEvent | ArtifactEvent
const keptTypes: readonly TrainerEvent['type'][] = ['sample', 'note', 'config', 'summary', 'tags', 'file', 'artifact']

/** Whether the event is kept as it is; of the others the store has what they say. */
function isKept(event: TrainerEvent): event is KeptEvent {
  return keptTypes.includes(event.type)
}

function eventRows(job: AnyJobRow, parsed: ParsedEvents): NewEvent[] {
  const base = { jobId: job.id, attempt: job.attempt }
  const rows: NewEvent[] = []
  for (const { line, event } of parsed.others) {
    // of an attempt the end of its process says how it stands, and nothing that it writes
    if (event.type === 'client' && isOfSweep(job)) rows.push({ ...base, line, type: 'unknown', body: event })
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
