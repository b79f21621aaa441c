/**
 * Files that a training writes, read on as they grow. How far each was read stands in the events themselves, so a kill loses
 * and doubles nothing; what stood in a file before the attempt began is not of this attempt, and is not read.
 */
import { closeSync, readSync, statSync } from 'node:fs'
import path from 'node:path'
import { openFile, readWholeFile, UnreadableFile } from '../../attempt-files/open-file.ts'
import { replaceFile } from '../../attempt-files/write-file.ts'
import { type ForeignMetrics, readMetricsLine } from '../../formats/json-metrics.ts'
import { parsePythonJson } from '../../formats/python-json.ts'
import { readTensorBoard } from '../../formats/tensorboard.ts'
import { readWandbFile, type WandbRecord } from '../../formats/wandb-file.ts'
import { isObject, type IntakeEvent } from '../protocol.ts'
import { tableSamples } from '../../formats/rollout-table.ts'
import { Completions } from './completions.ts'
import { discoverFiles, type FoundFile } from './discover.ts'
import { readTrainerState, stateRowMark } from '../../formats/trainer-state.ts'

const blockBytes = 4 << 20
/** Problems of a file that are told one by one. */
const mostProblems = 5

/** `damaged`: nothing of it can be read from there on. */
type Place = { inode: number; offset: number; line: number; problems: number; damaged?: boolean }

export type Sink = {
  write(events: IntakeEvent[]): void
  /** Records of W&B's offline file, which one protocol makes events of. */
  wandb(records: WandbRecord[]): void
}

export class Followers {
  private readonly patterns: string[]
  private readonly sink: Sink
  private readonly completions: Completions
  private readonly places = new Map<string, Place>()
  /** Inodes and sizes of what stood there before. */
  private readonly before: Record<string, { inode: number; size: number }>
  private readonly stateRows = new Set<string>()
  private readonly stateTimes = new Map<string, number>()
  /** TensorBoard: the first folder's names stand as they are; a folder's scalars are kept once it has a second writer. */
  private readonly folders: string[] = []
  private readonly scalars = new Map<string, Set<string>>()

  /**
   * `memory`: a file that keeps what stood there before, for an intake that is started again. Whatever stands in `own`, the folder
   * that was made for the attempt, is of the attempt, however late it is found.
   */
  constructor(patterns: string[], memory: string, own: string, sink: Sink) {
    this.patterns = patterns
    this.sink = sink
    this.completions = new Completions((events) => sink.write(events))
    this.before = {}
    if (patterns.length === 0) return
    const known = readWholeFile(memory, [path.dirname(memory)], 256 << 20)
    if (known !== null) this.before = JSON.parse(known) as typeof this.before
    else {
      this.before = Object.fromEntries(
        this.found().flatMap(({ file }) => {
          if (file.startsWith(own + path.sep)) return []
          const stats = statSync(file, { throwIfNoEntry: false })
          return stats ? [[file, { inode: stats.ino, size: stats.size }]] : []
        }),
      )
      replaceFile(memory, JSON.stringify(this.before))
    }
    for (const [file, was] of Object.entries(this.before)) {
      if (file.endsWith('.parquet')) this.completions.passOver(file, was)
      if (path.basename(file) !== 'trainer_state.json') continue
      for (const row of readTrainerState(file)?.rows ?? []) this.stateRows.add(stateRowMark(row))
    }
  }

  /** An event that an earlier process of this intake wrote. */
  restore({ from }: IntakeEvent): void {
    const [, kind, ...rest] = from!.split(' ')
    if (kind === 'row') this.stateRows.add(rest[0]!)
    if (kind === 'parquet') this.completions.restore(rest)
    if (kind !== 'to') return
    const [offset, line, inode, ...parts] = rest
    const file = parts.join(' ')
    this.places.set(file, { inode: Number(inode), offset: Number(offset), line: Number(line), problems: 0 })
    const folder = path.dirname(file)
    if (path.basename(file).includes('tfevents') && !this.folders.includes(folder)) this.folders.push(folder)
  }

  /** Reads what is new in every file; `final`: a last line without its end is read as far as it goes. */
  poll(final: boolean): void {
    const all = this.found()
    const tables = all.filter(({ kind }) => kind === 'parquet')
    this.completions.poll(
      tables.map(({ file }) => file),
      final,
    )
    for (const found of all) {
      try {
        if (found.kind === 'parquet') continue
        if (found.kind === 'trainer-state') this.readState(found.file)
        else this.readOn(found, final)
      } catch (error) {
        // it may be gone again by now, and a pipe holds no lines to read again
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && !(error instanceof UnreadableFile)) throw error
      }
    }
  }

  private found(): FoundFile[] {
    const files = this.patterns.flatMap((pattern) => discoverFiles(pattern))
    return [...new Map(files.map((found) => [found.file, found])).values()]
  }

  private readOn(found: FoundFile, final: boolean): void {
    const opened = openFile(found.file, 'anywhere')
    if (opened === null) return
    const { descriptor, stats } = opened
    try {
      const { ino: inode, size } = stats
      const place = this.placeOf(found.file, inode, size)
      for (;;) {
        const read = this.readNext(found, descriptor, place, size, final)
        if (read === 0) return
      }
    } finally {
      closeSync(descriptor)
    }
  }

  private readNext(found: FoundFile, descriptor: number, place: Place, size: number, final: boolean): number {
    const saved = { ...place }
    try {
      const read = (length: number) => {
        const block = Buffer.allocUnsafe(Math.min(size - place.offset, length))
        return block.subarray(0, block.length === 0 ? 0 : readSync(descriptor, block, 0, block.length, place.offset))
      }
      const block = read(blockBytes)
      if (block.length === 0 || place.damaged) return 0
      const done = this.readBlock(found, block, place, final && place.offset + block.length >= size)
      // a record that is longer than a block
      return done > 0 || block.length < blockBytes ? done : this.readBlock(found, read(size), place, final)
    } catch (error) {
      // what could not be written is read again
      Object.assign(place, saved)
      throw error
    }
  }

  /** Where to read on: a file that was replaced or cut is a new one. */
  private placeOf(file: string, inode: number, size: number): Place {
    const known = this.places.get(file)
    if (known && known.inode === inode && size >= known.offset) return known
    const before = this.before[file]
    const offset = !known && before?.inode === inode && size >= before.size ? before.size : 0
    const place = { inode, offset, line: 0, problems: 0 }
    this.places.set(file, place)
    return place
  }

  /** Reads whole lines or records; gives how many bytes. */
  private readBlock(found: FoundFile, bytes: Buffer, place: Place, final: boolean): number {
    const start = place.offset
    const markTo = () => `follow to ${place.offset} ${place.line} ${place.inode} ${found.file}`
    if (found.kind === 'wandb') {
      const { records, end, problem } = readWandbFile(bytes, start)
      place.offset = end
      if (records.length > 0) this.sink.wandb(records)
      if (problem !== null) this.giveUp(found, place, problem)
      return end - start
    }
    const events: IntakeEvent[] = []
    if (found.kind === 'tensorboard') {
      const { metrics, end, problem, passedOver } = readTensorBoard(bytes)
      place.offset += end
      events.push(...this.scalarEvents(found, metrics))
      for (const text of passedOver) this.tell(found, place, text)
      if (problem !== null) this.giveUp(found, place, problem)
    } else {
      const end = final ? bytes.length : bytes.lastIndexOf(10) + 1
      place.offset += end
      for (const text of bytes.toString('utf8', 0, end).split('\n')) {
        if (text.trim() !== '') events.push(...this.lineEvents(found, place, text))
        place.line++
      }
      // what follows the last line's end is no line
      if (end > 0) place.line--
    }
    const last = events.at(-1)
    if (last) this.sink.write([...events.slice(0, -1), { ...last, from: markTo() }])
    return place.offset - start
  }

  private lineEvents(found: FoundFile, place: Place, text: string): IntakeEvent[] {
    const rollout = readRollout(text)
    if (rollout !== null) return rollout
    const read = readMetricsLine(text)
    if (read === null) return []
    if (!('problem' in read)) return [metricsEvent(read)]
    this.tell(found, place, `line ${place.line + 1} ${read.problem}`)
    return []
  }

  private scalarEvents({ file, root }: FoundFile, metrics: ForeignMetrics[]): IntakeEvent[] {
    const folder = path.dirname(file)
    if (!this.folders.includes(folder)) this.folders.push(folder)
    const prefix = this.folders[0] === folder ? '' : `${path.relative(root, folder) || path.basename(folder)}/`
    const seen = this.seenBefore(file, folder)
    return metrics.flatMap((row) => {
      const fresh = Object.entries(row.values).filter(([tag, value]) => !seen.has(`${tag} ${row.step} ${value}`))
      if (fresh.length === 0) return []
      return [metricsEvent({ ...row, values: Object.fromEntries(fresh.map(([tag, value]) => [prefix + tag, value])) })]
    })
  }

  /** What earlier files of the folder hold: a writer that went on from a checkpoint writes some steps again. */
  private seenBefore(file: string, folder: string): Set<string> {
    const known = this.scalars.get(file)
    if (known) return known
    const seen = new Set<string>()
    for (const other of this.places.keys()) {
      if (other === file || path.dirname(other) !== folder || !path.basename(other).includes('tfevents')) continue
      for (const { step, values } of this.wholeEvents(other))
        for (const [tag, value] of Object.entries(values)) seen.add(`${tag} ${step} ${value}`)
    }
    this.scalars.set(file, seen)
    return seen
  }

  private wholeEvents(file: string): ForeignMetrics[] {
    const opened = openFile(file, 'anywhere')
    if (opened === null) return []
    try {
      const bytes = Buffer.allocUnsafe(opened.stats.size)
      return readTensorBoard(bytes.subarray(0, readSync(opened.descriptor, bytes, 0, bytes.length, 0))).metrics
    } finally {
      closeSync(opened.descriptor)
    }
  }

  private readState(file: string): void {
    const { mtimeMs } = statSync(file)
    if (
      this.stateTimes.get(file) === mtimeMs ||
      (this.before[file] && !this.stateTimes.has(file) && isOld(file, this.before[file]))
    )
      return
    const state = readTrainerState(file)
    // it is being written: the next look finds it whole
    if (state === null) return
    this.stateTimes.set(file, mtimeMs)
    const fresh = state.rows.filter((row) => !this.stateRows.has(stateRowMark(row)))
    const events: IntakeEvent[] = fresh.map((row) => ({
      ...metricsEvent(row),
      from: `follow row ${stateRowMark(row)}`,
    }))
    const own = `checkpoint ${path.dirname(file)}`
    const folder = path.dirname(file)
    if (!this.stateRows.has(markText(own)) && /^checkpoint-\d+$/.test(path.basename(folder)))
      events.push({
        type: 'checkpoint',
        step: state.step,
        ...(state.epoch !== null && { epoch: state.epoch }),
        path: folder,
        from: `follow row ${markText(own)}`,
      })
    this.sink.write(events)
    for (const row of fresh) this.stateRows.add(stateRowMark(row))
    this.stateRows.add(markText(own))
  }

  private giveUp(found: FoundFile, place: Place, problem: string): void {
    place.damaged = true
    this.tell(found, place, problem)
  }

  private tell(found: FoundFile, place: Place, problem: string): void {
    place.problems++
    if (place.problems > mostProblems) return
    const more = place.problems === mostProblems ? ' What else is wrong with it is not told.' : ''
    this.sink.write([{ type: 'note', level: 'warning', text: `The followed file ${found.file}: ${problem}.${more}` }])
  }
}

const markText = (text: string) => Buffer.from(text).toString('base64url')

function isOld(file: string, before: { inode: number; size: number }): boolean {
  const stats = statSync(file)
  return stats.ino === before.inode && stats.size === before.size
}

function metricsEvent({ step, time, values }: ForeignMetrics): IntakeEvent {
  return { type: 'metrics', step, ...(time !== null && { time }), values }
}

/** A line that holds a prompt and a response is a rollout (verl's `rollout_data_dir`). */
function readRollout(text: string): IntakeEvent[] | null {
  if (!/"(prompt|question|input|query|problem)"/.test(text)) return null
  try {
    const line = parsePythonJson(text)
    if (!isObject(line)) return null
    const step = Number(line.step ?? 0)
    return tableSamples(Object.keys(line), [Object.values(line)], Number.isSafeInteger(step) && step >= 0 ? step : 0)
  } catch {
    return null
  }
}
