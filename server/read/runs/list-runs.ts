/** Runs of sweeps and runs of their own in one list, filtered and in order, a page of them. */
import type { Database } from '../../../db/client.ts'
import { listBegunRuns, listRunsKnownAs, readRunStates, type RunState } from '../../../db/queries/listed-runs.ts'
import { listBestScores } from '../../../db/queries/point-parts.ts'
import {
  filterNames,
  findField,
  parseFilter,
  type FieldValue,
  type FilterField,
} from '../../../domain/asking/filter.ts'
import { compileFilter, type FilterTable } from '../../../domain/asking/passing.ts'
import { orderMetrics } from '../../../domain/score/metric-roles.ts'
import { goalOf } from '../../../domain/sweep/scoring.ts'
import type { ListedRun, ListedRunsPage } from '../../../contract/api/listed-runs.ts'
import type { Context } from '../../base/context.ts'
import { metricNamesOf } from '../../base/finding/metric-names.ts'
import { settingOf, settingsOfHome } from '../../tables/board-filter.ts'
import { everyRun } from '../../tables/checkpoint-columns.ts'
import type { HomeOfRuns, RunOfColumns } from '../../tables/homes.ts'
import { everyMetricName, newestValues } from '../../tables/run-metrics.ts'

export type RunsAskedFor = {
  /** Runs of their own, or those of sweeps as well. */
  of: 'own' | 'all'
  projectId?: number | undefined
  /** These alone. */
  ids?: number[] | undefined
  filter: string
  /** `started`, `heard`, `name`, `step`, `score`, `setting:NAME`, `metric:NAME`. */
  sort: string
  descending: boolean
  offset: number
  limit: number
  /** Columns of the rows; left out: the first few that differ, and the first few metrics. */
  settings?: string[] | number | undefined
  metrics?: string[] | undefined
}

/** Columns where nobody asked for others. */
const [settingsAtFirst, metricsAtFirst] = [4, 3]
const mostFields = 4000
/** Of more runs than these nobody looks for what differs, nor lists their metrics. */
const mostLookedAt = 1000

/** A run with what it is of. */
type Candidate = { run: RunOfColumns; home: HomeOfRuns }

/** A page of the runs that have begun and are not deleted, newest first. A filter that cannot be read is told, and no run passes it. */
export async function readRunsList(context: Context, query: RunsAskedFor): Promise<ListedRunsPage> {
  const all = candidatesOf(context, query)
  const { fields, scoreField } = await fieldsOf(context, all)
  const { filter, error } = parseFilter(query.filter, fields)
  const empty = { total: 0, offset: query.offset, rows: [], differing: [], metrics: [], fields: namesOf(fields), error }
  if (error !== null) return empty
  const typed = filterNames(query.filter).map((name) => findField(fields, name)!)
  const ofMetrics = typed.filter(({ kind, name }) => kind === 'number' && !taken.has(name) && name !== scoreField)
  if (query.sort.startsWith('metric:')) ofMetrics.push({ name: query.sort.slice('metric:'.length), kind: 'number' })
  const known = await knownOf(context, all, { metrics: ofMetrics.map(({ name }) => name), scoreField })
  const passes = filter === null ? () => true : compileFilter(filter, tableOf(all, known))
  const wanted = query.ids && new Set(query.ids)
  const found = all.filter(({ run }, at) => (!wanted || wanted.has(run.id)) && passes(at))
  const lookedAt = found.slice(0, mostLookedAt)
  const differing = differingSettings(lookedAt)
  const metrics = orderMetrics(metricNamesOf(context.series, idsOf(lookedAt)))
  const page = inOrder(found, known, query).slice(query.offset, query.offset + query.limit)
  const shown = {
    settings: Array.isArray(query.settings) ? query.settings : differing.slice(0, query.settings ?? settingsAtFirst),
    metrics: query.metrics ?? metrics.slice(0, metricsAtFirst),
  }
  return { ...empty, total: found.length, rows: describeRows(context, page, shown), differing, metrics }
}

const idsOf = (runs: readonly Candidate[]) => runs.map(({ run }) => run.id)

function candidatesOf(context: Context, { of, projectId }: RunsAskedFor): Candidate[] {
  const { runs, homes } = everyRun(context)
  return listBegunRuns(context.database, of).flatMap((id) => {
    const run = runs.get(id)
    const home = run && homes.get(run.home)
    if (!home || home.isDeleted || run.own?.isDeleted) return []
    const isThere = projectId === undefined || (home.kind === 'project' && home.id === projectId)
    return isThere ? [{ run, home }] : []
  })
}

/** These runs as rows, with their values of the columns that are asked for. */
function describeRows(
  { series, database }: Context,
  page: Candidate[],
  shown: { settings: string[]; metrics: string[] },
): ListedRun[] {
  const ids = page.map(({ run }) => run.id)
  const states = readRunStates(database, ids)
  const parents = listRunsKnownAs(
    database,
    [...states.values()].flatMap(({ parent }) => parent ?? []),
  )
  const scores = bestScores(database, page)
  const last = Map.groupBy(shown.metrics.length === 0 ? [] : series.last(ids, shown.metrics), ({ runId }) => runId)
  return page.map(({ run, home }): ListedRun => {
    const { clientId: _, heardAt, parent, ...state } = states.get(run.id)!
    const whole = parents.find(
      ({ clientId, projectId, client }) =>
        clientId === parent && projectId === home.id && client === run.own?.client && home.kind === 'project',
    )
    return {
      ...state,
      number: run.number,
      name: nameOf(run),
      home: { kind: home.kind, id: home.id, name: home.name },
      own: run.own && { client: run.own.client, heardAt: heardAt! },
      parent: whole ? { id: whole.id, name: whole.name } : null,
      score: scores.get(run.id) ?? null,
      params: Object.fromEntries(
        shown.settings.flatMap((name) => {
          const value = settingOf(home, run, name)
          return value === null ? [] : [[name, value]]
        }),
      ),
      metrics: Object.fromEntries((last.get(run.id) ?? []).map(({ metric, value }) => [metric, value])),
    }
  })
}

const nameOf = ({ own, number }: RunOfColumns) => own?.name ?? `run ${number}`

/** The best score of each of the runs that has one, whichever way its sweep's are better. */
function bestScores(database: Database, runs: readonly Candidate[]): Map<number, number> {
  const byGoal = Map.groupBy(runs, ({ home }) => home.sweep && goalOf(home.sweep.definition))
  byGoal.delete(null)
  return new Map(
    [...byGoal].flatMap(([goal, ofGoal]) => [
      ...listBestScores(
        database,
        ofGoal.map(({ run }) => run.id),
        goal!,
      ),
    ]),
  )
}

/** Settings that not all of the runs have alike, those first that most of the runs have. */
function differingSettings(runs: Candidate[]): string[] {
  const [first] = runs
  if (first === undefined) return []
  if (runs.length === 1) return [...settingsOfHome(first.home, first.run).axes]
  const values = new Map<string, { seen: Set<string>; count: number }>()
  for (const { home, run } of runs) {
    for (const name of settingsOfHome(home, run).names) {
      const value = settingOf(home, run, name)
      if (value === null) continue
      const known = values.get(name)
      if (known === undefined) values.set(name, { seen: new Set([value]), count: 1 })
      else {
        known.seen.add(value)
        known.count += 1
      }
    }
  }
  return [...values]
    .filter(([, { seen, count }]) => seen.size > 1 || count < runs.length)
    .toSorted(([, a], [, b]) => b.count - a.count)
    .map(([name]) => name)
}

const about: FilterField[] = [
  ...['name', 'project', 'sweep', 'status', 'client', 'group', 'job_type', 'tag', 'note'].map((name): FilterField => ({
    name,
    kind: 'text',
  })),
  { name: 'step', kind: 'number' },
  { name: 'run', kind: 'number' },
]
const taken = new Set(about.map(({ name }) => name))

/**
 * What a filter may name. Settings stand before metrics of the same name, and what every run has before both. `scoreField`: what the score
 * of a sweep's run is called, another name where runs have a setting or a metric of that name; null where no run has one.
 */
async function fieldsOf(
  context: Context,
  runs: Candidate[],
): Promise<{ fields: FilterField[]; scoreField: string | null }> {
  const settings = new Set<string>()
  const sweeps = new Set<HomeOfRuns>()
  for (const { home, run } of runs) {
    // the runs of a sweep have the names of their settings in common
    if (sweeps.has(home)) continue
    if (home.sweep !== null) sweeps.add(home)
    for (const name of settingsOfHome(home, run).names) if (!taken.has(name)) settings.add(name)
  }
  const names = await everyMetricName(context, idsOf(runs))
  const metrics = [...names].filter((name) => !taken.has(name) && !settings.has(name))
  const isTaken = settings.has('score') || names.has('score')
  const scoreField = sweeps.size === 0 ? null : isTaken ? 'best_score' : 'score'
  const fields: FilterField[] = [
    ...about,
    ...(scoreField === null ? [] : [{ name: scoreField, kind: 'number' } as const]),
    ...[...settings].map((name): FilterField => ({ name, kind: 'text' })),
    ...metrics.map((name): FilterField => ({ name, kind: 'number' })),
  ]
  return { fields, scoreField }
}

const namesOf = (fields: FilterField[]) => fields.slice(0, mostFields).map(({ name }) => name)

/** What filters and orders ask of runs beside their settings: of all of them, read when it is first asked for. */
type Known = {
  state: (id: number) => RunState
  score: (id: number) => number | null
  /** Of the metrics that this query names. */
  metrics: ReadonlyMap<string, ReadonlyMap<number, number>>
  scoreField: string | null
}

async function knownOf(
  context: Context,
  all: Candidate[],
  asked: { metrics: string[]; scoreField: string | null },
): Promise<Known> {
  const ids = idsOf(all)
  const metrics = new Map<string, ReadonlyMap<number, number>>()
  for (const name of asked.metrics) metrics.set(name, await newestValues(context, ids, name))
  let [states, scores]: [Map<number, RunState> | null, Map<number, number> | null] = [null, null]
  return {
    state: (id) => (states ??= readRunStates(context.database, ids)).get(id)!,
    score: (id) => (scores ??= bestScores(context.database, all)).get(id) ?? null,
    metrics,
    scoreField: asked.scoreField,
  }
}

const aboutRun: Record<string, (candidate: Candidate, known: Known) => FieldValue> = {
  name: ({ run }) => nameOf(run),
  project: ({ home }) => (home.kind === 'project' ? home.name : null),
  sweep: ({ home }) => (home.kind === 'sweep' ? home.name : null),
  client: ({ run }) => run.own?.client ?? null,
  run: ({ run }) => run.number,
  status: ({ run }, { state }) => state(run.id).status,
  group: ({ run }, { state }) => state(run.id).group,
  job_type: ({ run }, { state }) => state(run.id).jobType,
  note: ({ run }, { state }) => state(run.id).note,
  step: ({ run }, { state }) => state(run.id).lastStep,
}

function tableOf(all: Candidate[], known: Known): FilterTable {
  return {
    condition(field, test) {
      if (field === 'tag') {
        // a run without tags has none: only `!=` holds of it
        return (at) => {
          const { tags } = known.state(all[at]!.run.id)
          return tags.length > 0 ? tags.some(test) : test(null)
        }
      }
      const read = Object.hasOwn(aboutRun, field) ? aboutRun[field]! : null
      if (read) return (at) => test(read(all[at]!, known))
      if (field === known.scoreField) return (at) => test(known.score(all[at]!.run.id))
      const values = known.metrics.get(field)
      if (values) return (at) => test(values.get(all[at]!.run.id) ?? null)
      return (at) => test(settingOf(all[at]!.home, all[at]!.run, field))
    },
    word(holds) {
      return (at) => {
        const { run, home } = all[at]!
        const { shared, axes } = settingsOfHome(home, run)
        if ([nameOf(run), home.name].some(holds) || shared.values().some(holds)) return true
        if (axes.some((name) => holds(settingOf(home, run, name) ?? ''))) return true
        const { group, jobType, note, tags } = known.state(run.id)
        return [group ?? '', jobType ?? '', note, ...tags].some(holds)
      }
    },
  }
}

/** Numbers by their value, texts by their letters; what a run does not have stands last, whichever the direction. */
function inOrder(runs: Candidate[], known: Known, { sort, descending }: RunsAskedFor): Candidate[] {
  const keyOf = keyOfSort(known, sort)
  if (keyOf === null) return runs
  const keys = new Map(runs.map((run) => [run, keyOf(run)]))
  const sign = descending ? -1 : 1
  return runs.toSorted((a, b) => {
    const [left, right] = [keys.get(a)!, keys.get(b)!]
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1
    if (typeof left === 'number' && typeof right === 'number') return sign * (left - right)
    return sign * String(left).localeCompare(String(right), 'en', { numeric: true })
  })
}

function keyOfSort(known: Known, sort: string): ((candidate: Candidate) => string | number | null) | null {
  if (sort === 'heard') return ({ run }) => known.state(run.id).heardAt
  if (sort === 'name') return ({ run }) => nameOf(run)
  if (sort === 'step') return ({ run }) => known.state(run.id).lastStep
  if (sort === 'score') return ({ run }) => known.score(run.id)
  const [kind, name] = [sort.slice(0, sort.indexOf(':')), sort.slice(sort.indexOf(':') + 1)]
  if (kind === 'setting')
    return ({ run, home }) => {
      const value = settingOf(home, run, name)
      if (value === null) return null
      const number = value.trim() === '' ? NaN : Number(value)
      return Number.isNaN(number) ? value : number
    }
  const values = kind === 'metric' ? known.metrics.get(name)! : null
  if (values === null) return null
  return ({ run }) => {
    const value = values.get(run.id)
    return value === undefined || Number.isNaN(value) ? null : value
  }
}
