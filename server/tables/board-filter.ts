/** Which checkpoints the leaderboard shows. */
import type { SweepRow } from '../../db/queries/sweeps.ts'
import type { BoardQuery } from '../../domain/asking/board-query.ts'
import { milestoneAxisName } from '../../domain/sweep/axes/axes.ts'
import { runSettings } from '../../domain/sweep/settings/definition-differences.ts'
import { compileFilter, type FilterTable, numberTest, type RowTest } from '../../domain/asking/passing.ts'
import type { FieldValue, Filter, FilterField } from '../../domain/asking/filter.ts'
import { type CodeSnapshot, isDirty } from '../../domain/provenance/what-was-run.ts'
import { commitAt } from './board-code.ts'
import type { CheckpointColumns } from './checkpoint-columns.ts'
import type { HomeOfRuns, RunOfColumns } from './homes.ts'
import { correctedAt, type ScoreColumns } from './score-columns.ts'
import { ownValue } from '../../domain/own-value.ts'

type Settings = { shared: ReadonlyMap<string, string>; axes: readonly string[]; names: ReadonlySet<string> }
const settingsBySweep = new WeakMap<SweepRow, Settings>()
const none: ReadonlyMap<string, string> = new Map()

/**
 * What its sweep tells every trainer, the names of the axes that make its trainings differ, and the names of both. What the client of a
 * run of its own told stands as values on axes.
 */
export function settingsOfHome({ sweep }: HomeOfRuns, run: RunOfColumns): Settings {
  if (sweep !== null) return settingsOfSweep(sweep)
  const axes = Object.keys(run.params)
  return { shared: none, axes, names: new Set(axes) }
}

function settingsOfSweep(sweep: SweepRow): Settings {
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
export function settingOf(home: HomeOfRuns, run: RunOfColumns, name: string): string | null {
  if (home.sweep === null) return ownValue(run.params, name) ?? null
  const { shared, axes } = settingsOfSweep(home.sweep)
  return (axes.includes(name) ? ownValue(run.params, name) : undefined) ?? shared.get(name) ?? null
}

/** A checkpoint's setting, or its commit where none is called so. */
export function settingAt(columns: CheckpointColumns, place: number, name: string): string | null {
  const run = columns.runs.get(columns.runIds[place]!)!
  const value = settingOf(columns.homes.get(run.home)!, run, name)
  return value ?? (name === 'commit' ? commitAt(columns, place) : null)
}

/** What trained it: a built-in trainer, a command, or, of a run of its own, a script that its client logs. */
export const trainerOf = ({ sweep }: HomeOfRuns, { own }: Pick<RunOfColumns, 'own'>): string =>
  own?.client ?? sweep?.definition.trainer ?? 'command'

/** Sweeps and projects that the leaderboard may show. */
export function shownHomes({ homes }: CheckpointColumns): HomeOfRuns[] {
  return [...homes.values()].filter(({ isDeleted }) => !isDeleted)
}

/** The trainings of one of these with an evaluated checkpoint; deleted ones are left out. */
export function evaluatedRuns({ runsOf, results }: CheckpointColumns, { key }: HomeOfRuns): RunOfColumns[] {
  return (runsOf.get(key) ?? []).filter(
    ({ own, places }) => !own?.isDeleted && places.some((place) => results[place]! > 0),
  )
}

/** The names of settings that trainings have, by what they are of. */
function settingNames(columns: CheckpointColumns): Set<string> {
  const names = shownHomes(columns).flatMap((home) =>
    home.sweep === null
      ? evaluatedRuns(columns, home).flatMap(({ params }) => Object.keys(params))
      : [...settingsOfSweep(home.sweep).names],
  )
  return new Set(names)
}

/** What a filter may name. */
export function boardFields(columns: CheckpointColumns): FilterField[] {
  const settings = settingNames(columns)
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
    ...['sweep', 'project', 'trainer', 'tag', 'picked'].map(text),
    // a setting of that name goes before them
    ...(settings.has('commit') ? [] : [{ name: 'commit', kind: 'hash' as const }]),
    ...(settings.has('changes') ? [] : [text('changes')]),
  ]
  const taken = new Set(known.map(({ name }) => name))
  return [...[...settings].filter((name) => !taken.has(name)).map(text), ...known]
}

/** For each place 1 where the checkpoint was evaluated and passes everything that was asked for, else 0. */
export function passingPlaces(scores: ScoreColumns, query: BoardQuery, filter: Filter | null): Uint8Array {
  const { columns } = scores
  const passes = new Uint8Array(columns.count)
  const wanted = new Set(query.sweepIds)
  const shown = new Set(
    shownHomes(columns)
      .filter(({ sweep }) => wanted.size === 0 || wanted.has(sweep?.id ?? 0))
      .map(({ key }) => key),
  )
  const from = query.from === null ? -Infinity : Date.parse(query.from)
  const to = query.to === null ? Infinity : Date.parse(query.to) + 24 * 3600 * 1000
  const passesFilter = filter === null ? () => true : compileFilter(filter, boardTable(scores))
  for (const run of columns.runs.values()) {
    if (!shown.has(run.home) || run.own?.isDeleted) continue
    if (query.trainer !== '' && trainerOf(columns.homes.get(run.home)!, run) !== query.trainer) continue
    for (const place of run.places) {
      if (columns.results[place] === 0) continue
      if (query.picked && Number.isNaN(columns.pickedAt[place]!)) continue
      if (columns.createdAt[place]! < from || columns.createdAt[place]! >= to) continue
      if (query.tag !== '' && !columns.tags.get(place)?.includes(query.tag)) continue
      passes[place] = Number(passesFilter(place))
    }
  }
  return passes
}

/** The checkpoints as a filter reads them. */
function boardTable(scores: ScoreColumns): FilterTable {
  const { columns } = scores
  /** What is asked of a training is asked once, for all its checkpoints. */
  const byRun = (test: (home: HomeOfRuns, run: RunOfColumns) => boolean): RowTest => {
    const passes = new Map<number, boolean>()
    for (const [id, run] of columns.runs) {
      const home = columns.homes.get(run.home)
      passes.set(id, home !== undefined && test(home, run))
    }
    return (place) => passes.get(columns.runIds[place]!) ?? false
  }
  return {
    word(holds) {
      const inRun = byRun((home, run) => {
        const { shared, axes } = settingsOfHome(home, run)
        return (
          holds(home.name) ||
          holds(run.own?.name ?? '') ||
          axes.some((name) => holds(ownValue(run.params, name) ?? '')) ||
          shared.values().some(holds)
        )
      })
      return (place) => inRun(place) || (columns.tags.get(place)?.some(holds) ?? false)
    },
    condition(field, test) {
      if (field === 'score') return numberTest(scores.score, test)
      if (field === 'corrected') return (place) => test(correctedAt(scores, place))
      if (field === 'step' || field === 'epoch') return numberTest(columns[field], test)
      if (field === 'picked') return (place) => test(Number.isNaN(columns.pickedAt[place]!) ? 'no' : 'yes')
      // a checkpoint without tags has none: only `!=` holds of it
      if (field === 'tag') return (place) => columns.tags.get(place)?.some(test) ?? test(null)
      if (field === 'commit' && !isSetting(columns, field))
        return byCode(columns, ({ commit }) => test(commit), test(null))
      if (field === 'changes' && !isSetting(columns, field))
        return byCode(columns, (code) => test(changesOf(code)), test(null))
      const benchmark = field.endsWith('.ratio') ? field.slice(0, -'.ratio'.length) : field
      const accuracy = columns.benchmarks.get(benchmark)?.accuracy
      if (accuracy && benchmark === field) return numberTest(accuracy, test)
      if (accuracy) return ratioTest(scores, benchmark, accuracy, test)
      return byRun((home, run) => {
        if (field === 'run') return test(run.number)
        if (field === 'sweep' || field === 'project') return test(home.kind === field ? home.name : null)
        if (field === 'trainer') return test(trainerOf(home, run))
        return test(settingOf(home, run, field))
      })
    },
  }
}

/** A setting of that name goes before what every checkpoint has. */
const isSetting = (columns: CheckpointColumns, name: string) => settingNames(columns).has(name)

const changesOf = (code: CodeSnapshot) => ({ true: 'yes', false: 'no', null: null })[`${isDirty(code)}`]

/** What is asked of a state of the code is asked once, for all its checkpoints. */
function byCode(columns: CheckpointColumns, test: (code: CodeSnapshot) => boolean, none: boolean): RowTest {
  const passes = new Map([...columns.snapshots].map(([number, code]) => [number, test(code)]))
  return (place) => passes.get(columns.code[place]!) ?? none
}

function ratioTest(
  { columns, accuraciesOf }: ScoreColumns,
  benchmark: string,
  accuracy: Float64Array,
  test: (held: FieldValue) => boolean,
): RowTest {
  const baselineAt = new Map([...columns.homes.keys()].map((key) => [key, accuraciesOf(key)[benchmark] ?? NaN]))
  return (place) => {
    const ratio = accuracy[place]! / baselineAt.get(columns.runs.get(columns.runIds[place]!)?.home ?? 0)!
    return test(Number.isNaN(ratio) ? null : ratio)
  }
}
