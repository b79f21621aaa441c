/** The integrity check: opens every block and compares what is written twice. */
import { decodeLevel, decodeWithTimes, FACTOR, type LevelChunk, summaryOfRest } from './levels.ts'
import { openTails } from './unsealed.ts'
import {
  type AttemptState,
  CHUNKS,
  LAST_STEP,
  MAXIMUM,
  MINIMUM,
  pendingValues,
  VALUES,
  RECORD,
  SEALED_VALUES,
} from './state.ts'
import type { SeriesAttempt } from './state.ts'
import type { ChunkPlace, ChunkRow, ChunkStore } from './statements.ts'

/** Most sentences that are given: a damaged disk would give millions. */
const MOST_PROBLEMS = 100

/** What is wrong, in sentences. */
export function checkSeries(store: ChunkStore): string[] {
  const problems: string[] = []
  const { database } = store
  const report = (text: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push(text)
  }
  const rows = database
    .prepare(
      'select id, run_id, attempt, first_step, token, tail_bytes, tail_version, due from series_attempts order by id',
    )
    .all() as SeriesAttempt[]
  for (const row of rows) {
    try {
      checkAttempt(store, store.states.load(row), report)
    } catch (error) {
      report(`Run ${row.run_id}, attempt ${row.attempt}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  for (const [table, column] of [
    ['series_tails', 'attempt_id'],
    ['series_axes', 'attempt_id'],
    ['series_chunks', 'attempt_id'],
    ['series_summaries', 'attempt_id'],
    ['series_pages', 'id >> 20'],
  ]) {
    const count = database
      .prepare(`select count(*) from ${table} where ${column} not in (select id from series_attempts)`)
      .pluck()
      .get() as number
    if (count > 0) report(`${count} rows of ${table} belong to no attempt.`)
  }
  return problems
}

function checkAttempt(store: ChunkStore, state: AttemptState, report: (text: string) => void): void {
  const tails = openTails(store, state)
  const place = `Run ${state.runId}, attempt ${state.attempt}`
  for (const [slot, name] of state.names.entries()) {
    const where = `${place}, "${name}"`
    const base = slot * RECORD
    const { records } = state
    const tail = tails.column(state, slot)
    const inTails = tail?.values.length ?? 0
    if (inTails !== pendingValues(state, slot)) {
      report(`${where}: ${inTails} points wait to be sealed; ${pendingValues(state, slot)} are counted.`)
    }
    let sealed = 0
    let minimum = Infinity
    let maximum = -Infinity
    let last = -1
    const see = (values: Float64Array): void => {
      for (let index = 0; index < values.length; index++) {
        const value = values[index]!
        if (value < minimum) minimum = value
        if (value > maximum) maximum = value
      }
    }
    if (tail !== undefined) {
      see(tail.values)
      for (const row of tail.rows) last = Math.max(last, tails.steps[row]!)
    }
    let count = records[base + CHUNKS]!
    for (let level = 0; level === 0 || count > 0; level++) {
      const places = store.statements.places.all(state.id, slot, level, 0) as ChunkPlace[]
      if (places.length !== count) report(`${where}: ${places.length} chunks of level ${level}; expected ${count}.`)
      for (const [index, found] of places.entries()) {
        if (found.sequence !== index) {
          report(`${where}: chunk ${found.sequence} of level ${level} stands at place ${index}.`)
          break
        }
        try {
          const problem = checkChunk(store, state, slot, found, level === 0 ? see : null)
          if (problem !== null) report(`${where}: chunk ${index} of level ${level} ${problem}`)
        } catch (error) {
          report(
            `${where}: chunk ${index} of level ${level}: ${error instanceof Error ? error.message : String(error)}`,
          )
        }
        if (level === 0) {
          sealed += found.points
          last = Math.max(last, found.last_step)
        }
      }
      count = Math.floor(count / FACTOR)
    }
    try {
      const count = records[base + CHUNKS]!
      const summary = summaryOfRest(store, state.id, slot, count)
      const problem =
        summary &&
        checkSums(store, state, slot, summary, { level: 1, first: count - (count % FACTOR), count: count % FACTOR })
      if (problem) report(`${where}: what sums up its last chunks ${problem}`)
    } catch (error) {
      report(`${where}: what sums up its last chunks: ${error instanceof Error ? error.message : String(error)}`)
    }
    if (sealed !== records[base + SEALED_VALUES]) {
      report(`${where}: chunks hold ${sealed} points; ${records[base + SEALED_VALUES]} are counted.`)
    }
    if (records[base + VALUES]! > 0 && (minimum !== records[base + MINIMUM] || maximum !== records[base + MAXIMUM])) {
      report(
        `${where}: values lie from ${minimum} to ${maximum}; ${records[base + MINIMUM]} to ${records[base + MAXIMUM]} is noted.`,
      )
    }
    if (last !== records[base + LAST_STEP])
      report(`${where}: the last step is ${last}; ${records[base + LAST_STEP]} is noted.`)
  }
}

function checkChunk(
  store: ChunkStore,
  state: AttemptState,
  slot: number,
  place: ChunkPlace,
  see: ((values: Float64Array) => void) | null,
): string | null {
  const row = store.statements.chunk.get(state.id, slot, place.level, place.sequence) as ChunkRow
  if (see !== null) {
    const { steps, values } = decodeWithTimes(store, row)
    see(values)
    for (let index = 1; index < steps.length; index++)
      if (steps[index]! < steps[index - 1]!) return 'is not in step order.'
    if (steps[0] !== place.first_step || steps.at(-1) !== place.last_step) {
      return `holds steps ${steps[0]} to ${steps.at(-1)}; ${place.first_step} to ${place.last_step} is noted.`
    }
    return null
  }
  const first = place.sequence * FACTOR
  return checkSums(store, state, slot, decodeLevel(row.data), { level: place.level, first, count: FACTOR })
}

/** Compares what sums up chunks of the level below with these, `count` of them from `first` on. */
function checkSums(
  store: ChunkStore,
  state: AttemptState,
  slot: number,
  sums: LevelChunk,
  { level, first, count }: { level: number; first: number; count: number },
): string | null {
  for (let child = 0; child < count; child++) {
    const below = store.statements.chunk.get(state.id, slot, level - 1, first + child) as ChunkRow | undefined
    if (below === undefined) return `sums up chunk ${first + child} below it, which is missing.`
    let points = 0
    let minimum = Infinity
    let maximum = -Infinity
    for (let bucket = sums.starts[child]!; bucket < sums.starts[child + 1]!; bucket++) {
      points += sums.points[bucket]!
      minimum = Math.min(minimum, sums.minimum[bucket]!)
      maximum = Math.max(maximum, sums.maximum[bucket]!)
    }
    if (points !== below.points) return `counts ${points} points in chunk ${child} below it, which has ${below.points}.`
    const values = level === 1 ? decodeWithTimes(store, below).values.filter((value) => value === value) : null
    const lower = values === null ? decodeLevel(below.data) : null
    const least = (values ?? lower!.minimum).reduce((a, b) => Math.min(a, b), Infinity)
    const most = (values ?? lower!.maximum).reduce((a, b) => Math.max(a, b), -Infinity)
    if (least !== minimum || most !== maximum) {
      return `gives ${minimum} to ${maximum} for chunk ${child} below it, which holds ${least} to ${most}.`
    }
  }
  return null
}
