/** Calls that wait to be passed on, in a file: what was taken outlives the process, and goes in the order in which it came. */
import { closeSync, rmSync, writeSync } from 'node:fs'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import { openForAppending, replaceFile } from '../../attempt-files/write-file.ts'
import { isObject } from '../protocol.ts'

/** What may wait: a tracker that is gone for days must not fill the disk. */
const mostBytes = 64 << 20

export type CallQueue<Call> = {
  /** Whether there was room for it. */
  add(call: Call): boolean
  /** The first calls that wait, the oldest first. */
  next(most: number): Call[]
  /** The first so many are done with. */
  drop(count: number): void
  count(): number
  /** What theirs call what is known here by another name; kept with `drop` and `keep`. */
  names: Record<string, string>
  keep(): void
}

/** Opens the queue of these files, with what an earlier process left in it. */
export function openQueue<Call>(file: string, stateFile: string, folder: string): CallQueue<Call> {
  const state = readState(stateFile, folder)
  const text = readWholeFile(file, [folder], mostBytes * 2) ?? ''
  const whole = Buffer.from(text)
  // shorter than what was sent of it: it was begun anew
  let waiting = linesOf(whole.toString('utf8', state.sent <= whole.length ? state.sent : 0))
  let bytes = waiting.reduce((sum, line) => sum + sizeOf(line), 0)
  /** Of those that wait the first that is not done with: what is before it is let go all at once. */
  let first = 0
  let sent = 0
  const keep = () => replaceFile(stateFile, JSON.stringify({ sent, names: state.names }))
  if (whole.length > 0) {
    // in this order: between the two, what was sent would be sent again, and nothing be left out
    keep()
    replaceFile(file, textOf(waiting))
  }
  return {
    names: state.names,
    keep,
    add(call) {
      const line = JSON.stringify(call)
      if (bytes + sizeOf(line) > mostBytes) return false
      const descriptor = openForAppending(file)
      try {
        const text = Buffer.from(`${line}\n`)
        for (let at = 0; at < text.length;) at += writeSync(descriptor, text, at)
      } finally {
        closeSync(descriptor)
      }
      waiting.push(line)
      bytes += sizeOf(line)
      return true
    },
    next: (most) => waiting.slice(first, first + most).map((line) => JSON.parse(line) as Call),
    drop(count) {
      const gone = waiting.slice(first, first + count).reduce((sum, line) => sum + sizeOf(line), 0)
      first = Math.min(waiting.length, first + count)
      sent += gone
      bytes -= gone
      if (first < waiting.length && sent <= mostBytes) return keep()
      // also where theirs is always a little behind, or the file would grow for ever; in the order of above
      waiting = waiting.slice(first)
      first = 0
      sent = 0
      keep()
      if (waiting.length === 0) rmSync(file, { force: true })
      else replaceFile(file, textOf(waiting))
    },
    count: () => waiting.length - first,
  }
}

const textOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')
const sizeOf = (line: string) => Buffer.byteLength(line) + 1

/** A line that a kill or a full disk tore is left out: its client was not answered, and says it again. */
function linesOf(text: string): string[] {
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => {
      try {
        JSON.parse(line)
        return true
      } catch {
        return false
      }
    })
}

function readState(file: string, folder: string): { sent: number; names: Record<string, string> } {
  try {
    const saved: unknown = JSON.parse(readWholeFile(file, [folder], mostBytes) ?? '{}')
    if (isObject(saved) && typeof saved.sent === 'number' && isObject(saved.names))
      return { sent: saved.sent, names: saved.names as Record<string, string> }
  } catch {
    // a file that cannot be read is as none: what waits is sent again, and counts once there
  }
  return { sent: 0, names: {} }
}
