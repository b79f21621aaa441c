/**
 * MLflow's client over REST (2.0). A refusal is an exception in the script at once, and an error of ours freezes it for
 * minutes of retries: so what MLflow's own server refuses is refused with its codes, and nothing else is.
 */
import { existsSync, statSync } from 'node:fs'
import { keptName, keptPath } from '../kept-files.ts'
import { decoded, numberOf, Refusal, worded } from '../protocol.ts'
import type { IntakeEvent, IntakeRequest, IntakeRun, IntakeOutcome, Protocol, Upload } from '../protocol.ts'
import { artifactAsked, artifactsAddress, fileReply, listArtifacts, listBelow } from './artifacts.ts'
import {
  okReply,
  runBody,
  fromQuery,
  listOf,
  missing,
  nameIn,
  parseBody,
  statusIn,
  tagsIn,
  textField,
  wholeOf,
  type Body,
} from './bodies.ts'
import { Experiments } from './experiments.ts'
import {
  answerLoggedModel,
  folderOfModel,
  markOfModel,
  modelsUsed,
  searchLoggedModels,
  statedStep,
  takeOutputs,
  usedEvents,
} from './logged-models.ts'
import { historyBody, historyOf, largestStep, logValues, tagsEvent } from './logged-values.ts'
import { ModelFolders, type SavedFolders } from './model-folders.ts'
import { searchRuns } from './search-runs.ts'
import { newRunId, type LoggedModel, type Run, type Saved, type SearchedRun, Store } from './store.ts'

export class Mlflow implements Protocol {
  private readonly own: IntakeRun
  private readonly store = new Store()
  private readonly experiments: Experiments
  private readonly folders: ModelFolders

  constructor(own: IntakeRun, now: number = Date.now()) {
    this.own = own
    this.experiments = new Experiments(this.store, own.hexId)
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
      const said = isOfModel ? [] : this.folders.came(name, largestStep(run), Date.now())
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
    const artifact = artifactsAddress.exec(urlPath)
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
        return this.experiments.create(body, now)
      case 'GET experiments/get-by-name':
        return this.experiments.getByName(body)
      case 'GET experiments/get':
        return this.experiments.get(body)
      case 'POST experiments/search':
      case 'GET experiments/search':
        return this.experiments.list()
      case 'POST experiments/update':
        return this.experiments.change(body, (experiment) => (experiment.name = textField(body, 'new_name')))
      case 'POST experiments/delete':
        return this.experiments.change(body, (experiment) => (experiment.lifecycle_stage = 'deleted'))
      case 'POST experiments/restore':
        return this.experiments.change(body, (experiment) => (experiment.lifecycle_stage = 'active'))
      case 'POST experiments/set-experiment-tag':
        return this.experiments.change(body, ({ tags }) => (tags[textField(body, 'key')] = textField(body, 'value')))
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
        return this.log(this.run(body.run_id ?? body.run_uuid), { metrics: [body] })
      case 'POST runs/log-parameter':
        return this.log(this.run(body.run_id ?? body.run_uuid), { params: [body] })
      case 'POST runs/set-tag':
        return this.log(this.run(body.run_id ?? body.run_uuid), { tags: [body] })
      case 'POST runs/delete-tag': {
        const run = this.run(body.run_id)
        if (!run.tags.delete(textField(body, 'key'))) throw missing(`No tag with name: ${textField(body, 'key')}`)
        return okReply({}, [tagsEvent(run)])
      }
      case 'POST runs/log-batch':
        return this.log(this.run(body.run_id), {
          metrics: listOf(body, 'metrics'),
          params: listOf(body, 'params'),
          tags: listOf(body, 'tags'),
        })
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
        return okReply(this.searchModels(body))
      case 'GET metrics/get-history':
        return okReply(historyBody(this.run(body.run_id ?? body.run_uuid), body))
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
    return okReply({ run: runBody(run) }, [tagsEvent(run)])
  }

  /** The run that this intake is of. */
  get ownRun(): Run {
    return this.store.runs.get(this.own.hexId)!
  }

  /** Whether a run is one of the attempt's. */
  hasRun(id: string): boolean {
    return this.store.runs.has(id)
  }

  /** Whether a model is one of the attempt's, or would be. */
  hasModel(id: string): boolean {
    return markOfModel(id) === this.own.hexId
  }

  /** Ids of models that a run said it used. */
  usedBy(run: string): readonly string[] {
    return this.store.runs.get(run)?.used ?? []
  }

  hasExperiment(name: string): boolean {
    return this.store.experimentNamed(name) !== undefined
  }

  /** What an experiment is called; null where there is none of the number. */
  experimentName(id: string): string | null {
    return this.store.experiments.get(id)?.name ?? null
  }

  /** The number of an experiment, made where it has none: other runs are in it. */
  experimentNumber(name: string, now: number): string {
    return (this.store.experimentNamed(name) ?? this.store.addExperiment(name, {}, now)).experiment_id
  }

  /** The logged models that a search asks for, among those of the attempt and others. Throws a Refusal. */
  searchModels(body: Body, others: readonly SearchedRun[] = []): Record<string, unknown> {
    return searchLoggedModels(body, [...this.store.runs.values(), ...others])
  }

  experimentOf = (run: string) => this.store.experimentOf(run)

  private createRun(body: Body, now: number): IntakeOutcome {
    const experimentId = body.experiment_id === undefined ? '0' : worded(body.experiment_id)
    const experiment = this.experiments.require({ experiment_id: experimentId })
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
    return okReply({ run: runBody(run) }, [tagsEvent(run)])
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
      events.push(tagsEvent(run))
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
    return this.folders.model(folder, statedStep(model), largestStep(run))
  }

  /** What MLflow 2's client says when it has sent a model's files. */
  private logModel(run: Run, text: string): IntakeOutcome {
    const model = parseBody(Buffer.from(text))
    const history = run.tags.get(modelHistory) ?? '[]'
    run.tags.set(modelHistory, `${history.slice(0, -1)}${history === '[]' ? '' : ', '}${JSON.stringify(model)}]`)
    const folder = keptName(`${run.prefix}${textField(model, 'artifact_path')}`)
    if (!existsSync(keptPath(this.own.files, folder))) return okReply({})
    const { events, commit } = this.folders.model(folder, null, largestStep(run))
    return { ...okReply({}, events), commit }
  }

  private log(run: Run, values: Parameters<typeof logValues>[1]): IntakeOutcome {
    const logged = logValues(run, values)
    if (run.info.run_id === this.own.hexId) this.store.ownBegan = true
    return { ...okReply({}), ...logged }
  }

  private search(body: Body): IntakeOutcome {
    const begun = [...this.store.runs.values()].filter(
      ({ info }) => info.run_id !== this.own.hexId || this.store.ownBegan,
    )
    return okReply(searchRuns(body, begun))
  }

  private run(id: unknown): Run {
    const run = typeof id === 'string' ? this.store.runs.get(id) : undefined
    if (!run) throw missing(`Run with id=${worded(id)} not found`)
    return run
  }
}

/** The tag in which MLflow's own server keeps what its clients said of models. */
const modelHistory = 'mlflow.log-model.history'
