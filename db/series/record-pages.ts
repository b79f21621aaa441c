/**
 * Pages: the running figures of up to 64 metrics of an attempt as bytes. A page is written by figure, and a figure that all
 * metrics share (the number of values, the steps) once: a third of the bytes, so that a list of a thousand runs reads a third of
 * the file's pages. Names stand apart, once for all attempts that have the same.
 */
import type Database from 'better-sqlite3'

/** Doubles a metric takes once its page is opened. */
export const RECORD = 11
const RECORD_BYTES = RECORD * 8

/**
 * The bytes of a page: a bit for each figure that all share, then the figures. A page of format 1 is plain, `RECORD` doubles a
 * metric; the length tells them apart, so one that would have that length is made a double longer.
 */
export function packPage(records: Float64Array, count: number): Buffer {
  const packed = new Float64Array(2 + RECORD * count)
  let shared = 0
  let length = 1
  for (let figure = 0; figure < RECORD; figure++) {
    const first = records[figure]!
    let same = true
    for (let slot = 1; same && slot < count; slot++) same = Object.is(records[slot * RECORD + figure], first)
    if (same) {
      shared |= 1 << figure
      packed[length++] = first
    } else for (let slot = 0; slot < count; slot++) packed[length++] = records[slot * RECORD + figure]!
  }
  packed[0] = shared
  if (length * 8 === count * RECORD_BYTES) length++
  return Buffer.from(packed.buffer, 0, length * 8)
}

/** The records of a page of `count` metrics, `RECORD` doubles each. */
export function openPage(data: Buffer, count: number): Float64Array {
  // typed arrays need 8-byte alignment, which a buffer from a pool lacks
  const bytes = data.byteOffset % 8 === 0 ? data : new Uint8Array(data)
  const packed = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length >> 3)
  if (data.length === count * RECORD_BYTES) return packed
  const records = new Float64Array(count * RECORD)
  const shared = packed[0]!
  let at = 1
  for (let figure = 0; figure < RECORD; figure++) {
    const each = (shared >> figure) & 1 ? 0 : 1
    for (let slot = 0; slot < count; slot++) records[slot * RECORD + figure] = packed[at + slot * each]!
    at += each === 1 ? count : 1
  }
  return records
}

/** Lists of names, each kept once in the file; opened lists are kept in memory. */
export class NameLists {
  private readonly lists = new Map<number | string, string[]>()
  private readonly insert: Database.Statement
  private readonly find: Database.Statement
  private readonly read: Database.Statement

  constructor(database: Database.Database) {
    this.insert = database.prepare('insert or ignore into series_names (id, names) values (?, ?)')
    this.find = database.prepare('select id from series_names where names = ?').pluck()
    this.read = database.prepare('select names from series_names where id = ?').pluck()
  }

  /** The id of a list, which is written where it is new. Ids are random: one that was rolled back is not met again. */
  idOf(names: string[]): number {
    const text = JSON.stringify(names)
    const known = this.find.get(text) as number | undefined
    if (known !== undefined) return known
    const id = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER)
    this.insert.run(id, text)
    return id
  }

  /**
   * The names of a page, from its list or, in format 1, from its own text.
   * @throws when the list is missing.
   */
  of(listId: number | null, text: string): string[] {
    const key = listId ?? text
    let names = this.lists.get(key)
    if (names === undefined) {
      const written = listId === null ? text : (this.read.get(listId) as string | undefined)
      if (written === undefined) throw new Error(`The list ${listId} of names of metrics is missing.`)
      if (this.lists.size > 2000) this.lists.clear()
      names = JSON.parse(written) as string[]
      this.lists.set(key, names)
    }
    return names
  }
}
