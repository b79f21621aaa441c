/** What W&B's client under a sweep asks of artifacts of other runs. */
import { parsePythonJson } from '../../formats/python-json.ts'
import { askServer, bodyOf, nobodyAnswers } from '../ask-server.ts'
import { isObject, worded, type IntakeRequest, type Reply } from '../protocol.ts'
import type { RunIntake } from '../run-intake.ts'
import { usedEvent } from './artifacts.ts'
import { operationOf } from './runs.ts'

const lookups = [
  'ArtifactByName',
  'ArtifactMembershipByName',
  'ArtifactFileUrls',
  'GetArtifactFileUrls',
  'GetArtifactMembershipFileUrls',
  'FetchArtifactManifest',
]

/** Answers it; null for any other call. */
export async function askWandb(intake: RunIntake, { body }: IntakeRequest): Promise<Reply | null> {
  const call = callIn(body)
  if (call === null) return null
  const { operation, artifact } = call
  const isUse = operation === 'UseArtifact' && artifact.startsWith('model-')
  if (!isUse && !lookups.includes(operation)) return null
  const told = (message: string): Reply => ({ status: 200, body: { errors: [{ message }] } })
  const answer = await askServer(intake.folder, '/graphql', { body: new Uint8Array(body) })
  const value = answer && (await bodyOf(answer))
  if (answer === null || value === null) return told(nobodyAnswers)
  if (!answer.ok) return told(typeof value.message === 'string' ? value.message : nobodyAnswers)
  const used = isObject(value.data) && isObject(value.data.useArtifact) && value.data.useArtifact
  if (isUse && used && isObject(used.artifact)) {
    const [, version, name] = /^model-\d+-(\d+)-(.+)$/.exec(artifact) ?? []
    intake.write([usedEvent(`${name}:v${version}`, worded(used.artifact.kind))])
  }
  return { status: 200, body: value }
}

function callIn(body: Buffer): { operation: string; artifact: string } | null {
  try {
    const call: unknown = parsePythonJson(body.toString('utf8'))
    if (!isObject(call) || typeof call.query !== 'string') return null
    const variables = isObject(call.variables) ? call.variables : {}
    return { operation: operationOf(call.query), artifact: worded(variables.artifactID ?? '') }
  } catch {
    return null
  }
}
