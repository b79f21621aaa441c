/**
 * MLflow's client over REST (2.0). A refusal is an exception in the script at once, and an error of ours freezes it for
 * minutes of retries: so what MLflow's own server refuses is refused with its codes, and nothing else is.
 */
import { existsSync, statSync } from 'node:fs'
import { keptName, keptPath } from '../kept-files.ts'
import { decoded, emptyValues, numberOf, Refusal, worded } from '../protocol.ts'
import type { IntakeEvent, IntakeRequest, IntakeRun, IntakeOutcome, Protocol, Upload } from '../protocol.ts'
import {
  okReply,
  checkParams,
  cutNotes,
  cutText,
  runBody,
  described,
  fromQuery,
  keyIn,
  limits,
  listOf,
  metricBody,
  missing,
  nameIn,
  parseBody,
  pointIn,
  statusIn,
  tagsIn,
  textField,
  tooMany,
  wholeOf,
  type Body,
} from './bodies.ts'
import { artifactAsked, fileReply, listArtifacts, listBelow } from './artifacts.ts'
import {
  answerLoggedModel,
  folderOfModel,
  modelsUsed,
  searchLoggedModels,
  statedStep,
  takeOutputs,
  usedEvents,
} from './logged-models.ts'
import { ModelFolders, type SavedFolders } from './model-folders.ts'
import { searchRuns } from './search-runs.ts'
import {
  History,
  isShownTag,
  newRunId,
  tagsOfRun,
  type LoggedModel,
  type Point,
  type Run,
  type Saved,
  Store,
} from './store.ts'

const historyPage = 25_000

export class Mlflow implements Protocol {
  private readonly own: IntakeRun
  private readonly store = new Store()
  private readonly folders: ModelFolders

  constructor(own: IntakeRun, now: number = Date.now()) {
    this.own = own
    this.folders = new ModelFolders(own.files)
    this.store.addExperiment('Default', {}, now)
    this.store.addRun({ run_id: own.hexId, run_name: own.id, experiment_id: '0', start_time: now }, '')
  }

  save(): Saved & { folders: SavedFolders } {
    return { ...this.store.save(), folders: this.folders.save() }
  }

  load({ folders, ...saved }: Saved & { folders?: SavedFolders }): void {
    this.store.load(saved)
    if (folders !== undefined) this.folders.load(folders)
  }

  /** Events of metrics that an earlier process of this intake wrote. */
  restore(event: IntakeEvent): void {
    const run = this.store.runs.get(event.from!.split(' ')[1]!)
    if (event.type !== 'metrics' || !run) return
    for (const [name, value] of Object.entries(event.values)) {
      const point = { step: event.step, timestamp: Math.round((event.time ?? 0) * 1000), value: numberOf(value)! }
      historyOf(run, name.slice(run.prefix.length)).add(point)
    }
  }

  hold(): void {}

  due(now: number): Omit<IntakeOutcome, 'reply'> | null {
    return this.folders.due(now)
  }

  end(): IntakeEvent[] {
    return this.folders.due(Infinity)?.events ?? []
  }

  isOpen(): boolean {
    return this.store.ownBegan && [...this.store.runs.values()].some(({ info }) => info.status === 'RUNNING')
  }

  uploadOf(method: string, urlPath: string): Upload | null {
    const match = /^\/api\/2\.0\/mlflow-artifacts\/artifacts\/[^/]+\/([^/]+)\/artifacts\/(.+)$/.exec(urlPath)
    if (method !== 'PUT' || !match) return null
    const run = this.run(match[1])
    const name = keptName(`${run.prefix}${decoded(match[2]!)}`)
    const isOfModel = run.models.some((model) => name.startsWith(`${folderOfModel(model, run)}/`))
    if (!isOfModel) this.folders.begins(name)
    const done = (file: string): IntakeOutcome => {
      const said = isOfModel ? [] : this.folders.came(name, lastStepOf(run), Date.now())
      const kept: IntakeEvent = {
        type: 'file',
        name,
        bytes: statSync(file).size,
        from: `mlflow ${run.info.run_id}`,
      }
      return okReply({}, [kept, ...said])
    }
    return { name, done }
  }

  handle({ method, path: urlPath, query, body }: IntakeRequest): IntakeOutcome {
    const artifact = /^\/api\/2\.0\/mlflow-artifacts\/artifacts(?:\/(.*))?$/.exec(urlPath)
    if (artifact && method === 'GET') {
      const { run, rest, isList } = artifactAsked(artifact[1], query)
      return isList
        ? okReply(listBelow(this.own.files, this.run(run), rest))
        : fileReply(this.own.files, this.run(run), rest)
    }
    const match = /^\/(?:ajax-)?api\/(2\.0|3\.0)\/mlflow\/(.+)$/.exec(urlPath)
    if (!match) throw new Refusal(404, `There is no ${urlPath} here.`, 'ENDPOINT_NOT_FOUND')
    return this.call(`${method} ${match[2]}`, method === 'GET' ? fromQuery(query) : parseBody(body))
  }

  private call(name: string, body: Body): IntakeOutcome {
    const now = Date.now()
    const mine = { runs: this.store.runs, mark: this.own.hexId, now }
    const ofModel = answerLoggedModel(mine, name, body, (model, run) => this.modelOf(run, model))
    if (ofModel !== null) return ofModel
    switch (name) {
      case 'POST experiments/create':
        return this.createExperiment(body, now)
      case 'GET experiments/get-by-name': {
        const experiment = this.store.experimentNamed(textField(body, 'experiment_name'))
        if (!experiment) throw missing(`Could not find experiment with name '${textField(body, 'experiment_name')}'`)
        this.moveOwn(experiment.experiment_id)
        return okReply({ experiment: described(experiment) })
      }
      case 'GET experiments/get':
        return okReply({ experiment: described(this.experiment(body)) })
      case 'POST experiments/search':
      case 'GET experiments/search':
        return okReply({ experiments: [...this.store.experiments.values()].map(described) })
      case 'POST experiments/update':
        this.experiment(body).name = textField(body, 'new_name')
        return okReply({})
      case 'POST experiments/delete':
        this.experiment(body).lifecycle_stage = 'deleted'
        return okReply({})
      case 'POST experiments/restore':
        this.experiment(body).lifecycle_stage = 'active'
        return okReply({})
      case 'POST experiments/set-experiment-tag':
        this.experiment(body).tags[textField(body, 'key')] = textField(body, 'value')
        return okReply({})
      case 'POST runs/create':
        return this.createRun(body, now)
      case 'GET runs/get':
        return okReply({ run: runBody(this.run(body.run_id ?? body.run_uuid)) })
      case 'POST runs/update':
        return this.updateRun(body)
      case 'POST runs/delete':
        this.run(body.run_id).info.lifecycle_stage = 'deleted'
        return okReply({})
      case 'POST runs/restore':
        this.run(body.run_id).info.lifecycle_stage = 'active'
        return okReply({})
      case 'POST runs/search':
        return this.search(body)
      case 'POST runs/log-metric':
        return this.log(this.run(body.run_id ?? body.run_uuid), [body], [], [])
      case 'POST runs/log-parameter':
        return this.log(this.run(body.run_id ?? body.run_uuid), [], [body], [])
      case 'POST runs/set-tag':
        return this.log(this.run(body.run_id ?? body.run_uuid), [], [], [body])
      case 'POST runs/delete-tag': {
        const run = this.run(body.run_id)
        if (!run.tags.delete(textField(body, 'key'))) throw missing(`No tag with name: ${textField(body, 'key')}`)
        return okReply({}, [this.tagsOf(run)])
      }
      case 'POST runs/log-batch':
        return this.log(this.run(body.run_id), listOf(body, 'metrics'), listOf(body, 'params'), listOf(body, 'tags'))
      case 'POST runs/log-inputs': {
        const run = this.run(body.run_id)
        const events = usedEvents(run, body)
        run.used = [...new Set([...run.used, ...modelsUsed(body)])]
        return okReply({}, events)
      }
      case 'POST runs/outputs':
        takeOutputs(this.run(body.run_id), body)
        return okReply({})
      case 'POST runs/log-model':
        return this.logModel(this.run(body.run_id), textField(body, 'model_json'))
      case 'POST logged-models/search':
        return okReply(searchLoggedModels(body, [...this.store.runs.values()]))
      case 'GET metrics/get-history':
        return this.history(body)
      case 'GET artifacts/list':
        return okReply(listArtifacts(this.own.files, this.run(body.run_id ?? body.run_uuid), textField(body, 'path')))
      default:
        throw new Refusal(404, `${name} is not answered here.`, 'ENDPOINT_NOT_FOUND')
    }
  }

  /** Begins the run of its own that this is. */
  begin(body: Body, experimentId: string, now: number): IntakeOutcome {
    const run = this.ownRun
    const tags = tagsIn(body)
    const { info } = run
    info.experiment_id = experimentId
    info.artifact_uri = `mlflow-artifacts:/${experimentId}/${info.run_id}/artifacts`
    info.run_name = nameIn(body) || this.own.id
    info.user_id = textField(body, 'user_id')
    info.start_time = wholeOf(body.start_time) ?? now
    for (const [key, value] of tags) run.tags.set(key, value)
    run.tags.set('mlflow.runName', info.run_name)
    this.store.ownBegan = true
    return okReply({ run: runBody(run) }, [this.tagsOf(run)])
  }

  /** The run that this intake is of. */
  get ownRun(): Run {
    return this.store.runs.get(this.own.hexId)!
  }

  experimentOf = (run: string) => this.store.experimentOf(run)

  private createExperiment(body: Body, now: number): IntakeOutcome {
    const name = textField(body, 'name')
    if (name === '') throw new Refusal(400, "Missing value for required parameter 'name'.")
    if (this.store.experimentNamed(name))
      throw new Refusal(400, `Experiment '${name}' already exists.`, 'RESOURCE_ALREADY_EXISTS')
    const made = this.store.addExperiment(name, Object.fromEntries(tagsIn(body)), now)
    this.moveOwn(made.experiment_id)
    return okReply({ experiment_id: made.experiment_id })
  }

  /** A script sets its experiment before it goes on with the run that it was given: the client insists that they fit. */
  private moveOwn(experimentId: string): void {
    if (this.store.ownBegan) return
    const { info } = this.store.runs.get(this.own.hexId)!
    info.experiment_id = experimentId
    info.artifact_uri = `mlflow-artifacts:/${experimentId}/${info.run_id}/artifacts`
  }

  private createRun(body: Body, now: number): IntakeOutcome {
    const experimentId = body.experiment_id === undefined ? '0' : worded(body.experiment_id)
    const experiment = this.experiment({ experiment_id: experimentId })
    const tags = new Map(tagsIn(body))
    const id = newRunId(this.own.hexId, this.store.runs.size)
    const name = nameIn(body) || `run-${this.store.runs.size}`
    const given = { user_id: textField(body, 'user_id'), start_time: wholeOf(body.start_time) ?? now }
    const run = this.store.addRun(
      { run_id: id, run_name: name, experiment_id: experiment.experiment_id, ...given },
      this.prefixFor(name),
    )
    for (const [key, value] of tags) run.tags.set(key, value)
    run.tags.set('mlflow.runName', name)
    return okReply({ run: runBody(run) }, [this.tagsOf(run)])
  }

  /** Runs that a script makes beside its own are told apart by their names. */
  private prefixFor(name: string): string {
    const plain = name.replaceAll('/', '_')
    const taken = new Set([...this.store.runs.values()].map(({ prefix }) => prefix))
    for (let count = 1; ; count++) {
      const prefix = count === 1 ? `${plain}/` : `${plain}-${count}/`
      if (!taken.has(prefix)) return prefix
    }
  }

  private updateRun(body: Body): IntakeOutcome {
    const run = this.run(body.run_id ?? body.run_uuid)
    if (run.info.run_id === this.own.hexId) this.store.ownBegan = true
    if (typeof body.status === 'string') run.info.status = body.status
    if (body.status === 'RUNNING') run.info.end_time = null
    else if (body.end_time !== undefined) run.info.end_time = wholeOf(body.end_time)
    const name = textField(body, 'run_name')
    const events: IntakeEvent[] = []
    const status = this.own.ofItsOwn ? statusIn(body.status) : null
    if (status !== null) {
      const at = status === 'running' ? Date.now() : (run.info.end_time ?? Date.now())
      events.push({ type: 'client', time: at / 1000, status })
    }
    if (name !== '' && name !== run.info.run_name) {
      run.info.run_name = name
      run.tags.set('mlflow.runName', name)
      events.push(this.tagsOf(run))
    }
    // nothing more will come of a run that has ended
    const left = status === null || status === 'running' ? null : this.folders.due(Infinity)
    const outcome = okReply({ run_info: run.info }, [...(left?.events ?? []), ...events])
    return left === null ? outcome : { ...outcome, commit: left.commit }
  }

  /** The checkpoint that a logged model is; none where it has no files. */
  private modelOf(run: Run, model: LoggedModel): { events: IntakeEvent[]; commit: () => void } {
    const folder = folderOfModel(model, run)
    if (!existsSync(keptPath(this.own.files, folder))) return { events: [], commit: () => {} }
    return this.folders.model(folder, statedStep(model), lastStepOf(run))
  }

  /** What MLflow 2's client says when it has sent a model's files. */
  private logModel(run: Run, text: string): IntakeOutcome {
    const model = parseBody(Buffer.from(text))
    const history = run.tags.get(modelHistory) ?? '[]'
    run.tags.set(modelHistory, `${history.slice(0, -1)}${history === '[]' ? '' : ', '}${JSON.stringify(model)}]`)
    const folder = keptName(`${run.prefix}${textField(model, 'artifact_path')}`)
    if (!existsSync(keptPath(this.own.files, folder))) return okReply({})
    const { events, commit } = this.folders.model(folder, null, lastStepOf(run))
    return { ...okReply({}, events), commit }
  }

  private log(run: Run, metrics: Body[], params: Body[], tags: Body[]): IntakeOutcome {
    if (metrics.length > limits.metrics) throw tooMany('metrics', limits.metrics, metrics.length)
    if (params.length > limits.params) throw tooMany('params', limits.params, params.length)
    if (tags.length > limits.tags) throw tooMany('tags', limits.tags, tags.length)
    if (run.info.lifecycle_stage === 'deleted')
      throw new Refusal(400, `The run ${run.info.run_id} must be in the 'active' state. Current state is deleted.`)
    const points = metrics.map((metric) => [keyIn(metric), pointIn(metric)] as const)
    const texts = params.map((param) => [keyIn(param), cutText(param, limits.paramValue)] as const)
    checkParams(run, texts)
    if (run.info.run_id === this.own.hexId) this.store.ownBegan = true
    const { events, commit } = this.metricEvents(run, points)
    const newTexts = texts.filter(([key]) => !run.params.has(key))
    if (newTexts.length > 0) events.push({ type: 'config', values: this.nested(run, Object.fromEntries(newTexts)) })
    const isNew = (param: Body) => !run.params.has(keyIn(param))
    events.push(...cutNotes('parameter', params.filter(isNew), limits.paramValue))
    events.push(...cutNotes('tag', tags, limits.tagValue))
    const shown = new Map([...run.tags, ...tags.map((tag) => [keyIn(tag), cutText(tag, limits.tagValue)] as const)])
    if (tags.some((tag) => isShownTag(keyIn(tag)))) events.push(this.tagsOf({ ...run, tags: shown }))
    return {
      reply: { status: 200, body: {} },
      events,
      commit: () => {
        commit()
        for (const [key, value] of newTexts) run.params.set(key, value)
        run.tags = shown
      },
    }
  }

  /** New points as events, those of one step and time in one. */
  private metricEvents(run: Run, points: (readonly [string, Point])[]): { events: IntakeEvent[]; commit: () => void } {
    type Group = { point: Point; values: Record<string, number> }
    const groups = new Map<string, Group>()
    const added: (readonly [string, Point])[] = []
    const inBatch = new Map<string, History>()
    // points of one step and time mostly come one after the other
    let newest: Group | null = null
    for (const [key, point] of points) {
      const earlier = inBatch.get(key) ?? new History()
      if (earlier.has(point) || run.metrics.get(key)?.has(point)) continue
      earlier.add(point)
      inBatch.set(key, earlier)
      added.push([key, point])
      const name = `${run.prefix}${key}`
      if (newest === null || !isAt(newest.point, point) || name in newest.values) {
        // a second value of one name at one step and time stands in an event of its own
        let at = `${point.step} ${point.timestamp}`
        while (groups.has(at) && name in groups.get(at)!.values) at += ' again'
        const group = groups.get(at) ?? { point, values: emptyValues() }
        groups.set(at, group)
        newest = at.endsWith(' again') ? null : group
        group.values[name] = point.value
      } else newest.values[name] = point.value
    }
    const from = `mlflow ${run.info.run_id}`
    const events = [...groups.values()].map(({ point, values }) => ({
      type: 'metrics' as const,
      step: point.step,
      time: point.timestamp / 1000,
      values,
      from,
    }))
    return { events, commit: () => added.forEach(([key, point]) => historyOf(run, key).add(point)) }
  }

  private search(body: Body): IntakeOutcome {
    const begun = [...this.store.runs.values()].filter(
      ({ info }) => info.run_id !== this.own.hexId || this.store.ownBegan,
    )
    return okReply(searchRuns(body, begun))
  }

  private history(body: Body): IntakeOutcome {
    const run = this.run(body.run_id ?? body.run_uuid)
    const key = textField(body, 'metric_key')
    const most = wholeOf(body.max_results) ?? historyPage
    const from = Number(textField(body, 'page_token') || 0)
    const points = (run.metrics.get(key)?.points ?? []).toSorted((a, b) => a.timestamp - b.timestamp || a.step - b.step)
    const metrics = points.slice(from, from + most).map((point) => metricBody(key, point))
    return okReply({ metrics, ...(from + most < points.length && { next_page_token: String(from + most) }) })
  }

  private experiment(body: Body) {
    const experiment = this.store.experiments.get(worded(body.experiment_id))
    if (!experiment) throw missing(`No Experiment with id=${worded(body.experiment_id)} exists`)
    return experiment
  }

  private run(id: unknown): Run {
    const run = typeof id === 'string' ? this.store.runs.get(id) : undefined
    if (!run) throw missing(`Run with id=${worded(id)} not found`)
    return run
  }

  private tagsOf(run: Run): IntakeEvent {
    return { type: 'tags', values: this.nested(run, tagsOfRun(run.tags, run.info.run_name)) }
  }

  private nested(run: Run, values: Record<string, unknown>): Record<string, unknown> {
    return run.prefix === '' ? values : { [run.prefix.slice(0, -1)]: values }
  }
}

/** The tag in which MLflow's own server keeps what its clients said of models. */
const modelHistory = 'mlflow.log-model.history'

const lastStepOf = ({ metrics }: Run) =>
  [...metrics.values()].reduce((most, { last }) => Math.max(most, last?.step ?? 0), 0)

const isAt = (a: Point, b: Point) => a.step === b.step && a.timestamp === b.timestamp

function historyOf(run: Run, key: string): History {
  if (!run.metrics.has(key)) run.metrics.set(key, new History())
  return run.metrics.get(key)!
}
