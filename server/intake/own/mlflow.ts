/** MLflow's client: experiments are projects; what is of one run goes to its intake. */
import { randomBytes } from 'node:crypto'
import {
  described,
  runBody,
  fromQuery,
  missing,
  mostResults,
  nameIn,
  pageOf,
  parseBody,
  stageIn,
  tagsIn,
  textField,
  textsOf,
  type Body,
} from '../mlflow/bodies.ts'
import { fits, inOrder, readFilter } from '../mlflow/search.ts'
import { markOfModel, modelInCall, modelsUsed, searchLoggedModels } from '../mlflow/logged-models.ts'
import { searchRuns } from '../mlflow/search-runs.ts'
import type { Experiment, SearchedRun } from '../mlflow/store.ts'
import { decoded, Refusal, worded } from '../protocol.ts'
import { readBody } from '../read-body.ts'
import type { Answered } from '../serve.ts'
import { askingAttempt, type Project } from './messages.ts'
import type { OwnRunIntake, OwnRuns } from './own-runs.ts'
import { plain, type OwnCall } from './call.ts'

/** Answers a request of MLflow's client. Throws a Refusal. */
export async function routeMlflow(runs: OwnRuns, { request, method, url, path }: OwnCall): Promise<Answered> {
  const artifact = /^\/(?:ajax-)?api\/2\.0\/mlflow-artifacts\/artifacts(?:\/(.*))?$/.exec(path)
  if (artifact) {
    const given = artifact[1] ? decoded(artifact[1]) : (url.searchParams.get('path') ?? '')
    return runs.hand(requireRun(runs, given.split('/')[1]), 'mlflow', path, request, url)
  }
  const call = /^\/(?:ajax-)?api\/[23]\.0\/mlflow\/(.+)$/.exec(path)
  if (!call) throw new Refusal(404, `There is no ${path.slice(0, 200)} here.`, 'ENDPOINT_NOT_FOUND')
  const bytes = await readBody(request)
  const body = method === 'GET' ? fromQuery(url.searchParams) : parseBody(bytes)
  const name = `${method} ${call[1]!}`
  if (name.includes(' experiments/')) return plain(await aboutExperiments(runs, name, body))
  switch (name) {
    case 'POST runs/create':
      return createRun(runs, body)
    case 'POST runs/search': {
      const wanted = new Set(Array.isArray(body.experiment_ids) ? body.experiment_ids.map(Number) : [])
      return plain(
        searchRuns(
          body,
          runs.of('mlflow', wanted).map((run) => runs.headOf(run)),
        ),
      )
    }
    case 'POST logged-models/search': {
      const asked = runs.of('mlflow', new Set(textsOf(body, 'experiment_ids').map(Number)))
      const there = asked.filter((run) => !runs.isDeleted(run))
      return plain(
        searchLoggedModels(
          body,
          there.map((run) => runs.headOf(run)),
        ),
      )
    }
    case 'POST logged-models': {
      const source = textField(body, 'source_run_id')
      if (source === '') return modelAlone(runs, body, { path, request, url })
      return runs.hand(requireRun(runs, source), 'mlflow', path, request, url, bytes)
    }
    case 'POST runs/log-inputs': {
      const attempt = askingAttempt(request)
      if (attempt !== null) {
        for (const id of modelsUsed(body)) await startFrom(runs, attempt, id)
        return plain({})
      }
      const run = requireRun(runs, body.run_id)
      const answered = await runs.hand(run, 'mlflow', path, request, url, bytes)
      for (const id of modelsUsed(body)) await startFrom(runs, run.id, id)
      return answered
    }
    case 'POST runs/delete':
    case 'POST runs/restore':
      await runs.deleteRuns([requireRun(runs, body.run_id)], name === 'POST runs/delete' ? Date.now() : null)
      return plain({})
    case 'GET runs/get':
      return plain({ run: runBody(runs.headOf(requireRun(runs, body.run_id ?? body.run_uuid))) })
    default: {
      const model = modelInCall(name)
      const run = model === null ? requireRun(runs, body.run_id ?? body.run_uuid, name) : requireModelsRun(runs, model)
      runs.headOf(run)
      return runs.hand(run, 'mlflow', path, request, url, bytes)
    }
  }
}

function requireModelsRun(runs: OwnRuns, id: string): OwnRunIntake {
  const run = runs.marked(markOfModel(id) ?? '')
  if (run?.client !== 'mlflow') throw missing(`Logged model with ID '${id.slice(0, 100)}' not found`)
  return run
}

/** A model that is logged while no run is: it is there as a run of its name, which has ended. */
async function modelAlone(
  runs: OwnRuns,
  body: Body,
  { path, request, url }: Pick<OwnCall, 'path' | 'request' | 'url'>,
): Promise<Answered> {
  const name = textField(body, 'name') || 'model'
  const { run } = await beginRun(runs, { experiment_id: body.experiment_id, run_name: name })
  const call = (rest: object) => Buffer.from(JSON.stringify({ ...body, ...rest }))
  const answered = await runs.hand(run, 'mlflow', path, request, url, call({ source_run_id: run.clientId }))
  const end = { run_id: run.clientId, status: 'FINISHED', end_time: Date.now() }
  await runs.hand(run, 'mlflow', '/api/2.0/mlflow/runs/update', request, url, Buffer.from(JSON.stringify(end)))
  return answered
}

/** A run, of its own or of a sweep, says that it used a model: where it is another run's checkpoint, the lineage says so. */
async function startFrom(runs: OwnRuns, runId: number, id: string): Promise<void> {
  const of = runs.marked(markOfModel(id) ?? '')
  const model = of?.client === 'mlflow' ? runs.headOf(of).models.find((each) => each.id === id) : undefined
  if (of === undefined || of.id === runId || model?.checkpoint == null) return
  runs.tellHeard()
  await runs.ask({ do: 'use checkpoint', runId, of: of.id, path: model.checkpoint })
}

function requireRun(runs: OwnRuns, id: unknown, call?: string): OwnRunIntake {
  if (id === undefined && call !== undefined)
    throw new Refusal(404, `${call} is not answered here.`, 'ENDPOINT_NOT_FOUND')
  const run = typeof id === 'string' ? runs.marked(id) : undefined
  if (run?.client !== 'mlflow') throw missing(`Run with id=${worded(id)} not found`)
  return run
}

async function createRun(runs: OwnRuns, body: Body): Promise<Answered> {
  return (await beginRun(runs, body)).answered
}

async function beginRun(runs: OwnRuns, body: Body): Promise<{ run: OwnRunIntake; answered: Answered }> {
  const project = requireExperiment(runs, body.experiment_id ?? '0')
  if (project.deletedAt !== null)
    throw new Refusal(400, `The experiment ${project.id} must be in the 'active' state. Current state is deleted.`)
  const clientId = randomBytes(16).toString('hex')
  const parent = new Map(tagsIn(body)).get('mlflow.parentRunId') ?? null
  const run = await runs.openRun('mlflow', project, { clientId, name: nameIn(body) || clientId, parent })
  return { run, answered: { reply: runs.use(run).begin(body, String(project.id)), folder: run.folder } }
}

function requireExperiment(runs: OwnRuns, id: unknown): Project {
  const project = /^\d{1,15}$/.test(worded(id)) ? runs.projects.get(Number(id)) : undefined
  if (!project) throw missing(`No Experiment with id=${worded(id)} exists`)
  return project
}

async function aboutExperiments(runs: OwnRuns, name: string, body: Body): Promise<unknown> {
  const told = (project: Project) => ({ experiment: described(asExperiment(project)) })
  if (name.endsWith('experiments/search')) return searchExperiments(runs, body)
  if (name === 'GET experiments/get-by-name') {
    const asked = textField(body, 'experiment_name')
    const project = runs.projectNamed(asked)
    if (!project) throw missing(`Could not find experiment with name '${asked}'`)
    return told(project)
  }
  if (name === 'POST experiments/create') {
    const asked = textField(body, 'name')
    if (asked === '') throw new Refusal(400, "Missing value for required parameter 'name'.")
    if (asked.length > mostNameCharacters)
      throw new Refusal(
        400,
        `The name of an experiment has at most ${mostNameCharacters} characters; this one has ${asked.length}.`,
      )
    checkFree(runs, asked)
    const { id } = await runs.openProject(asked, Object.fromEntries(tagsIn(body)))
    return { experiment_id: String(id) }
  }
  const project = requireExperiment(runs, body.experiment_id)
  switch (name) {
    case 'GET experiments/get':
      return told(project)
    case 'POST experiments/update': {
      const asked = textField(body, 'new_name')
      if (asked === '') throw new Refusal(400, "Missing value for required parameter 'new_name'.")
      requireActive(project)
      if (asked !== project.name) checkFree(runs, asked)
      await runs.changeProject(project.id, { name: asked })
      return {}
    }
    case 'POST experiments/delete':
      if (project.id === 0) throw new Refusal(400, 'The experiment 0 is where runs stand that name none; it stays.')
      requireActive(project)
      await runs.changeProject(project.id, { deletedAt: Date.now() })
      return {}
    case 'POST experiments/restore':
      if (project.deletedAt === null)
        throw new Refusal(400, `The experiment ${project.id} must be in the 'deleted' state. Current state is active.`)
      await runs.changeProject(project.id, { deletedAt: null })
      return {}
    case 'POST experiments/set-experiment-tag':
    case 'POST experiments/delete-experiment-tag': {
      requireActive(project)
      const key = textField(body, 'key')
      if (key === '') throw new Refusal(400, "Missing value for required parameter 'key'.")
      const { [key]: before, ...others } = project.tags
      const isRemoval = name.includes('/delete-')
      if (isRemoval && before === undefined)
        throw missing(`No tag with name: ${key} in experiment with id ${project.id}`)
      await runs.changeProject(project.id, {
        tags: isRemoval ? others : { ...others, [key]: textField(body, 'value') },
      })
      return {}
    }
    default:
      throw new Refusal(404, `${name} is not answered here.`, 'ENDPOINT_NOT_FOUND')
  }
}

const mostNameCharacters = 500

function checkFree(runs: OwnRuns, name: string): void {
  const known = runs.projectNamed(name)
  if (!known) return
  const where = known.deletedAt === null ? '' : ' in deleted state. Restore it, or delete it for good, to use its name'
  throw new Refusal(400, `Experiment '${name}' already exists${where}.`, 'RESOURCE_ALREADY_EXISTS')
}

function requireActive({ id, deletedAt }: Project): void {
  if (deletedAt !== null)
    throw new Refusal(400, `The experiment ${id} must be in the 'active' state. Current state is deleted.`)
}

function asExperiment({ id, name, tags, createdAt, deletedAt }: Project): Experiment {
  return {
    experiment_id: String(id),
    name,
    artifact_location: `mlflow-artifacts:/${id}`,
    lifecycle_stage: deletedAt === null ? 'active' : 'deleted',
    creation_time: createdAt,
    last_update_time: deletedAt ?? createdAt,
    tags,
  }
}

function searchExperiments(runs: OwnRuns, body: Body): unknown {
  const most = mostResults(body)
  const stage = stageIn(body, 'view_type')
  const comparisons = readFilter(textField(body, 'filter'))
  const heads = runs.projects
    .values()
    .map(asHead)
    .filter((head) => (stage === null || head.info.lifecycle_stage === stage) && fits(head, comparisons))
  const ordered = inOrder([...heads], textsOf(body, 'order_by'))
  const { page, next } = pageOf(body, ordered, most)
  return {
    experiments: page.map(({ info }) => described(asExperiment(runs.projects.get(Number(info.run_id))!))),
    ...next,
  }
}

/** An experiment as the search over runs looks at one: its attributes, its tags. */
function asHead(project: Project): SearchedRun {
  const {
    experiment_id: id,
    creation_time: created,
    last_update_time: updated,
    lifecycle_stage,
    name,
  } = asExperiment(project)
  const info = { experiment_id: id, name, creation_time: created, last_update_time: updated, lifecycle_stage }
  const asRun = { run_id: id, start_time: updated }
  return {
    info: { ...info, ...asRun } as unknown as SearchedRun['info'],
    models: [],
    used: [],
    params: new Map(),
    tags: new Map(Object.entries(project.tags)),
    metrics: new Map(),
  }
}
