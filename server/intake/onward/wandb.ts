/** W&B's calls, passed on: the run, its rows, its alerts. The client's offsets make a row that is sent twice count once there as well. */
import { parsePythonJson } from '../../formats/python-json.ts'
import { isObject } from '../protocol.ts'
import { operationOf } from '../wandb/runs.ts'
import { ask, Refused, type Courier } from './courier.ts'
import type { Places } from '../../base/preparing/tracker-places.ts'

type Call = { run: string; stream: string } | { run: string; query: string; variables: Record<string, unknown> }

/** `mark`: what makes the run's id one that no other run of theirs has. */
export function wandbCourier(place: NonNullable<Places['wandb']>, mark: string): Courier<Call> {
  const headers = { authorization: `Basic ${Buffer.from(`api:${place.key}`).toString('base64')}` }
  const theirs = (run: string) => `${run}-${mark}`

  async function graphql(query: string, variables: Record<string, unknown>): Promise<unknown> {
    const answer: unknown = parseOr(
      await ask(`${place.address}/graphql`, { headers, body: JSON.stringify({ query, variables }) }),
    )
    const errors = isObject(answer) && Array.isArray(answer.errors) ? answer.errors.filter(isObject) : []
    if (errors.length > 0) throw new Refused(errors.map(({ message }) => String(message)).join(' '))
    return isObject(answer) ? answer.data : null
  }

  return {
    atOnce: 1,
    read({ path, text }) {
      const stream = /^\/files\/[^/]+\/[^/]+\/([^/]+)\/file_stream$/.exec(path)
      if (stream) return { run: decodeURIComponent(stream[1]!), stream: text }
      const call = path === '/graphql' ? parseOr(text) : null
      if (!isObject(call) || typeof call.query !== 'string' || !isObject(call.variables)) return null
      const operation = operationOf(call.query)
      if (operation !== 'UpsertBucket' && operation !== 'NotifyScriptableRunAlert') return null
      const name = call.variables.name ?? call.variables.runName
      return typeof name === 'string' ? { run: name, query: call.query, variables: call.variables } : null
    },

    async send([call], names) {
      const { run } = call!
      if ('query' in call!) {
        const { query, variables } = call
        const own: Record<string, unknown> = { ...variables, sweep: null }
        // what is known of the run there is asked for by its name alone
        if ('id' in own) own.id = null
        if ('name' in own) own.name = theirs(run)
        if ('runName' in own) own.runName = theirs(run)
        for (const name of ['entity', 'entityName']) if (name in own) own[name] = place.entity
        const data = await graphql(query, own)
        const bucket = isObject(data) && isObject(data.upsertBucket) ? data.upsertBucket.bucket : null
        const project = isObject(bucket) ? bucket.project : null
        if (isObject(project) && isObject(project.entity))
          names[run] = [project.entity.name, project.name].map((part) => encodeURIComponent(String(part))).join('/')
        return { count: 1 }
      }
      const home = names[run]
      if (home === undefined) return { count: 1, refused: `theirs does not know the run ${run}` }
      await ask(`${place.address}/files/${home}/${encodeURIComponent(theirs(run))}/file_stream`, {
        headers,
        body: call!.stream,
      })
      return { count: 1 }
    },
  }
}

function parseOr(text: string): unknown {
  try {
    return parsePythonJson(text)
  } catch {
    return null
  }
}
