/** What the intake of an attempt cannot know: artifacts of other runs, which it asks of the server, where there is one. */
import path from 'node:path'
import { readWholeFile } from '../attempt-files/open-file.ts'
import { parsePythonJson } from '../formats/python-json.ts'
import { attemptHeader } from './own/messages.ts'
import { isObject, worded, type Reply } from './protocol.ts'
import type { RunIntake } from './run-intake.ts'
import { usedEvent } from './wandb/artifacts.ts'
import { operationOf } from './wandb/runs.ts'

const lookups = ['ArtifactMembershipByName', 'GetArtifactMembershipFileUrls', 'FetchArtifactManifest']
const mostFileBytes = 1 << 16
const answerMilliseconds = 30_000

/** Answers what W&B's client asks of artifacts of other runs; null for any other call. */
export async function askServer(intake: RunIntake, body: Buffer): Promise<Reply | null> {
  const call = callIn(body)
  if (call === null) return null
  const { operation, artifact } = call
  const isUse = operation === 'UseArtifact' && artifact.startsWith('model-')
  if (!isUse && !lookups.includes(operation)) return null
  const told = (message: string): Reply => ({ status: 200, body: { errors: [{ message }] } })
  // DATA/runs/RUN/ATTEMPT
  const run = path.basename(path.dirname(intake.folder))
  const dataFolder = path.resolve(intake.folder, '../../..')
  const holder = jsonIn(path.join(dataFolder, 'server.json'), dataFolder)
  const key = readWholeFile(path.join(dataFolder, 'tracker-key'), [dataFolder], mostFileBytes)?.trim()
  const nobody = 'Artifacts of other runs are found through the server, and it does not answer here.'
  if (!isObject(holder) || typeof holder.url !== 'string' || key === undefined) return told(nobody)
  try {
    const answer = await fetch(new URL('/graphql', holder.url), {
      method: 'POST',
      body: new Uint8Array(body),
      headers: {
        authorization: `Basic ${Buffer.from(`api:${key}`).toString('base64')}`,
        'content-type': 'application/json',
        [attemptHeader]: run,
      },
      signal: AbortSignal.timeout(answerMilliseconds),
    })
    const value: unknown = await answer.json()
    if (!answer.ok) return told(isObject(value) && typeof value.message === 'string' ? value.message : nobody)
    const used = isObject(value) && isObject(value.data) && isObject(value.data.useArtifact) && value.data.useArtifact
    if (isUse && used && isObject(used.artifact)) {
      const [, version, name] = /^model-\d+-(\d+)-(.+)$/.exec(artifact) ?? []
      intake.write([usedEvent(`${name}:v${version}`, worded(used.artifact.kind))])
    }
    return { status: 200, body: value }
  } catch {
    return told(nobody)
  }
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

function jsonIn(file: string, within: string): unknown {
  try {
    return JSON.parse(readWholeFile(file, [within], mostFileBytes) ?? 'null')
  } catch {
    return null
  }
}
