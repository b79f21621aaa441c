/**
 * Which run came from which: base model → run → checkpoint → run → … A round's number is its place in this graph and is
 * never stored: runs that come later, or go, need no renumbering.
 */
import type { Sweep } from '../sweep/sweep.ts'

/** A training as the lineage sees it. */
export type LineageRun = {
  id: number
  /** The run whose checkpoint it starts from; null where it starts from a base model or from new weights. */
  parentId: number | null
  /** Whether it counts as a round: see `countsAsRound`. */
  isRound: boolean
}

export type LineagePlace = {
  id: number
  /** null for what starts a lineage, and where the parent is not among the runs. */
  parentId: number | null
  /** The run names a parent that is not among the runs, or one that descends from the run itself. */
  parentMissing: boolean
  /** Steps from the start of its lineage: 0 for what has no parent. */
  depth: number
  /** How many rounds led here, itself included; null for what is no round. */
  round: number | null
  /** In the order given. */
  childIds: number[]
}

/**
 * Whether runs of a sweep are rounds: GRPO that starts from a model or a checkpoint, or a command that is given one.
 * Supervised training and pretraining come before the rounds.
 */
export function countsAsRound(sweep: Pick<Sweep, 'trainer' | 'init'>): boolean {
  return sweep.init !== undefined && (sweep.trainer === 'grpo' || sweep.trainer === undefined)
}

/**
 * Every run's place, by id. A link that would close a circle is cut, and a parent that is not among the runs is left out:
 * both are marked, and what hangs on them stays in the lineage.
 */
export function placeRuns(runs: readonly LineageRun[]): Map<number, LineagePlace> {
  const byId = new Map(runs.map((run) => [run.id, run]))
  const places = new Map<number, LineagePlace & { rounds: number }>()
  for (const run of runs) {
    // the runs from here up to one that has its place already
    const path: LineageRun[] = []
    let next: LineageRun | undefined = run
    while (next !== undefined && !places.has(next.id) && !path.includes(next)) {
      path.push(next)
      next = next.parentId === null ? undefined : byId.get(next.parentId)
    }
    for (const one of path.toReversed()) {
      const parent = one.parentId === null ? undefined : places.get(one.parentId)
      const rounds = (parent?.rounds ?? 0) + (one.isRound ? 1 : 0)
      places.set(one.id, {
        id: one.id,
        parentId: parent?.id ?? null,
        parentMissing: one.parentId !== null && parent === undefined,
        depth: parent ? parent.depth + 1 : 0,
        round: one.isRound ? rounds : null,
        childIds: [],
        rounds,
      })
    }
  }
  for (const { id } of runs) {
    const parentId = places.get(id)!.parentId
    if (parentId !== null) places.get(parentId)!.childIds.push(id)
  }
  return new Map([...places].map(([id, { rounds: _rounds, ...place }]) => [id, place]))
}

/** From the start of its lineage to the run itself; empty for a run that has no place. */
export function chainOf(places: ReadonlyMap<number, LineagePlace>, id: number): number[] {
  const chain: number[] = []
  for (let place = places.get(id); place !== undefined; place = places.get(place.parentId ?? Number.NaN)) {
    chain.unshift(place.id)
  }
  return chain
}

/** Every run that came from this one, each before what came from it. */
export function descendantsOf(places: ReadonlyMap<number, LineagePlace>, id: number): number[] {
  const found: number[] = []
  const open = [...(places.get(id)?.childIds ?? [])].toReversed()
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    found.push(next)
    open.push(...places.get(next)!.childIds.toReversed())
  }
  return found
}

/**
 * What a run changed where no setting is told otherwise. A sweep and a script of one's own name their settings each their own way: what
 * only one of them names is no change.
 */
export function nothingChanged(before: 'sweep' | 'project', after: 'sweep' | 'project'): string {
  return before === after ? 'nothing' : 'nothing that both name'
}

/** `name` → `name-round-2`, `name-round-2` → `name-round-3`: what the sweep of a round is called until somebody renames it. */
export function roundName(name: string, round: number): string {
  return `${name.replace(/-round-\d+$/, '')}-round-${round}`
}
