import { closeSync, readSync } from 'node:fs'
import path from 'node:path'
import { findAttempt } from '../../../db/queries/attempts.ts'
import { type JobRow } from '../../../db/queries/jobs.ts'
import type { LogChunk } from '../../../contract/api/runs.ts'
import { openFile, UnreadableFile, type OpenFile } from '../../attempt-files/open-file.ts'
import { attemptFolder, type Context } from '../../base/context.ts'

const chunkBytes = 64 * 1024

/** A piece of what an attempt of a job printed. */
export function readLog(context: Context, job: JobRow, attempt: number, stream: LogStream, offset?: number): LogChunk {
  const row = findAttempt(context.database, job.id, attempt)
  const over = row === undefined || row.finishedAt !== null
  return readLogIn(attemptFolder(context, job.id, attempt), stream, over, offset)
}

export type LogStream = 'stdout' | 'stderr'

/**
 * A piece of what a process printed: from `offset`, or its last 64 KiB. Never cuts a character of UTF-8 in two.
 * A log that does not exist (yet) is empty; where something else stands in its place, its text says so.
 * `over`: nobody writes any more.
 */
export function readLogIn(folder: string, stream: LogStream, over: boolean, offset?: number): LogChunk {
  let opened: OpenFile | null
  try {
    opened = openFile(path.join(folder, `${stream}.log`), [folder])
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    return { text: offset ? '' : `${error.message}.\n`, nextOffset: 1, skipped: 0, ended: over }
  }
  if (opened === null) return { text: '', nextOffset: 0, skipped: 0, ended: over }
  const { descriptor, stats } = opened
  try {
    const { size } = stats
    // A log that became shorter is read anew from its start.
    const from = offset === undefined ? Math.max(0, size - chunkBytes) : offset > size ? 0 : offset
    const buffer = Buffer.alloc(Math.min(chunkBytes, size - from))
    const read = readSync(descriptor, buffer, 0, buffer.length, from)
    const start = offset === undefined && from > 0 ? characterStart(buffer, 0) : 0
    const atEnd = from + read >= size
    const end = atEnd && over ? read : wholeCharacters(buffer, read)
    return {
      text: buffer.toString('utf8', start, end),
      nextOffset: from + end,
      skipped: from + start,
      ended: over && from + end >= size,
    }
  } finally {
    closeSync(descriptor)
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

function characterStart(buffer: Buffer, from: number): number {
  let start = from
  while (isContinuation(buffer[start])) start++
  return start
}

/** The end of the last character that is whole within `length` bytes. */
function wholeCharacters(buffer: Buffer, length: number): number {
  let lead = length - 1
  while (lead >= 0 && lead > length - 4 && isContinuation(buffer[lead])) lead--
  const byte = buffer[lead]
  if (byte === undefined) return length
  const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
  return lead + needed > length ? lead : length
}
