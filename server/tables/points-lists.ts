/** Orders of points that somebody may be looking at: their rows can be read on while scores come in, until the person lets go. */
import type { PointColumns } from '../tables/points-columns.ts'
import { heldBy } from '../base/process/held.ts'

/** `scored`: by point, whether it had a score then. */
type List = { id: number; name: string; version: number; order: Uint32Array; scored: Uint8Array }

/** Of a sweep: 500 kB each with 100,000 points. */
const mostLists = 16
const heldLists = heldBy<PointColumns, number, List>(mostLists)
/** Rises over restarts too: no server takes an order of the one before for one of its own. */
let lastId = Date.now()

export function listsOf(columns: PointColumns) {
  const lists = heldLists(columns)
  return {
    /** The list that answers a question now. */
    now(name: string, order: () => Uint32Array): List {
      const { version } = columns
      let list = [...lists.values()].find((one) => one.name === name && one.version === version)
      if (list === undefined) {
        const scored = new Uint8Array(columns.count)
        for (let point = 0; point < scored.length; point++) scored[point] = Number(!Number.isNaN(columns.score[point]!))
        list = { id: ++lastId, name, version, order: order(), scored }
      }
      return lists.put(list.id, list)
    },
    /** The one of this id where it answers the same question and is still known, else the present one. */
    before(id: number | null, now: List): List {
      const list = id === null ? undefined : lists.peek(id)
      return list?.name === now.name ? lists.put(list.id, list) : now
    },
  }
}

/** What the present list has that a held one does not show: points scored since, or else only another order. */
export function newsOf({ score }: PointColumns, held: List, now: List): { news: number; moved: boolean } {
  if (held === now) return { news: 0, moved: false }
  let news = 0
  for (const point of now.order) if (held.scored[point] === 0 && !Number.isNaN(score[point]!)) news += 1
  const same = held.order.length === now.order.length && held.order.every((point, at) => now.order[at] === point)
  return { news, moved: news === 0 && !same }
}
