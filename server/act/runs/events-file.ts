/** Whether the events file is still the one that was read: programs move it away, write over it and begin it anew. */
import { hash } from 'node:crypto'
import { readSync, type BigIntStats } from 'node:fs'
import { type EventFile, identifyingBytes } from '../../../domain/life/event-file.ts'

/** What is remembered of a file after a block of it was read. `consumed`: what was read from `from` up to the new offset. */
export function identityAfter(
  before: EventFile | null,
  { from, consumed, stats }: { from: number; consumed: Buffer; stats: BigIntStats },
): EventFile {
  const tail = consumed.subarray(Math.max(0, consumed.length - identifyingBytes))
  const head = from === 0 ? consumed.subarray(0, identifyingBytes) : null
  return {
    headBytes: head?.length ?? before?.headBytes ?? 0,
    head: head === null ? (before?.head ?? '') : digest(head),
    tailBytes: tail.length,
    tail: digest(tail),
    seen: seenOf(stats),
    ...(before?.anew === undefined ? {} : { anew: before.anew }),
  }
}

/** Whether what stands in the file up to the offset is what was read of it, as far as that is remembered. */
export function isSameFile(
  known: EventFile | null,
  { descriptor, offset, stats }: { descriptor: number; offset: number; stats: BigIntStats },
): boolean {
  if (stats.size < offset) return false
  if (known === null || offset === 0 || (Number(stats.size) === offset && known.seen === seenOf(stats))) return true
  return (
    holds(descriptor, 0, known.headBytes, known.head) &&
    holds(descriptor, offset - known.tailBytes, known.tailBytes, known.tail)
  )
}

function holds(descriptor: number, from: number, bytes: number, expected: string): boolean {
  if (bytes === 0) return true
  const buffer = Buffer.allocUnsafe(bytes)
  return readSync(descriptor, buffer, 0, bytes, from) === bytes && digest(buffer) === expected
}

function seenOf({ ino, mtimeNs }: BigIntStats): string {
  return `${ino}/${mtimeNs}`
}

function digest(bytes: Buffer): string {
  return hash('sha256', bytes, 'base64').slice(0, 16)
}
