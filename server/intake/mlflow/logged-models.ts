/** MLflow 3's logged models: each belongs to the run that logged it, whose artifacts hold its files; one that is ready is a checkpoint. */
import path from 'node:path'
import { okReply, listOf, missing, pageOf, tagsIn, textField, wholeOf, type Body } from './bodies.ts'
import { fits, inOrder, readFilter } from './search.ts'
import type { LoggedModel, Run, SearchedRun } from './store.ts'
import { decoded, isObject, Refusal, worded, type IntakeEvent, type IntakeOutcome } from '../protocol.ts'
import { keptName } from '../kept-files.ts'

const ready = 'LOGGED_MODEL_READY'
const mostNameCharacters = 500
/** As MLflow's own server: no more than so many of a search at once. */
const mostFound = 1000

/** The id of a run's next model; it names the intake that it is in. */
const idOf = (mark: string, count: number) => `m-${mark}${count}`

/** Which run's intake has a model of this id; null where it is no id of one. */
export function markOfModel(id: string): string | null {
  return /^m-([0-9a-f]{32})\d{1,9}$/.exec(id)?.[1] ?? null
}

/** The id of a model that a call is of; null where it is of none. */
export function modelInCall(name: string): string | null {
  return /^\w+ logged-models\/([^/]+)/.exec(name)?.[1] ?? null
}

type Told = (model: LoggedModel, run: Run) => { events: IntakeEvent[]; commit: () => void }

/**
 * Answers what is of a model in this intake; null for any other call. `tell` gives the checkpoint of one that is ready. Throws a
 * Refusal.
 */
export function answerLoggedModel(
  { runs, mark, now }: { runs: ReadonlyMap<string, Run>; mark: string; now: number },
  name: string,
  body: Body,
  tell: Told,
): IntakeOutcome | null {
  const all = [...runs.values()]
  if (name === 'POST logged-models') return createModel(runs, mark, body, now)
  const id = modelInCall(name)
  if (id === null || id === 'search') return null
  const run = all.find(({ models }) => models.some((model) => model.id === id))
  const model = run?.models.find((each) => each.id === id)
  const below = name.slice(name.indexOf(id) + id.length)
  const call = `${name.split(' ', 1)[0]} ${below}`
  if (run === undefined || model === undefined || (model.isDeleted && body.allow_deleted !== 'true'))
    throw missing(`Logged model with ID '${id.slice(0, 100)}' not found`)
  const said = () => okReply({ model: modelBody(model, run.info) })
  const changed = () => {
    model.updated = now
    return said()
  }
  if (call === 'GET ') return said()
  if (call === 'PATCH ') {
    model.status = textField(body, 'status')
    if (model.status !== ready || model.checkpoint !== null) return changed()
    const { events, commit } = tell(model, run)
    const [checkpoint] = events
    const kept = () => {
      commit()
      if (checkpoint?.type === 'checkpoint') model.checkpoint = checkpoint.path
    }
    return { ...changed(), events, commit: kept }
  }
  if (call === 'DELETE ') {
    model.isDeleted = true
    return okReply({})
  }
  if (call === 'PATCH /tags') {
    Object.assign(model.tags, Object.fromEntries(tagsIn(body)))
    return changed()
  }
  if (call === 'POST /params') {
    Object.assign(model.params, paramsIn(body))
    return changed()
  }
  const tag = /^DELETE \/tags\/(.+)$/.exec(call)?.[1]
  if (tag !== undefined) {
    const key = decoded(tag)
    if (!Object.hasOwn(model.tags, key)) throw missing(`No tag with key ${JSON.stringify(key)} on the model ${id}.`)
    delete model.tags[key]
    return okReply({})
  }
  return null
}

const paramsIn = (body: Body) =>
  Object.fromEntries(listOf(body, 'params').map((param) => [textField(param, 'key'), textField(param, 'value')]))

function createModel(runs: ReadonlyMap<string, Run>, mark: string, body: Body, now: number): IntakeOutcome {
  const source = textField(body, 'source_run_id')
  const run = source === '' ? [...runs.values()][0] : runs.get(source)
  if (run === undefined) throw missing(`Run with id=${source} not found`)
  const name = textField(body, 'name') || 'model'
  if (name.length > mostNameCharacters)
    throw new Refusal(400, `A model's name has at most ${mostNameCharacters} characters; this one has ${name.length}.`)
  const count = [...runs.values()].reduce((sum, { models }) => sum + models.length, 1)
  const plain = name.replaceAll(/[^\w.-]/g, '_').replace(/^\.+/, '_')
  const model: LoggedModel = {
    id: idOf(mark, count),
    name,
    type: textField(body, 'model_type'),
    run: run.info.run_id,
    folder: keptName(`models/${plain.slice(0, 100)}-v${count}`),
    status: 'LOGGED_MODEL_PENDING',
    step: null,
    created: now,
    updated: now,
    tags: Object.fromEntries(tagsIn(body)),
    params: paramsIn(body),
    isDeleted: false,
    checkpoint: null,
  }
  run.models.push(model)
  return okReply({ model: modelBody(model, run.info) })
}

/** Models that a run says it made (`step` with each), kept with them. */
export function takeOutputs(run: Run, body: Body): void {
  for (const output of listOf(body, 'models')) {
    const model = run.models.find(({ id }) => id === output.model_id)
    if (model) model.step = wholeOf(output.step) ?? 0
  }
}

/** Ids of models that a run says it used. */
export const modelsUsed = (body: Body): string[] => listOf(body, 'models').map(({ model_id: id }) => worded(id))

/** What a run says it used, data sets among them, as events; a model counts once. */
export function usedEvents(run: Pick<Run, 'used'>, body: Body): IntakeEvent[] {
  const time = Date.now() / 1000
  const used = (name: string, kind: string, about?: string): IntakeEvent => ({
    type: 'artifact',
    time,
    role: 'used',
    name,
    kind,
    ...(about && { about }),
  })
  const models = modelsUsed(body).filter((id) => !run.used.includes(id))
  const sets = listOf(body, 'datasets').flatMap(({ dataset, tags }) => {
    if (!isObject(dataset)) return []
    const context = Object.fromEntries(tagsIn({ tags }))['mlflow.data.context']
    const digest = textField(dataset, 'digest')
    const about = [context, digest && `digest ${digest}`].filter(Boolean).join(', ')
    return [used(textField(dataset, 'name') || 'dataset', 'dataset', about)]
  })
  return [...models.map((id) => used(id, 'model')), ...sets]
}

/** The step that was said with a model; a client that was told none says 0. */
export const statedStep = ({ step }: LoggedModel): number | null => (step === null || step === 0 ? null : step)

/** The folder of a model's files below that of its intake's kept files. */
export const folderOfModel = ({ folder }: LoggedModel, { prefix }: Run): string => path.posix.join(prefix, folder)

function modelBody(model: LoggedModel, { experiment_id: experimentId, artifact_uri: artifacts }: Run['info']) {
  const pairs = (values: Record<string, string>) => Object.entries(values).map(([key, value]) => ({ key, value }))
  const info = {
    model_id: model.id,
    experiment_id: experimentId,
    name: model.name,
    creation_timestamp_ms: model.created,
    last_updated_timestamp_ms: model.updated,
    artifact_uri: `${artifacts}/${model.folder}`,
    status: model.status,
    model_type: model.type,
    source_run_id: model.run,
    tags: pairs(model.tags),
  }
  return { info, data: { params: pairs(model.params), metrics: [] } }
}

/** A model as the client is told it, back as what a search looks at. `experimentOf`: the number that its experiment has here. */
export function toldModel(told: Body, experimentOf: (id: string) => string): SearchedRun {
  const [info, data] = [told.info, told.data].map((part) => (isObject(part) ? part : {})) as [Body, Body]
  const [artifacts, folder = ''] = textField(info, 'artifact_uri').split('/artifacts/', 2)
  const pairs = (part: Body, name: string) =>
    Object.fromEntries(listOf(part, name).map((pair) => [textField(pair, 'key'), textField(pair, 'value')]))
  const model: LoggedModel = {
    id: textField(info, 'model_id'),
    name: textField(info, 'name'),
    type: textField(info, 'model_type'),
    run: textField(info, 'source_run_id'),
    folder,
    status: textField(info, 'status'),
    step: null,
    created: wholeOf(info.creation_timestamp_ms) ?? 0,
    updated: wholeOf(info.last_updated_timestamp_ms) ?? 0,
    tags: pairs(info, 'tags'),
    params: pairs(data, 'params'),
    isDeleted: false,
    checkpoint: null,
  }
  const of = { experiment_id: experimentOf(textField(info, 'experiment_id')), artifact_uri: `${artifacts}/artifacts` }
  return {
    info: of as SearchedRun['info'],
    models: [model],
    used: [],
    params: new Map(),
    tags: new Map(),
    metrics: new Map(),
  }
}

/** The models that a search asks for among those of some runs, a page of them. Throws a Refusal that quotes what could not be read. */
export function searchLoggedModels(body: Body, runs: readonly SearchedRun[]): Record<string, unknown> {
  const most = Math.min(wholeOf(body.max_results) ?? 100, mostFound)
  const comparisons = readFilter(textField(body, 'filter'))
  const byHead = new Map(
    runs.flatMap((run) =>
      run.models.filter(({ isDeleted }) => !isDeleted).map((model) => [asHead(model, run), { model, run }] as const),
    ),
  )
  const order = listOf(body, 'order_by').map(
    (by) => `${textField(by, 'field_name')} ${by.ascending === false ? 'desc' : 'asc'}`,
  )
  const found = inOrder(
    [...byHead.keys()].filter((head) => fits(head, comparisons)),
    order,
  )
  const { page, next } = pageOf(body, found, most)
  const models = page.map((head) => {
    const { model, run } = byHead.get(head)!
    return modelBody(model, run.info)
  })
  return { models, ...next }
}

/** A model as the search over runs looks at one. */
function asHead(model: LoggedModel, { info }: SearchedRun): SearchedRun {
  const { id, name, type, run, status, created, updated } = model
  const own = { model_id: id, name, model_name: name, model_type: type, source_run_id: run, status }
  const times = { creation_timestamp: created, creation_time: created, last_updated_timestamp: updated }
  const asRun = { experiment_id: info.experiment_id, run_id: id, start_time: created }
  return {
    info: { ...own, ...times, ...asRun } as unknown as SearchedRun['info'],
    models: [],
    used: [],
    params: new Map(Object.entries(model.params)),
    tags: new Map(Object.entries(model.tags)),
    metrics: new Map(),
  }
}
