/** Trackio's client: a batch may hold entries of several runs, each goes to its own. */
import { isObject, Refusal, worded } from '../protocol.ts'
import { readBody } from '../read-body.ts'
import type { Answered } from '../serve.ts'
import type { OwnRunIntake, OwnRuns } from './own-runs.ts'
import { plain, type OwnCall } from './call.ts'

/** Answers a request of Trackio's client. Throws a Refusal. */
export async function routeTrackio(runs: OwnRuns, { request, path, url }: OwnCall): Promise<Answered> {
  if (path === '/version') return plain({ version: '0.43.0', api_version: 1, api_transport: 'http' })
  const call = kwargsIn(await readBody(request))
  const project = textIn(call, 'project') ?? 'default'
  const name = path.slice('/api/'.length)
  const hand = (run: OwnRunIntake, kwargs: Record<string, unknown>) =>
    runs.use(run).handle('trackio', {
      method: 'POST',
      path,
      query: url.searchParams,
      body: Buffer.from(JSON.stringify({ args: [], kwargs })),
    })
  switch (name) {
    case 'bulk_log':
    case 'bulk_alert': {
      const list = name === 'bulk_log' ? 'logs' : 'alerts'
      const entries = Array.isArray(call[list]) ? call[list].filter(isObject) : []
      const groups = Map.groupBy(entries, (entry) => JSON.stringify([projectOf(entry, project), ...namesOf(entry)]))
      for (const [key, group] of groups) {
        const [of, clientId, shown] = JSON.parse(key) as [string, string, string]
        const run = await runs.openRun('trackio', await runs.openProject(of), { clientId, name: shown })
        hand(run, { [list]: group })
      }
      return plain({ data: null })
    }
    case 'bulk_log_system':
      return plain({ data: null })
    case 'get_runs_for_project': {
      const found = runs.projectNamed(project)
      const all = found ? runs.of('trackio', new Set([found.id])).filter((run) => !runs.isDeleted(run)) : []
      return plain({ data: all.flatMap((run) => dataOf(hand(run, call).body)) })
    }
    case 'get_run_summary': {
      const run = runs.find('trackio', project, worded(call.run_id ?? call.run ?? ''))
      return run ? plain(hand(run, call).body) : plain({ data: { last_step: null, num_logs: 0, metrics: [] } })
    }
    default:
      throw new Refusal(404, `${name} is not answered here.`)
  }
}

const textIn = (values: Record<string, unknown>, name: string) =>
  typeof values[name] === 'string' && values[name] !== '' ? values[name] : null
const projectOf = (entry: Record<string, unknown>, fallback: string) => textIn(entry, 'project') ?? fallback

/** The id of an entry's run, and what it is called. */
function namesOf(entry: Record<string, unknown>): [string, string] {
  const name = textIn(entry, 'run') ?? 'run'
  return [textIn(entry, 'run_id') ?? name, name]
}

const dataOf = (body: unknown): unknown[] => (isObject(body) && Array.isArray(body.data) ? body.data : [])

function kwargsIn(body: Buffer): Record<string, unknown> {
  try {
    const call: unknown = JSON.parse(body.toString('utf8'))
    if (isObject(call)) return isObject(call.kwargs) ? call.kwargs : {}
  } catch {
    // told below
  }
  throw new Refusal(400, 'The body is no JSON object; expected {"args": [], "kwargs": {…}}.')
}
