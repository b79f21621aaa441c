/** Which checkpoints the leaderboard shows. */
import type { SweepRow } from '../../db/queries/sweeps.ts'
import type { BoardQuery } from '../../domain/board-query.ts'
import { milestoneAxisName } from '../../domain/axes.ts'
import { runSettings } from '../../domain/definition-differences.ts'
import { comparisonOf, type FieldValue, type Filter, type FilterField } from '../../domain/filter.ts'
import type { CheckpointColumns, RunOfColumns } from './checkpoint-columns.ts'
import { correctedAt, type ScoreColumns } from './score-columns.ts'

type Settings = { shared: ReadonlyMap<string, string>; axes: readonly string[]; names: ReadonlySet<string> }
const settingsBySweep = new WeakMap<SweepRow, Settings>()

/** What a sweep tells every trainer, the names of the axes that make its trainings differ, and the names of both. */
export function settingsOf(sweep: SweepRow): Settings {
  let known = settingsBySweep.get(sweep)
  if (known === undefined) {
    const { definition } = sweep
    const shared = runSettings({ definition, params: {} })
    // shown as the trainer; a command line is no setting that anybody compares
    shared.delete('trainer')
    shared.delete('train.command')
    const milestone = milestoneAxisName(definition.axes)
    const axes = Object.keys(definition.axes).filter((name) => name !== milestone)
    known = { shared, axes, names: new Set([...axes, ...shared.keys()]) }
    settingsBySweep.set(sweep, known)
  }
  return known
}

/** A training's setting: its value on the axis of that name, else what its sweep tells all; null where neither does. */
export function settingOf(sweep: SweepRow, run: RunOfColumns, name: string): string | null {
  const { shared, axes } = settingsOf(sweep)
  return (axes.includes(name) ? run.params[name] : undefined) ?? shared.get(name) ?? null
}

export const trainerOf = ({ definition }: SweepRow) => definition.trainer ?? 'command'

/** Sweeps that the leaderboard may show. */
export function shownSweeps({ sweeps }: CheckpointColumns): SweepRow[] {
  return [...sweeps.values()].filter(({ deletedAt }) => deletedAt === null)
}

/** What a filter may name. */
export function boardFields(columns: CheckpointColumns): FilterField[] {
  const settings = new Set(
    shownSweeps(columns).flatMap((sweep) => {
      const { shared, axes } = settingsOf(sweep)
      return [...axes, ...shared.keys()]
    }),
  )
  const text = (name: string): FilterField => ({ name, kind: 'text' })
  const number = (name: string): FilterField => ({ name, kind: 'number' })
  const known = [
    number('score'),
    number('corrected'),
    ...[...columns.benchmarks.keys()].map((name): FilterField => ({ name, kind: 'share' })),
    ...[...columns.benchmarks.keys()].map((name) => number(`${name}.ratio`)),
    number('step'),
    number('epoch'),
    number('run'),
    ...['sweep', 'trainer', 'tag', 'picked'].map(text),
  ]
  const taken = new Set(known.map(({ name }) => name))
  return [...[...settings].filter((name) => !taken.has(name)).map(text), ...known]
}

/** For each place 1 where the checkpoint was evaluated and passes everything that was asked for, else 0. */
export function passingPlaces(scores: ScoreColumns, query: BoardQuery, filter: Filter | null): Uint8Array {
  const { columns } = scores
  const passes = filter === null ? new Uint8Array(columns.count).fill(1) : passing(scores, filter)
  const wanted = new Set(query.sweepIds)
  const shown = new Set(
    shownSweeps(columns)
      .filter((sweep) => wanted.size === 0 || wanted.has(sweep.id))
      .filter((sweep) => query.trainer === '' || trainerOf(sweep) === query.trainer)
      .map(({ id }) => id),
  )
  const from = query.from === null ? -Infinity : Date.parse(query.from)
  const to = query.to === null ? Infinity : Date.parse(query.to) + 24 * 3600 * 1000
  for (const { sweepId, places } of columns.runs.values()) {
    const isShown = shown.has(sweepId)
    for (const place of places) {
      if (!isShown || columns.results[place] === 0) passes[place] = 0
      else if (query.picked && Number.isNaN(columns.pickedAt[place]!)) passes[place] = 0
      else if (columns.createdAt[place]! < from || columns.createdAt[place]! >= to) passes[place] = 0
      else if (query.tag !== '' && !columns.tags.get(place)?.includes(query.tag)) passes[place] = 0
    }
  }
  return passes
}

type Test = (held: FieldValue) => boolean

function passing(scores: ScoreColumns, filter: Filter): Uint8Array {
  switch (filter.type) {
    case 'and':
    case 'or': {
      const left = passing(scores, filter.left)
      const right = passing(scores, filter.right)
      for (let place = 0; place < left.length; place++) {
        if (filter.type === 'and') left[place]! &= right[place]!
        else left[place]! |= right[place]!
      }
      return left
    }
    case 'not':
      return passing(scores, filter.of).map((pass) => 1 - pass)
    case 'word': {
      const word = filter.word.toLowerCase()
      const holds = (text: string | null) => text !== null && text.toLowerCase().includes(word)
      const found = byRun(scores.columns, (sweep, run) => {
        const { shared, axes } = settingsOf(sweep)
        return holds(sweep.name) || axes.some((name) => holds(run.params[name] ?? null)) || shared.values().some(holds)
      })
      for (const [place, tags] of scores.columns.tags) if (tags.some(holds)) found[place] = 1
      return found
    }
    case 'compare':
      return compared(scores, filter.field, comparisonOf(filter.comparison, filter.value))
  }
}

function compared(scores: ScoreColumns, field: string, test: Test): Uint8Array {
  const { columns } = scores
  const measured = (valueAt: (place: number) => number) =>
    Uint8Array.from({ length: columns.count }, (_, place) => {
      const value = valueAt(place)
      return Number(test(Number.isNaN(value) ? null : value))
    })
  if (field === 'score') return measured((place) => scores.score[place]!)
  if (field === 'corrected') return measured((place) => correctedAt(scores, place) ?? NaN)
  if (field === 'step' || field === 'epoch') return measured((place) => columns[field][place]!)
  if (field === 'picked')
    return measuredText(columns, (place) => (Number.isNaN(columns.pickedAt[place]!) ? 'no' : 'yes'), test)
  if (field === 'tag') {
    // a checkpoint without tags has none: only `!=` holds of it
    return Uint8Array.from({ length: columns.count }, (_, place) => {
      const tags = columns.tags.get(place)
      return Number(tags === undefined ? test(null) : tags.some(test))
    })
  }
  const benchmark = field.endsWith('.ratio') ? field.slice(0, -'.ratio'.length) : field
  const accuracy = columns.benchmarks.get(benchmark)?.accuracy
  if (accuracy && benchmark === field) return measured((place) => accuracy[place]!)
  if (accuracy) {
    const baselineAt = new Map([...columns.sweeps.keys()].map((id) => [id, scores.accuraciesOf(id)[benchmark] ?? NaN]))
    return measured(
      (place) => accuracy[place]! / baselineAt.get(columns.runs.get(columns.runIds[place]!)?.sweepId ?? 0)!,
    )
  }
  return byRun(columns, (sweep, run) => {
    if (field === 'run') return test(run.number)
    if (field === 'sweep') return test(sweep.name)
    if (field === 'trainer') return test(trainerOf(sweep))
    return test(settingOf(sweep, run, field))
  })
}

function measuredText(columns: CheckpointColumns, textAt: (place: number) => string, test: Test): Uint8Array {
  return Uint8Array.from({ length: columns.count }, (_, place) => Number(test(textAt(place))))
}

/** What is asked of a training is asked once, for all its checkpoints. */
function byRun(columns: CheckpointColumns, test: (sweep: SweepRow, run: RunOfColumns) => boolean): Uint8Array {
  const found = new Uint8Array(columns.count)
  for (const run of columns.runs.values()) {
    const sweep = columns.sweeps.get(run.sweepId)
    if (sweep !== undefined && test(sweep, run)) for (const place of run.places) found[place] = 1
  }
  return found
}
