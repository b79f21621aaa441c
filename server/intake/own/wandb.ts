/** W&B's client and its runs: a project and an id lead to one, an artifact's id and an upload's address as well. */
import { decoded, isObject, Refusal, worded } from '../protocol.ts'
import { parsePythonJson } from '../../formats/python-json.ts'
import { readBody } from '../read-body.ts'
import type { Answered } from '../serve.ts'
import { aboutServer, entity, operationOf } from '../wandb/runs.ts'
import type { OwnRunIntake, OwnRuns } from './own-runs.ts'
import { askingAttempt } from './messages.ts'
import { plain, type OwnCall } from './call.ts'
import { answerModel } from './wandb-models.ts'
import { answerSweep } from './wandb-sweeps.ts'

/** Where runs stand of which nobody says a project: W&B's own word. */
const noProject = 'uncategorized'

/** Answers a request of W&B's client. Throws a Refusal. */
export async function routeWandb(runs: OwnRuns, { request, method, url, path }: OwnCall): Promise<Answered> {
  if (path.startsWith('/sdk/otel/')) {
    await readBody(request)
    return plain({})
  }
  const upload = /^\/upload\/([0-9a-f]{32})(\/.+)$/.exec(path)
  if (upload) {
    const run = runs.marked(upload[1]!)
    if (!run || method !== 'PUT') throw new Refusal(404, `There is no ${path.slice(0, 200)} here.`)
    return runs.hand(run, 'wandb', `/upload${upload[2]!}`, request, url)
  }
  const stream = /^\/files\/[^/]+\/([^/]+)\/([^/]+)\/file_stream$/.exec(path)
  if (stream) {
    const [project, name] = [decoded(stream[1]!), decoded(stream[2]!)]
    // a stream that is refused loses every metric without a word: a run that is not known is begun
    const run = await openRun(runs, { project, name })
    return runs.hand(run, 'wandb', path, request, url)
  }
  if (path !== '/graphql') throw new Refusal(404, `There is no ${path.slice(0, 200)} here.`)
  const body = await readBody(request)
  const { operation, query, variables } = callIn(body)
  const ofServer = aboutServer(operation, query)
  if (ofServer !== null) return plain({ data: ofServer })
  const ofSweep = await answerSweep(runs, operation, variables)
  if (ofSweep !== null) return plain(ofSweep)
  const ofModel = await answerModel(runs, operation, variables, askingAttempt(request))
  if (ofModel !== null) return plain(ofModel)
  const run = await runOf(runs, operation, variables)
  if (run !== null) return runs.hand(run, 'wandb', path, request, url, body)
  return plain(withoutRun(operation, variables))
}

/** The run that a call is of, begun where the call begins one; null where it is of none, or of one that is not there. */
async function runOf(
  runs: OwnRuns,
  operation: string,
  variables: Record<string, unknown>,
): Promise<OwnRunIntake | null> {
  const input = isObject(variables.input) ? variables.input : variables
  const text = (...names: string[]) => {
    const found = names.map((name) => variables[name] ?? input[name]).find((value) => typeof value === 'string')
    return typeof found === 'string' && found !== '' ? found : null
  }
  if (operation === 'UpsertBucket') {
    const name = text('name')
    return name === null ? null : openRun(runs, { project: text('project', 'model'), name, shown: text('displayName') })
  }
  const artifact = /^(?:manifest-)?artifact-\d+-([0-9a-f]{32})$/.exec(
    text('artifactID', 'artifactManifestID', 'id') ?? '',
  )
  const ofFiles = Array.isArray(input.artifactFiles) ? input.artifactFiles.find(isObject)?.artifactID : undefined
  const mark = artifact?.[1] ?? /-([0-9a-f]{32})$/.exec(worded(ofFiles ?? ''))?.[1]
  if (mark !== undefined) return runs.marked(mark) ?? null
  const name = operation === 'RunResumeStatus' ? text('name') : text('runName', 'run')
  if (name === null) return null
  return runs.find('wandb', text('projectName', 'project') ?? noProject, name) ?? null
}

async function openRun(
  runs: OwnRuns,
  { project, name, shown }: { project: string | null; name: string; shown?: string | null },
): Promise<OwnRunIntake> {
  const found = await runs.openProject(project ?? noProject)
  return runs.openRun('wandb', found, { clientId: name, name: shown ?? name })
}

/** What is answered that is of no run. */
function withoutRun(operation: string, variables: Record<string, unknown>): Record<string, unknown> {
  const project = worded(variables.project ?? variables.projectName ?? noProject)
  switch (operation) {
    case 'RunResumeStatus':
      return { data: { model: { id: project, name: project, entity: { id: entity, name: entity }, bucket: null } } }
    default:
      // clients take this for a server that is older than they are, and go on without
      return { errors: [{ message: `${operation} is not answered here.` }] }
  }
}

function callIn(body: Buffer): { operation: string; query: string; variables: Record<string, unknown> } {
  let call: unknown = null
  try {
    call = parsePythonJson(body.toString('utf8'))
  } catch {
    // told below
  }
  if (!isObject(call) || typeof call.query !== 'string')
    throw new Refusal(400, 'The body is no GraphQL call; expected JSON with "query" and "variables".')
  const operation = operationOf(call.query)
  return { operation, query: call.query, variables: isObject(call.variables) ? call.variables : {} }
}
