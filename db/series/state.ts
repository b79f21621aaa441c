/**
 * What is known of an attempt without opening its chunks: names and running figures of its metrics, kept in pages of 64 metrics.
 *
 * States are cached under the token that stands in the attempt's row. The row changes in the transaction that changes the
 * pages, so a rollback, another process or a removal leaves a token that does not fit, and the state is read afresh.
 */
import type Database from 'better-sqlite3'
import { NameLists, openPage, packPage, RECORD } from './record-pages.ts'

export { RECORD }
export const PAGE_SLOTS = 64
/** What each of the RECORD doubles of a metric is. */
export const VALUES = 0
/** Smallest and largest step; the value at the largest (the latest to arrive, where several have it). */
export const FIRST_STEP = 1
export const LAST_STEP = 2
export const LAST_VALUE = 3
/** Of what is not NaN: Infinity and -Infinity while there is nothing. */
export const MINIMUM = 4
export const MAXIMUM = 5
/** Values in chunks, chunks of level 0, their largest step, and 1 once a chunk began before an earlier one's end. */
export const SEALED_VALUES = 6
export const CHUNKS = 7
export const SEALED_LAST_STEP = 8
export const DISORDERED = 9
/** Values that came before the first tail that still stands. */
export const TAIL_BASE = 10

export type AttemptState = {
  id: number
  runId: number
  attempt: number
  token: number
  firstStep: number
  tailBytes: number
  tailVersion: number
  due: number
  names: string[]
  slots: Map<string, number>
  /** RECORD doubles a slot; grows by doubling. */
  records: Float64Array
  dirtyPages: Set<number>
  newNamesFrom: number
  /** What it counts for in the cache. */
  weight: number
}

export type SeriesAttempt = {
  id: number
  run_id: number
  attempt: number
  first_step: number
  token: number
  tail_bytes: number
  tail_version: number
  due: number
}

export function pendingValues(state: AttemptState, slot: number): number {
  return state.records[slot * RECORD + VALUES]! - state.records[slot * RECORD + SEALED_VALUES]!
}

/** The slot of a name, made when it is new. */
export function slotOf(state: AttemptState, name: string): number {
  const known = state.slots.get(name)
  if (known !== undefined) return known
  const slot = state.names.length
  if (state.newNamesFrom > slot) state.newNamesFrom = slot
  state.names.push(name)
  state.slots.set(name, slot)
  if ((slot + 1) * RECORD > state.records.length) {
    const grown = new Float64Array(Math.max(state.records.length * 2, PAGE_SLOTS * RECORD))
    grown.set(state.records)
    state.records = grown
  }
  const base = slot * RECORD
  state.records[base + FIRST_STEP] = Infinity
  state.records[base + LAST_STEP] = -1
  state.records[base + LAST_VALUE] = NaN
  state.records[base + MINIMUM] = Infinity
  state.records[base + MAXIMUM] = -Infinity
  state.records[base + SEALED_LAST_STEP] = -1
  return slot
}

/** Most metrics (an attempt itself counts as 20) that cached states may hold before the least recently used go. */
const CACHED_WEIGHT = 200_000
/** Page 0 of attempt n has the id n * 2^20. */
export const PAGES_PER_ATTEMPT = 2 ** 20

type PageRow = { id: number; names_id: number | null; names: string; data: Buffer }

/** Attempts as the database has them, with a cache that no rollback can make wrong. */
export class AttemptStates {
  private readonly cache = new Map<number, AttemptState>()
  private cachedWeight = 0
  readonly nameLists: NameLists
  private readonly selectOne: Database.Statement
  private readonly selectRun: Database.Statement
  private readonly insertAttempt: Database.Statement
  private readonly updateAttempt: Database.Statement
  private readonly selectPages: Database.Statement
  private readonly insertPage: Database.Statement
  private readonly updatePage: Database.Statement

  constructor(database: Database.Database) {
    this.nameLists = new NameLists(database)
    const row = 'select id, run_id, attempt, first_step, token, tail_bytes, tail_version, due from series_attempts'
    this.selectOne = database.prepare(`${row} where run_id = ? and attempt = ?`)
    this.selectRun = database.prepare(`${row} where run_id = ? order by attempt`)
    this.insertAttempt = database.prepare(
      'insert into series_attempts (run_id, attempt, first_step, token) values (?, ?, ?, ?) returning id',
    )
    this.updateAttempt = database.prepare(
      'update series_attempts set first_step = ?, token = ?, tail_bytes = ?, tail_version = ?, due = ? where id = ?',
    )
    this.selectPages = database.prepare(
      'select id, names_id, names, data from series_pages where id >= ? and id < ? order by id',
    )
    this.insertPage = database.prepare(
      "insert into series_pages (id, names_id, names, data) values (?, ?, '', ?) " +
        'on conflict do update set names_id = excluded.names_id, names = excluded.names, data = excluded.data',
    )
    this.updatePage = database.prepare('update series_pages set data = ? where id = ?')
  }

  /** Rows of a run's attempts, oldest first. */
  rows(runId: number): SeriesAttempt[] {
    return this.selectRun.all(runId) as SeriesAttempt[]
  }

  /** The state behind a row. */
  load(row: SeriesAttempt): AttemptState {
    const cached = this.cache.get(row.id)
    if (cached !== undefined) {
      if (cached.token === row.token && cached.runId === row.run_id && cached.attempt === row.attempt) {
        this.cache.delete(row.id)
        this.cache.set(row.id, cached)
        return cached
      }
      this.drop(cached)
    }
    const state: AttemptState = {
      id: row.id,
      runId: row.run_id,
      attempt: row.attempt,
      token: row.token,
      firstStep: row.first_step,
      tailBytes: row.tail_bytes,
      tailVersion: row.tail_version,
      due: row.due,
      names: [],
      slots: new Map(),
      records: new Float64Array(0),
      dirtyPages: new Set(),
      newNamesFrom: Infinity,
      weight: 0,
    }
    const pages = this.pages(row.id)
    state.records = new Float64Array(Math.max(1, pages.length) * PAGE_SLOTS * RECORD)
    for (const [index, page] of pages.entries()) {
      const names = this.nameLists.of(page.names_id, page.names)
      for (const name of names) {
        state.slots.set(name, state.names.length)
        state.names.push(name)
      }
      state.records.set(openPage(page.data, names.length), index * PAGE_SLOTS * RECORD)
    }
    this.keep(state)
    return state
  }

  /** The state of an attempt to append to, made when it is new. */
  open(runId: number, attempt: number): AttemptState {
    const row = this.selectOne.get(runId, attempt) as SeriesAttempt | undefined
    if (row !== undefined) return this.load(row)
    const token = newToken()
    const id = (this.insertAttempt.get(runId, attempt, Number.MAX_SAFE_INTEGER, token) as { id: number }).id
    return this.load({
      id,
      run_id: runId,
      attempt,
      first_step: Number.MAX_SAFE_INTEGER,
      token,
      tail_bytes: 0,
      tail_version: 0,
      due: 0,
    })
  }

  pages(attemptId: number): PageRow[] {
    return this.selectPages.all(attemptId * PAGES_PER_ATTEMPT, (attemptId + 1) * PAGES_PER_ATTEMPT) as PageRow[]
  }

  /** Writes what changed, under a new token. */
  save(state: AttemptState): void {
    for (const page of state.dirtyPages) {
      const from = page * PAGE_SLOTS
      const to = Math.min(state.names.length, from + PAGE_SLOTS)
      const data = packPage(state.records.subarray(from * RECORD, to * RECORD), to - from)
      const id = state.id * PAGES_PER_ATTEMPT + page
      if (state.newNamesFrom < to) this.insertPage.run(id, this.nameLists.idOf(state.names.slice(from, to)), data)
      else this.updatePage.run(data, id)
    }
    state.dirtyPages.clear()
    if (state.newNamesFrom !== Infinity) {
      state.newNamesFrom = Infinity
      this.keep(state)
    }
    state.token = newToken()
    this.updateAttempt.run(state.firstStep, state.token, state.tailBytes, state.tailVersion, state.due, state.id)
  }

  drop(state: AttemptState): void {
    if (this.cache.delete(state.id)) this.cachedWeight -= state.weight
  }

  clear(): void {
    this.cache.clear()
    this.cachedWeight = 0
  }

  private keep(state: AttemptState): void {
    this.drop(state)
    state.weight = state.names.length + 20
    this.cache.set(state.id, state)
    this.cachedWeight += state.weight
    for (const oldest of this.cache.values()) {
      if (this.cachedWeight <= CACHED_WEIGHT || oldest === state) break
      this.drop(oldest)
    }
  }
}

/** Random, so that a token that was rolled back can not be met again. */
export function newToken(): number {
  return Math.floor(Math.random() * Number.MAX_SAFE_INTEGER)
}
