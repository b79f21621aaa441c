/**
 * The metric store: every metric of every run, in chunks inside the one SQLite file. See docs/metric-store.md.
 *
 * The caller appends rows in the transaction that also writes how far it has read, and gives `maintain` some time between.
 */
import type Database from 'better-sqlite3'
import { appendRows, type MetricRow } from './append.ts'
import { SeriesChanges } from './changes.ts'
import { checkSeries } from './check.ts'
import { type LastValue, lastValues, namesOfRuns } from './last.ts'
import type { Envelope } from './cells.ts'
import { readEnvelope } from './envelope.ts'
import { type BlockPart, valueBlocks } from './value-blocks.ts'
import { isToSum, Sealer } from './seal.ts'
import { type SeriesAttempt, AttemptStates, PAGES_PER_ATTEMPT } from './state.ts'
import { type ChunkStore, prepareStatements } from './statements.ts'
import { createSeriesTables } from './tables.ts'

export { createSeriesTables, type Envelope, type LastValue, type MetricRow }

export type StoredValue = { attempt: number; step: number; time: number | null; value: number }
/**
 * `across`: the steps that the buckets divide, for several series that are to have theirs at the same steps. But for the first of a
 * series, a bucket of several values then stands where its share of these steps begins; half as much of the one before may go beyond that.
 */
export type ReadRange = { from?: number; to?: number; buckets: number; attempt?: number; across?: [number, number] }

export class SeriesStore {
  private readonly database: Database.Database
  private readonly store: ChunkStore
  private readonly sealer: Sealer
  /** Which runs got values since a reader last looked. */
  readonly changes: SeriesChanges

  /** Creates the tables where they are missing. One store a connection; one process writes a file. */
  constructor(database: Database.Database) {
    createSeriesTables(database)
    this.database = database
    this.store = {
      database,
      states: new AttemptStates(database),
      statements: prepareStatements(database),
      tails: new Map(),
    }
    this.sealer = new Sealer(this.store)
    this.changes = new SeriesChanges(database)
  }

  /**
   * Appends rows of one attempt, in the caller's transaction: when that rolls back, nothing was appended.
   * @throws outside a transaction, and for a step that is no whole number from 0 to 2^53 - 1; then roll back.
   */
  append(runId: number, attempt: number, rows: MetricRow[]): void {
    if (!this.database.inTransaction) {
      throw new Error(`Metrics of run ${runId} were to be appended outside a transaction; begin one first.`)
    }
    if (rows.length > 0) appendRows(this.store, runId, attempt, rows)
  }

  /** Says that no more rows of the attempt (of every attempt, without one) are expected soon: `maintain` seals them all. */
  finish(runId: number, attempt?: number): void {
    this.database.transaction(() => {
      for (const row of this.store.states.rows(runId)) {
        if (attempt !== undefined && row.attempt !== attempt) continue
        const state = this.store.states.load(row)
        if (state.tailBytes === 0 && !state.names.some((_, slot) => isToSum(this.store, state, slot))) continue
        state.due = 2
        this.store.states.save(state)
      }
    })()
  }

  /**
   * Seals values and builds levels for about `budgetMilliseconds` (it ends a few milliseconds later at most), in a transaction
   * of its own; true when more is left to do.
   * @throws inside a transaction.
   */
  maintain(budgetMilliseconds: number): boolean {
    if (this.database.inTransaction)
      throw new Error('Metrics are sealed in a transaction of their own; end the present one first.')
    if (!this.sealer.isDue()) return false
    const deadline = performance.now() + budgetMilliseconds
    try {
      this.database.transaction(() => this.sealer.work(deadline)).immediate()
    } catch (error) {
      this.sealer.forget()
      this.store.states.clear()
      this.store.tails.clear()
      throw error
    }
    return this.sealer.isDue()
  }

  /** Names of a run's metrics in the order first seen. */
  names(runId: number): string[] {
    const rows = this.store.states.rows(runId)
    if (rows.length === 1) return [...this.store.states.load(rows[0]!).names]
    const names = new Set<string>()
    for (const row of rows) for (const name of this.store.states.load(row).names) names.add(name)
    return [...names]
  }

  /** Names of the runs' metrics, each once, in no particular order. */
  namesOf(runIds: number[]): string[] {
    return namesOfRuns(this.store, runIds)
  }

  /** The newest values of the runs' metrics (of those named, where names are given), and their extremes, without hidden steps. */
  last(runIds: number[], metrics?: string[]): LastValue[] {
    return lastValues(this.store, runIds, metrics)
  }

  /**
   * Envelope of a metric over the steps from..to, both included: at most `buckets` buckets. Bucket i holds every value from
   * `steps[i]` up to before `steps[i + 1]`; minimum and maximum are exact, NaN counts in neither them nor the mean (a bucket of
   * nothing else gives NaN). Without `attempt` the steps that a later attempt took up again are hidden.
   */
  read(runId: number, metric: string, range: ReadRange): Envelope {
    if (!Number.isSafeInteger(range.buckets) || range.buckets < 1) {
      throw new RangeError(
        `An envelope of ${range.buckets} buckets was asked for; expected a whole number of 1 or more.`,
      )
    }
    return readEnvelope(this.store, this.parts(runId, metric, range), range.buckets, range.across)
  }

  /**
   * Values of a metric in step order from `from` on, those of one step in order of arrival, a chunk at a time from the file. What is
   * appended while they are read may be left out.
   * @throws when the run is removed meanwhile.
   */
  *values(runId: number, metric: string, attempt?: number, from = 0): Generator<StoredValue> {
    const attempts = this.parts(runId, metric, { attempt, from }).map((part) => ({
      attempt: part.state.attempt,
      from: part.from,
      to: part.to,
    }))
    for (const range of attempts) {
      // looked up again: a slow reader may find the attempt changed since it began
      const [part] = this.parts(runId, metric, range)
      if (part === undefined)
        throw new Error(`Points of "${metric}" of run ${runId} were removed while they were being read.`)
      for (const { steps, times, values } of valueBlocks(this.store, part)) {
        for (let index = 0; index < steps.length; index++) {
          const time = times[index]!
          yield {
            attempt: range.attempt,
            step: steps[index]!,
            time: time === time ? time : null,
            value: values[index]!,
          }
        }
      }
    }
  }

  /** Removes all metrics of the runs. The file keeps the freed pages and fills them again; VACUUM gives them back. */
  remove(runIds: number[]): void {
    this.sealer.forget()
    const statements = ['series_tails', 'series_axes', 'series_chunks', 'series_summaries'].map((table) =>
      this.database.prepare(`delete from ${table} where attempt_id = ?`),
    )
    const pages = this.database.prepare('delete from series_pages where id >= ? and id < ?')
    const attempt = this.database.prepare('delete from series_attempts where id = ?')
    const unused = this.database.prepare(
      'delete from series_names where id not in (select names_id from series_pages where names_id is not null)',
    )
    this.database.transaction(() => {
      for (const runId of runIds) {
        for (const { id } of this.store.states.rows(runId)) {
          for (const statement of statements) statement.run(id)
          pages.run(id * PAGES_PER_ATTEMPT, (id + 1) * PAGES_PER_ATTEMPT)
          attempt.run(id)
        }
      }
      unused.run()
    })()
  }

  /** Opens everything and compares it with everything else: what is wrong, in sentences. Empty: nothing is. */
  check(): string[] {
    return checkSeries(this.store)
  }

  /** What of a series is to be seen, oldest attempt first: a later attempt hides the steps from its smallest on. */
  private parts(runId: number, metric: string, range: { from?: number; to?: number; attempt?: number }): BlockPart[] {
    const parts: BlockPart[] = []
    let limit = Infinity
    const rows: SeriesAttempt[] = this.store.states.rows(runId)
    for (const row of rows.toReversed()) {
      if (range.attempt !== undefined && row.attempt !== range.attempt) continue
      const state = this.store.states.load(row)
      const slot = state.slots.get(metric)
      const from = range.from ?? 0
      const to = Math.min(range.to ?? Number.MAX_SAFE_INTEGER, limit - 1)
      if (slot !== undefined && from <= to) parts.unshift({ state, slot, from, to })
      limit = Math.min(limit, row.first_step)
    }
    return parts
  }
}
