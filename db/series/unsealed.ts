/** Values that no chunk holds yet, as readers see them. */
import { stepOrder } from './seal.ts'
import type { AttemptState } from './state.ts'
import type { ChunkStore } from './statements.ts'
import { OpenTails } from './tail.ts'

/** Bytes of opened tails that are kept for the next reader. */
const KEPT_TAIL_BYTES = 64 * 2 ** 20
const NO_TAILS = new OpenTails([])

/** The tails of an attempt; what an earlier reader opened is kept, and only what came since is opened. */
export function openTails(store: ChunkStore, state: AttemptState): OpenTails {
  if (state.tailBytes === 0) return NO_TAILS
  const known = store.tails.get(state.id)
  if (known !== undefined && known.token === state.token) return known.tails
  const usable = known !== undefined && known.tailVersion === state.tailVersion ? known.tails : undefined
  const newer = store.statements.tails.all(state.id, usable?.lastTail ?? 0) as { id: number; data: Buffer }[]
  const tails = usable !== undefined && newer.length === 0 ? usable : new OpenTails(newer, usable)
  // tails that may yet be rolled back must not be met again under the id of others
  if (store.database.inTransaction) return tails
  store.tails.delete(state.id)
  store.tails.set(state.id, { token: state.token, tailVersion: state.tailVersion, tails, bytes: state.tailBytes })
  let bytes = 0
  for (const kept of store.tails.values()) bytes += kept.bytes
  for (const [id, kept] of store.tails) {
    if (bytes <= KEPT_TAIL_BYTES && store.tails.size <= 256) break
    store.tails.delete(id)
    bytes -= kept.bytes
  }
  return tails
}

/** Unsealed values of a metric, sorted by step. */
export function sortedTail(
  store: ChunkStore,
  state: AttemptState,
  slot: number,
): { steps: Float64Array; times: Float64Array; values: Float64Array } {
  const tails = openTails(store, state)
  const column = tails.column(state, slot)
  if (column === undefined)
    return { steps: new Float64Array(0), times: new Float64Array(0), values: new Float64Array(0) }
  const order = stepOrder(tails.steps, column.rows)
  const rows = order === null ? column.rows : Uint32Array.from(order, (index) => column.rows[index]!)
  const values = order === null ? column.values : Float64Array.from(order, (index) => column.values[index]!)
  return {
    steps: Float64Array.from(rows, (row) => tails.steps[row]!),
    times: Float64Array.from(rows, (row) => tails.times[row]!),
    values,
  }
}
