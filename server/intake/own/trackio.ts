/** Trackio's client: a batch may hold entries of several runs, each goes to its own. */
import { isObject, Refusal, worded } from '../protocol.ts'
import { readBody } from '../read-body.ts'
import { takeForm, type Answered } from '../serve.ts'
import { blobAsked, kwargsIn } from '../trackio/index.ts'
import { keepArtifactPart, uploadPath } from '../trackio/uploads.ts'
import { askingAttempt } from './messages.ts'
import type { OwnRunIntake, OwnRuns } from './own-runs.ts'
import { plain, type OwnCall } from './call.ts'
import { describeArtifact, findOwnBlob, takeUse } from './trackio-artifacts.ts'
import { giveSaved, keepSaved, speakingIn } from './trackio-saved.ts'

const mediaAddress = '/api/bulk_upload_media'

/** Answers a request of Trackio's client. Throws a Refusal. */
export async function routeTrackio(runs: OwnRuns, { request, path, url }: OwnCall): Promise<Answered> {
  if (path === '/version') return plain({ version: '0.43.0', api_version: 1, api_transport: 'http' })
  const blob = blobAsked(path)
  if (blob !== null) return findOwnBlob(runs, blob)
  if (path === uploadPath) return { reply: await takeForm(request, runs.waiting), folder: '' }
  const call = kwargsIn(await readBody(request))
  const project = textIn(call, 'project') ?? 'default'
  const name = path.slice('/api/'.length)
  const callOf = (kwargs: Record<string, unknown>, to = path) => ({
    method: 'POST',
    path: to,
    query: url.searchParams,
    body: Buffer.from(JSON.stringify({ args: [], kwargs })),
  })
  const hand = (run: OwnRunIntake, kwargs: Record<string, unknown>) => runs.use(run).handle('trackio', callOf(kwargs))
  const question = (run: OwnRunIntake) => runs.consult(run).handle('trackio', callOf(call))
  const listed = (of: string) => (Array.isArray(call[of]) ? call[of].filter(isObject) : [])
  const open = async (of: string, [clientId, shown]: [string, string]) => {
    const found = await runs.openProject(of)
    const run = await runs.openRun('trackio', found, { clientId, name: shown })
    giveSaved(runs, found.id, (uploads) => runs.use(run).handle('trackio', callOf({ uploads }, mediaAddress)))
    return run
  }
  switch (name) {
    case 'bulk_log':
    case 'bulk_alert': {
      const list = name === 'bulk_log' ? 'logs' : 'alerts'
      const entries = listed(list)
      const groups = Map.groupBy(entries, (entry) => JSON.stringify([projectOf(entry, project), ...namesOf(entry)]))
      for (const [key, group] of groups) {
        const [of, clientId, shown] = JSON.parse(key) as [string, string, string]
        hand(await open(of, [clientId, shown]), { [list]: group })
      }
      return plain({ data: null })
    }
    case 'bulk_log_system':
      return plain({ data: null })
    case 'check_artifact_blobs':
      return plain({ data: { present: [] } })
    case 'bulk_upload_artifact_blob':
      for (const { uploaded_file: file, digest } of listed('uploads'))
        keepArtifactPart(runs.waiting, isObject(file) ? file.path : undefined, digest)
      return plain({ data: null })
    case 'bulk_upload_media': {
      for (const upload of listed('uploads')) {
        const of = projectOf(upload, project)
        if (textIn(upload, 'run') !== null) hand(await open(of, namesOf(upload)), { uploads: [upload] })
        else {
          // `trackio.save` names no run
          const { id } = await runs.openProject(of)
          const run = speakingIn(runs, id)
          if (run === undefined) keepSaved(runs, id, upload)
          else hand(run, { uploads: [upload] })
        }
      }
      return plain({ data: null })
    }
    case 'artifact_log': {
      const run = await open(project, namesOf({ run: call.run_name, run_id: call.run_id }))
      return plain(hand(run, call).body)
    }
    case 'get_artifact_manifest':
      return plain({ data: describeArtifact(runs, project, call) })
    case 'log_artifact_use': {
      const user = askingAttempt(request) ?? (await open(project, namesOf({ run: call.run_name, run_id: call.run_id })))
      return plain({ data: await takeUse(runs, worded(call.version_id ?? ''), user) })
    }
    case 'get_runs_for_project': {
      const found = runs.projectNamed(project)
      const all = found ? runs.of('trackio', new Set([found.id])).filter((run) => !runs.isDeleted(run)) : []
      return plain({ data: all.flatMap((run) => dataOf(question(run).body)) })
    }
    case 'get_run_summary': {
      const run = runs.find('trackio', project, worded(call.run_id ?? call.run ?? ''))
      return run ? plain(question(run).body) : plain({ data: { last_step: null, num_logs: 0, metrics: [] } })
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
