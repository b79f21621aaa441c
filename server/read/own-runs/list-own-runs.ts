/** The runs of their own, filtered and in order, a page of them. */
import { listOwnRuns, listProjects, type OwnRun } from '../../../db/queries/own-runs.ts'
import { parseFilter, type FieldValue, type FilterField } from '../../../domain/asking/filter.ts'
import { compileFilter, type FilterTable } from '../../../domain/asking/passing.ts'
import { orderMetrics } from '../../../domain/score/metric-roles.ts'
import { ownValue } from '../../../domain/own-value.ts'
import type { ListedOwnRun, OwnRunsPage, OwnRunView, ProjectView } from '../../../contract/api/own-runs.ts'
import type { Context } from '../../base/context.ts'
import { metricNamesOf } from '../../base/finding/metric-names.ts'

export type OwnRunsQuery = {
  projectId?: number | undefined
  /** These alone. */
  ids?: number[] | undefined
  filter: string
  /** `heard`, `started`, `name`, `step`, `setting:NAME`, `metric:NAME`. */
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

/** The projects with runs in them, the one that was heard last first. */
export function listProjectViews({ database }: Context): ProjectView[] {
  const runs = Map.groupBy(listOwnRuns(database), ({ project }) => project.id)
  return listProjects(database)
    .flatMap(({ id, name, deletedAt }): ProjectView[] => {
      const own = runs.get(id) ?? []
      if (deletedAt !== null || own.length === 0) return []
      const running = own.filter(({ job }) => job.status === 'running').length
      const lastHeardAt = own.reduce((last, run) => Math.max(last, run.own.heardAt), 0)
      return [{ id, name, runs: own.length, running, lastHeardAt }]
    })
    .toSorted((a, b) => b.lastHeardAt! - a.lastHeardAt!)
}

/** A page of runs. A filter that cannot be read is told, and no run passes it. */
export function readOwnRuns(context: Context, query: OwnRunsQuery): OwnRunsPage {
  const { database, series } = context
  const all = listOwnRuns(database, query.projectId)
  const fields = fieldsOf(context, all)
  const { filter, error } = parseFilter(query.filter, fields)
  const empty = { total: 0, offset: query.offset, rows: [], differing: [], metrics: [], fields: namesOf(fields), error }
  if (error !== null) return empty
  const passes = filter === null ? () => true : compileFilter(filter, tableOf(context, all))
  const wanted = query.ids && new Set(query.ids)
  const found = all.filter(({ job }, at) => (!wanted || wanted.has(job.id)) && passes(at))
  const differing = differingSettings(found)
  const metrics = orderMetrics(
    metricNamesOf(
      series,
      found.map(({ job }) => job.id),
    ),
  )
  const ordered = inOrder(context, found, query)
  const page = ordered.slice(query.offset, query.offset + query.limit)
  const shown = {
    settings: Array.isArray(query.settings) ? query.settings : differing.slice(0, query.settings ?? settingsAtFirst),
    metrics: query.metrics ?? metrics.slice(0, metricsAtFirst),
  }
  return { ...empty, total: found.length, rows: describeRows(context, page, shown), differing, metrics }
}

/** These runs as rows, with their values of the columns that are asked for. */
export function describeRows(
  { series, database }: Context,
  runs: OwnRun[],
  shown: { settings: string[]; metrics: string[] },
): ListedOwnRun[] {
  const parents = parentsOf(database, runs)
  const ids = runs.map(({ job }) => job.id)
  const last = Map.groupBy(shown.metrics.length === 0 ? [] : series.last(ids, shown.metrics), ({ runId }) => runId)
  return runs.map((run) => ({
    ...describeOwn(run, parents),
    params: Object.fromEntries(
      shown.settings.flatMap((name) => {
        const value = ownValue(run.job.params, name)
        return value === undefined ? [] : [[name, value]]
      }),
    ),
    metrics: Object.fromEntries((last.get(run.job.id) ?? []).map(({ metric, value }) => [metric, value])),
  }))
}

/** What every page shows of a run of its own. */
export function describeOwn({ job, own, project }: OwnRun, parents: ReadonlyMap<string, OwnRun>): OwnRunView {
  const parent = own.parent === null ? undefined : parents.get(own.parent)
  return {
    id: job.id,
    number: job.number,
    name: own.name,
    project: { id: project.id, name: project.name },
    client: own.client,
    clientId: own.clientId,
    status: job.status,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    heardAt: own.heardAt,
    lastStep: job.lastStep,
    group: own.group,
    jobType: own.jobType,
    tags: own.tags,
    note: own.note,
    parent: parent ? { id: parent.job.id, name: parent.own.name } : null,
    deleted: own.deletedAt !== null || project.deletedAt !== null,
  }
}

/** The runs that these are parts of, by the id that their client knows them by. */
function parentsOf(database: Context['database'], runs: OwnRun[]): Map<string, OwnRun> {
  const wanted = new Set(runs.flatMap(({ own }) => own.parent ?? []))
  if (wanted.size === 0) return new Map()
  const found = listOwnRuns(database).filter(({ own }) => wanted.has(own.clientId))
  return new Map(found.map((run) => [run.own.clientId, run]))
}

/** Settings that not all of the runs have alike, those first that most of the runs have. */
function differingSettings(runs: OwnRun[]): string[] {
  if (runs.length < 2) return Object.keys(runs[0]?.job.params ?? {})
  const values = new Map<string, { seen: Set<string>; count: number }>()
  for (const { job } of runs) {
    for (const [name, value] of Object.entries(job.params)) {
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
  ...['name', 'project', 'status', 'client', 'group', 'job_type', 'tag', 'note'].map((name): FilterField => ({
    name,
    kind: 'text',
  })),
  { name: 'step', kind: 'number' },
  { name: 'run', kind: 'number' },
]

/** Settings stand before metrics of the same name, and what every run has before both. */
function fieldsOf({ series }: Context, runs: OwnRun[]): FilterField[] {
  const settings = new Set(runs.flatMap(({ job }) => Object.keys(job.params)))
  const metrics = metricNamesOf(
    series,
    runs.map(({ job }) => job.id),
  )
  const taken = new Set(about.map(({ name }) => name))
  const others = [...settings].filter((name) => !taken.has(name))
  const known = new Set([...taken, ...others])
  return [
    ...about,
    ...others.map((name): FilterField => ({ name, kind: 'text' })),
    ...metrics.filter((name) => !known.has(name)).map((name): FilterField => ({ name, kind: 'number' })),
  ]
}

const namesOf = (fields: FilterField[]) => fields.slice(0, mostFields).map(({ name }) => name)

function tableOf({ series }: Context, runs: OwnRun[]): FilterTable {
  const aboutRun: Record<string, (run: OwnRun) => FieldValue> = {
    name: ({ own }) => own.name,
    project: ({ project }) => project.name,
    status: ({ job }) => job.status,
    client: ({ own }) => own.client,
    group: ({ own }) => own.group,
    job_type: ({ own }) => own.jobType,
    note: ({ own }) => own.note,
    step: ({ job }) => job.lastStep,
    run: ({ job }) => job.number,
  }
  return {
    condition(field, test) {
      // a run without tags has none: only `!=` holds of it
      if (field === 'tag') return (at) => (runs[at]!.own.tags.length > 0 ? runs[at]!.own.tags.some(test) : test(null))
      const read = Object.hasOwn(aboutRun, field) ? aboutRun[field]! : null
      if (read) return (at) => test(read(runs[at]!))
      if (runs.some(({ job }) => Object.hasOwn(job.params, field)))
        return (at) => test(ownValue(runs[at]!.job.params, field) ?? null)
      const ids = runs.map(({ job }) => job.id)
      const last = new Map(series.last(ids, [field]).map(({ runId, value }) => [runId, value]))
      return (at) => test(last.get(ids[at]!) ?? null)
    },
    word(holds) {
      return (at) => {
        const { own, project, job } = runs[at]!
        return (
          [own.name, project.name, own.group ?? '', own.jobType ?? '', own.note, ...own.tags].some(holds) ||
          Object.values(job.params).some(holds)
        )
      }
    },
  }
}

/** Numbers by their value, texts by their letters; what a run does not have stands last, whichever the direction. */
function inOrder({ series }: Context, runs: OwnRun[], { sort, descending }: OwnRunsQuery): OwnRun[] {
  const keyOf = keyOfSort(series, runs, sort)
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

function keyOfSort(
  series: Context['series'],
  runs: OwnRun[],
  sort: string,
): ((run: OwnRun) => string | number | null) | null {
  if (sort === 'heard') return ({ own }) => own.heardAt
  if (sort === 'name') return ({ own }) => own.name
  if (sort === 'step') return ({ job }) => job.lastStep
  const [kind, name] = [sort.slice(0, sort.indexOf(':')), sort.slice(sort.indexOf(':') + 1)]
  if (kind === 'setting')
    return ({ job }) => {
      const value = ownValue(job.params, name)
      if (value === undefined) return null
      const number = value.trim() === '' ? NaN : Number(value)
      return Number.isNaN(number) ? value : number
    }
  if (kind !== 'metric') return null
  const ids = runs.map(({ job }) => job.id)
  const last = new Map(series.last(ids, [name]).map(({ runId, value }) => [runId, value]))
  return ({ job }) => {
    const value = last.get(job.id)
    return value === undefined || Number.isNaN(value) ? null : value
  }
}
