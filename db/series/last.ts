/** The newest value and the extremes of many metrics of many runs, from their pages alone where no attempt hides another. */
import { readEnvelope } from './envelope.ts'
import { openPage } from './record-pages.ts'
import { type BlockPart, valueBlocks } from './value-blocks.ts'
import {
  type SeriesAttempt,
  type AttemptState,
  LAST_STEP,
  LAST_VALUE,
  MAXIMUM,
  MINIMUM,
  VALUES,
  RECORD,
} from './state.ts'
import type { ChunkStore } from './statements.ts'

export type LastValue = {
  runId: number
  metric: string
  /** The largest step, and the value there (the latest to arrive, where several have it). */
  step: number
  value: number
  points: number
  /** null where every value is NaN. */
  minimum: number | null
  maximum: number | null
}

/** In the order of the runs given, each run's metrics in the order first seen. Two queries, however many runs. */
export function lastValues(store: ChunkStore, runIds: number[], metrics: string[] | undefined): LastValue[] {
  const wanted = metrics === undefined ? null : new Set(metrics)
  const attempts = new Map<number, SeriesAttempt[]>()
  for (const row of store.statements.attemptsOf.all(JSON.stringify(runIds)) as SeriesAttempt[]) {
    const known = attempts.get(row.run_id)
    if (known === undefined) attempts.set(row.run_id, [row])
    else known.push(row)
  }
  const single = [...attempts.values()].filter((rows) => rows.length === 1).map((rows) => rows[0]!.id)
  const pages = new Map<number, { names: string[]; records: Float64Array }[]>()
  // lists are shared by pages: each is looked through once, and a page of other metrics is not opened
  const lists = new Map<string[], boolean>()
  const holdsAny = (names: string[]) => {
    const known = lists.get(names) ?? names.some((name) => wanted!.has(name))
    lists.set(names, known)
    return known
  }
  for (const [id, listId, text, data] of store.statements.pagesOf.iterate(JSON.stringify(single)) as Iterable<
    [number, number | null, string, Buffer]
  >) {
    const names = store.states.nameLists.of(listId, text)
    if (wanted !== null && !holdsAny(names)) continue
    const page = { names, records: openPage(data, names.length) }
    const known = pages.get(id)
    if (known === undefined) pages.set(id, [page])
    else known.push(page)
  }
  const values: LastValue[] = []
  for (const runId of runIds) {
    const rows = attempts.get(runId)
    if (rows === undefined) continue
    if (rows.length > 1) ofAttempts(store, rows, wanted, values)
    for (const { names, records } of pages.get(rows[0]!.id) ?? []) {
      for (let index = 0; index < names.length; index++) {
        const metric = names[index]!
        if (wanted === null || wanted.has(metric)) values.push(lastOf(runId, metric, records, index * RECORD))
      }
    }
  }
  return values
}

/** Names of the runs' metrics, each once: the lists that their pages share are read, the pages are not opened. */
export function namesOfRuns(store: ChunkStore, runIds: number[]): string[] {
  const names = new Set<string>()
  for (const [listId, text] of store.statements.listsOf.iterate(JSON.stringify(runIds)) as Iterable<
    [number | null, string]
  >) {
    for (const name of store.states.nameLists.of(listId, text)) names.add(name)
  }
  return [...names]
}

function lastOf(runId: number, metric: string, records: Float64Array, base: number): LastValue {
  const minimum = records[base + MINIMUM]!
  const maximum = records[base + MAXIMUM]!
  const none = minimum > maximum
  return {
    runId,
    metric,
    step: records[base + LAST_STEP]!,
    value: records[base + LAST_VALUE]!,
    points: records[base + VALUES]!,
    minimum: none ? null : minimum,
    maximum: none ? null : maximum,
  }
}

/** Puts attempts together, newest first; an attempt that is partly hidden is read. */
function ofAttempts(store: ChunkStore, rows: SeriesAttempt[], wanted: Set<string> | null, values: LastValue[]): void {
  const found = new Map<string, LastValue>()
  const names = new Set<string>()
  for (const row of rows)
    for (const name of store.states.load(row).names) if (wanted === null || wanted.has(name)) names.add(name)
  let limit = Infinity
  for (const row of rows.toReversed()) {
    const state = store.states.load(row)
    for (const metric of names) {
      const slot = state.slots.get(metric)
      if (slot === undefined) continue
      const whole = state.records[slot * RECORD + LAST_STEP]! < limit
      const last = whole
        ? lastOf(row.run_id, metric, state.records, slot * RECORD)
        : lastBefore(store, { state, slot, from: 0, to: limit - 1 }, metric)
      if (last === null) continue
      const newer = found.get(metric)
      if (newer === undefined) found.set(metric, last)
      else {
        newer.points += last.points
        newer.minimum = least(newer.minimum, last.minimum, Math.min)
        newer.maximum = least(newer.maximum, last.maximum, Math.max)
      }
    }
    limit = Math.min(limit, row.first_step)
  }
  for (const metric of names) {
    const last = found.get(metric)
    if (last !== undefined) values.push(last)
  }
}

function least(a: number | null, b: number | null, choose: (a: number, b: number) => number): number | null {
  if (a === null || b === null) return a ?? b
  return choose(a, b)
}

/** What was found of partly hidden attempts, while they stay as they are. */
const hiddenFigures = new WeakMap<AttemptState, { token: number; to: number; found: Map<number, LastValue | null> }>()

/** The last value up to a step, and the figures up to there, from the values themselves. */
function lastBefore(store: ChunkStore, part: BlockPart, metric: string): LastValue | null {
  let known = hiddenFigures.get(part.state)
  if (known === undefined || known.token !== part.state.token || known.to !== part.to) {
    known = { token: part.state.token, to: part.to, found: new Map() }
    hiddenFigures.set(part.state, known)
  }
  let last = known.found.get(part.slot)
  if (last === undefined) {
    last = readLastBefore(store, part, metric)
    known.found.set(part.slot, last)
  }
  return last === null ? null : { ...last }
}

function readLastBefore(store: ChunkStore, part: BlockPart, metric: string): LastValue | null {
  const whole = readEnvelope(store, [part], 1)
  if (whole.points === 0) return null
  // the last of some buckets is where the last value lies: the others need not be opened
  const from = readEnvelope(store, [part], 64).steps.at(-1)!
  let step = 0
  let value = NaN
  for (const block of valueBlocks(store, { ...part, from })) {
    step = block.steps.at(-1)!
    value = block.values.at(-1)!
  }
  const minimum = whole.minimum[0]!
  return {
    runId: part.state.runId,
    metric,
    step,
    value,
    points: whole.points,
    minimum: minimum === minimum ? minimum : null,
    maximum: minimum === minimum ? whole.maximum[0]! : null,
  }
}
