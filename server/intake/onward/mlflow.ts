/**
 * MLflow's calls, passed on. The run that the attempt was given is made there before the first of them; calls of one value go together,
 * as many as MLflow takes at once. A point that is sent twice counts once there as well.
 */
import { parsePythonJson } from '../../formats/python-json.ts'
import { limits, type Body } from '../mlflow/bodies.ts'
import { isObject } from '../protocol.ts'
import { ask, NotNow, Refused, type Courier, type Sent } from './courier.ts'
import type { Places } from '../../base/preparing/tracker-places.ts'

type Batch = { metrics: Body[]; params: Body[]; tags: Body[] }
type Call = { run: string; experiment: string } & ({ create: Body } | { batch: Batch } | { path: string; body: Body })

/** `run`: the id and the name of the attempt's own; `experimentOf`: the name of the experiment that a run is in here. */
export function mlflowCourier(
  place: NonNullable<Places['mlflow']>,
  own: { id: string; name: string },
  experimentOf: (run: string) => string,
): Courier<Call> {
  const headers: Record<string, string> = place.authorization === null ? {} : { authorization: place.authorization }
  const call = async (method: string, path: string, body?: Body): Promise<Body> => {
    const text = await ask(`${place.address}/api/2.0/mlflow/${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    })
    const answer = parse(text)
    if (answer === null) throw new Refused(`${path} is answered with no JSON object: ${text.slice(0, 200)}`)
    return answer
  }

  async function experimentId(name: string): Promise<string> {
    if (place.experimentId !== null) return place.experimentId
    const found = await call('GET', `experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`).catch(
      (error: unknown) => {
        if (error instanceof Refused && error.message.startsWith('404')) return null
        throw error
      },
    )
    if (isObject(found?.experiment)) return String(found.experiment.experiment_id)
    return String((await call('POST', 'experiments/create', { name })).experiment_id)
  }

  async function make(run: string, experiment: string, body: Body, names: Record<string, string>): Promise<void> {
    const experiment_id = await experimentId(experiment)
    const tags = (Array.isArray(body.tags) ? body.tags.filter(isObject) : []).map((tag) =>
      // a run that is nested in one of here is nested in what that is called there
      tag.key === 'mlflow.parentRunId' ? { ...tag, value: names[String(tag.value)] ?? tag.value } : tag,
    )
    const { run: made } = await call('POST', 'runs/create', { ...body, experiment_id, tags })
    const id = isObject(made) && isObject(made.info) ? made.info.run_id : null
    if (typeof id !== 'string') throw new Refused('runs/create is answered without a run')
    names[run] = id
  }

  const sendBatch = (run: string, batch: Batch) => call('POST', 'runs/log-batch', { run_id: run, ...batch })

  return {
    // as many as MLflow takes metrics at once
    atOnce: limits.metrics,
    read({ method, path, text, reply }) {
      const name = /^\/(?:ajax-)?api\/[23]\.0\/mlflow\/(runs\/[\w-]+)$/.exec(path)?.[1]
      const body = method === 'POST' && name !== undefined ? parse(text) : null
      if (body === null) return null
      const made =
        isObject(reply.body) && isObject(reply.body.run) && isObject(reply.body.run.info) ? reply.body.run.info : null
      const run = String(name === 'runs/create' ? made?.run_id : (body.run_id ?? body.run_uuid))
      const of = { run, experiment: experimentOf(run) }
      const one = ({ run_id: _, run_uuid: __, ...rest }: Body) => [rest]
      const list = (key: string) => (Array.isArray(body[key]) ? body[key].filter(isObject) : [])
      switch (name) {
        case 'runs/create':
          return { ...of, create: body }
        case 'runs/log-metric':
          return { ...of, batch: { metrics: one(body), params: [], tags: [] } }
        case 'runs/log-parameter':
          return { ...of, batch: { metrics: [], params: one(body), tags: [] } }
        case 'runs/set-tag':
          return { ...of, batch: { metrics: [], params: [], tags: one(body) } }
        case 'runs/log-batch':
          return { ...of, batch: { metrics: list('metrics'), params: list('params'), tags: list('tags') } }
        case 'runs/update':
        case 'runs/delete-tag':
          return { ...of, path: name, body }
        default:
          return null
      }
    },

    async send(calls, names): Promise<Sent> {
      const [first] = calls as [Call]
      const { run, experiment } = first
      if ('create' in first) {
        // asked again after a kill: it is there
        if (names[run] === undefined) await make(run, experiment, first.create, names)
        return { count: 1 }
      }
      if (names[run] === undefined) {
        if (run !== own.id) return { count: 1, refused: `theirs does not know the run ${run}` }
        await make(run, experiment, { run_name: own.name, start_time: Date.now() }, names)
      }
      const id = names[run]!
      if ('path' in first) {
        await call('POST', first.path, { ...first.body, run_id: id, run_uuid: id })
        return { count: 1 }
      }
      const { count, batch } = together(calls, run)
      if (count === 1) {
        await sendBatch(id, first.batch)
        return { count }
      }
      try {
        await sendBatch(id, batch)
        return { count }
      } catch (error) {
        if (error instanceof NotNow) throw error
        // one of them is refused: the others go without it
        await sendBatch(id, first.batch)
        return { count: 1 }
      }
    },
  }
}

/** The batches of a run that come first, as one, within what MLflow takes at once. */
function together(calls: Call[], run: string): { count: number; batch: Batch } {
  const batch: Batch = { metrics: [], params: [], tags: [] }
  let count = 0
  for (const call of calls) {
    if (call.run !== run || !('batch' in call)) break
    const { metrics, params, tags } = call.batch
    const fits =
      batch.metrics.length + metrics.length <= limits.metrics &&
      batch.params.length + params.length <= limits.params &&
      batch.tags.length + tags.length <= limits.tags
    if (count > 0 && !fits) break
    batch.metrics.push(...metrics)
    batch.params.push(...params)
    batch.tags.push(...tags)
    count++
  }
  return { count, batch }
}

/** null where it is no JSON object. */
function parse(text: string): Body | null {
  try {
    const given = parsePythonJson(text)
    return isObject(given) ? given : null
  } catch {
    return null
  }
}
