/** The end of every protocol: events as lines of an attempt's `events.jsonl`, which the trainer may append to as well. */
import { closeSync, fstatSync, readSync, statSync, mkdirSync, writeSync } from 'node:fs'
import path from 'node:path'
import { openForAppending } from '../attempt-files/write-file.ts'
import { eventLine } from '../formats/read-metric-file.ts'
import { emptyValues, type IntakeEvent } from './protocol.ts'

/** More names than this are no metrics any more: no page could show them. */
export const mostNames = 50_000
const longestName = 1000
const blockBytes = 1 << 20

export type Journal = {
  /** Appends in one write; what it gave back for is on disk as far as a killed process is concerned. */
  write(events: IntakeEvent[]): void
  close(): void
}

/** Opens the file, and gives `restore` every event in it that an intake wrote before. */
export function openJournal(file: string, restore: (event: IntakeEvent) => void): Journal {
  /** As JSON. */
  const names = new Map<string, string>()
  const quoted = (name: string) => names.get(name)!
  let descriptor = openForAppending(file)
  const torn = readBack(descriptor, (event) => {
    if (event.type === 'metrics') for (const name of Object.keys(event.values)) names.set(name, JSON.stringify(name))
    restore(event)
  })
  // a line that a kill or a full disk cut off is ended, so that the next one stands on its own
  let start = torn ? '\n' : ''
  let toldNames = false

  function line(event: IntakeEvent): string {
    if (event.type !== 'metrics') return `${JSON.stringify(event, nonFiniteAsText)}\n`
    let kept = event.values as Record<string, number>
    let left = 0
    for (const name of Object.keys(event.values)) {
      if (names.has(name)) continue
      if (names.size < mostNames && name.length <= longestName) names.set(name, JSON.stringify(name))
      else {
        if (left++ === 0) kept = Object.assign(emptyValues(), event.values)
        delete kept[name]
      }
    }
    const { step, time, from } = event
    const text = eventLine({ step, time: time ?? null, values: kept }, quoted)
    const marked = from === undefined ? text : `${text.slice(0, -2)},"from":${JSON.stringify(from)}}\n`
    if (left === 0 || toldNames) return marked
    toldNames = true
    const why = `More than ${mostNames} metrics, or names longer than ${longestName} characters, were logged: those beyond are left out.`
    return `${marked}${JSON.stringify({ type: 'note', level: 'warning', text: why })}\n`
  }

  return {
    write(events) {
      if (events.length === 0) return
      // a command may clear its folder: what comes after that stands in a new file
      if (statSync(file, { throwIfNoEntry: false })?.ino !== fstatSync(descriptor).ino) {
        closeSync(descriptor)
        mkdirSync(path.dirname(file), { recursive: true })
        descriptor = openForAppending(file)
      }
      const bytes = Buffer.from(start + events.map(line).join(''))
      let written = 0
      try {
        while (written < bytes.length) written += writeSync(descriptor, bytes, written)
        start = ''
      } catch (error) {
        // what was written of it before the disk was full is one torn line at most: its client sends it all again
        if (written > 0) start = '\n'
        throw error
      }
    },
    close: () => closeSync(descriptor),
  }
}

/** Reads the marked events; gives whether the last line has no end. */
function readBack(descriptor: number, restore: (event: IntakeEvent) => void): boolean {
  const { size } = fstatSync(descriptor)
  let rest: Buffer = Buffer.alloc(0)
  for (let from = 0; from < size;) {
    const block = Buffer.allocUnsafe(Math.min(blockBytes, size - from))
    const filled = readSync(descriptor, block, 0, block.length, from)
    if (filled === 0) break
    from += filled
    const bytes = Buffer.concat([rest, block.subarray(0, filled)])
    const end = bytes.lastIndexOf(10) + 1
    for (const text of bytes.toString('utf8', 0, end).split('\n')) {
      if (!text.includes('"from":"')) continue
      try {
        const event = JSON.parse(text) as IntakeEvent
        if (typeof event.from === 'string') restore(event)
      } catch {
        // a line that was torn, or the trainer's own
      }
    }
    rest = bytes.subarray(end)
  }
  return rest.length > 0
}

const nonFiniteAsText = (_key: string, value: unknown) =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
