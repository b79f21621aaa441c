/**
 * What MLflow's client under a sweep asks of runs and models that are none of its attempt. Experiments have numbers of their own in an attempt:
 * those of other runs are told by its numbers, by name.
 */
import { askServer, bodyOf, nobodyAnswers, streamOf } from '../ask-server.ts'
import { isObject, worded, type IntakeRequest, type Reply } from '../protocol.ts'
import type { RunIntake } from '../run-intake.ts'
import { artifactAsked, artifactsAddress } from './artifacts.ts'
import { fromQuery, listOf, parseBody, textField, textsOf, type Body } from './bodies.ts'
import { markOfModel, modelInCall, modelsUsed, toldModel } from './logged-models.ts'
import type { SearchedRun } from './store.ts'

const api = '/api/2.0/mlflow'
/** As many as the server gives at once. */
const pageSize = 1000
const callAddress = /^\/(?:ajax-)?api\/[23]\.0\/mlflow\/(.+)$/

/** Whether a call may be of another run: then its body, if any, is read. */
export const mayBeOfOthers = (method: string, urlPath: string): boolean =>
  method === 'GET' || /\/(?:logged-models\/search|runs\/log-inputs)$/.test(urlPath)

/** Answers it; null for what the attempt answers itself. Throws a Refusal. */
export async function askMlflow(intake: RunIntake, request: IntakeRequest): Promise<Reply | null> {
  const { method, path: urlPath, query } = request
  const { mlflow } = intake
  const isOther = (run: unknown) => typeof run === 'string' && /^[0-9a-f]{32}$/.test(run) && !mlflow.hasRun(run)
  const passOn = () => ask(intake, query.size === 0 ? urlPath : `${urlPath}?${query}`)
  const artifact = method === 'GET' ? artifactsAddress.exec(urlPath) : null
  if (artifact !== null) {
    const { run, isList } = artifactAsked(artifact[1], query)
    if (!isOther(run)) return null
    return isList ? passOn() : ((await streamOf(await askServer(intake.folder, urlPath, { method: 'GET' }))) ?? nobody)
  }
  const name = `${method} ${callAddress.exec(urlPath)?.[1] ?? ''}`
  const body = method === 'GET' ? fromQuery(query) : parseBody(request.body)
  switch (name) {
    case 'GET runs/get':
    case 'GET artifacts/list':
    case 'GET metrics/get-history': {
      if (!isOther(body.run_id ?? body.run_uuid)) return null
      const reply = await passOn()
      return name === 'GET runs/get' ? withExperiment(intake, reply, 'run') : reply
    }
    case 'GET experiments/get-by-name':
      await takeExperiment(intake, textField(body, 'experiment_name'))
      return null
    case 'POST logged-models/search':
      return search(intake, body)
    case 'POST runs/log-inputs':
      await tellUse(intake, body)
      return null
    default: {
      const id = method === 'GET' ? modelInCall(name) : null
      if (id === null || markOfModel(id) === null || mlflow.hasModel(id)) return null
      return withExperiment(intake, await passOn(), 'model')
    }
  }
}

// no 5xx: the client would stand still for its retries
const nobody: Reply = { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: nobodyAnswers } }

async function ask(intake: RunIntake, address: string, sent?: Body): Promise<Reply> {
  const asked = sent === undefined ? { method: 'GET' } : { body: JSON.stringify(sent) }
  const answer = await askServer(intake.folder, address, asked)
  const body = answer && (await bodyOf(answer))
  return answer === null || body === null ? nobody : { status: answer.status, body }
}

/** The experiment that an answer names by the server's number, by that of the attempt. */
async function withExperiment(intake: RunIntake, reply: Reply, part: 'run' | 'model'): Promise<Reply> {
  const told = isObject(reply.body) ? reply.body[part] : null
  if (reply.status !== 200 || !isObject(told) || !isObject(told.info)) return reply
  const id = worded(told.info.experiment_id)
  const { status, body } = await ask(intake, `${api}/experiments/get?experiment_id=${encodeURIComponent(id)}`)
  const experiment = status === 200 && isObject(body) && isObject(body.experiment) ? body.experiment : null
  if (experiment === null) return nobody
  const info = { ...told.info, experiment_id: intake.mlflowExperiment(worded(experiment.name)) }
  return { status: 200, body: { [part]: { ...told, info } } }
}

/** The number that an experiment has at the server; null where it has none, or nobody answers. */
async function numberThere(intake: RunIntake, name: string): Promise<string | null> {
  const { status, body } = await ask(
    intake,
    `${api}/experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`,
  )
  const experiment = status === 200 && isObject(body) && isObject(body.experiment) ? body.experiment : null
  return experiment?.lifecycle_stage === 'active' ? worded(experiment.experiment_id) : null
}

/** An experiment that only other runs are in is there for the attempt as well. */
async function takeExperiment(intake: RunIntake, name: string): Promise<void> {
  if (name === '' || intake.mlflow.hasExperiment(name)) return
  if ((await numberThere(intake, name)) !== null) intake.mlflowExperiment(name)
}

/** Models of the attempt and of other runs together, in the order that is asked for. */
async function search(intake: RunIntake, body: Body): Promise<Reply> {
  const others: SearchedRun[] = []
  const here = new Map<string, string>()
  for (const id of textsOf(body, 'experiment_ids')) {
    const name = intake.mlflow.experimentName(id)
    const there = name === null ? null : await numberThere(intake, name)
    if (there !== null) here.set(there, id)
  }
  const asked = { experiment_ids: [...here.keys()], max_results: pageSize }
  let answered = true
  for (let token: unknown = ''; token !== undefined && answered;) {
    const reply = await ask(intake, `${api}/logged-models/search`, {
      ...asked,
      ...(token !== '' && { page_token: token }),
    })
    answered = reply.status === 200
    const found = answered && isObject(reply.body) ? reply.body : {}
    others.push(...listOf(found, 'models').map((model) => toldModel(model, (id) => here.get(id) ?? id)))
    token = found.next_page_token
  }
  const reply: Reply = { status: 200, body: intake.mlflow.searchModels(body, others) }
  if (answered) return reply
  const isEmpty = listOf(reply.body as Body, 'models').length === 0
  if (!isEmpty) tellOnce(intake, `A search found the models of this run alone: ${nobodyAnswers}`)
  return isEmpty ? nobody : reply
}

/** A run of the attempt uses models of other runs: the first is where it started. */
async function tellUse(intake: RunIntake, body: Body): Promise<void> {
  const { mlflow } = intake
  const known = new Set(mlflow.usedBy(textField(body, 'run_id')))
  const ids = modelsUsed(body).filter((id) => markOfModel(id) !== null && !mlflow.hasModel(id) && !known.has(id))
  if (ids.length === 0) return
  const models = ids.map((id) => ({ model_id: id }))
  const { status } = await ask(intake, `${api}/runs/log-inputs`, { models })
  if (status !== 200)
    tellOnce(intake, `The lineage does not say that this run used ${ids.join(', ')}: ${nobodyAnswers}`)
}

const told = new WeakMap<RunIntake, Set<string>>()

function tellOnce(intake: RunIntake, text: string): void {
  const before = told.get(intake) ?? new Set<string>()
  if (before.has(text)) return
  told.set(intake, before.add(text))
  intake.write([{ type: 'note', level: 'warning', text }])
}
