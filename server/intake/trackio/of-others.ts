/** What Trackio's client under a sweep asks of artifacts of other runs: what its own run has under a name is that. */
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { askServer, bodyOf, nobodyAnswers } from '../ask-server.ts'
import { isObject, Refusal, worded, type Reply } from '../protocol.ts'
import type { RunIntake } from '../run-intake.ts'
import { usedEvent } from '../wandb/artifacts.ts'
import { findBlob, placesOf } from './artifacts.ts'
import { blobAsked, kwargsIn } from './index.ts'

/** Answers it; null for any other call. */
export async function askTrackio(intake: RunIntake, urlPath: string, body: Buffer): Promise<Reply | null> {
  const isUse = urlPath === '/api/log_artifact_use'
  if (!isUse && urlPath !== '/api/get_artifact_manifest') return null
  const asked = kwargsIn(body)
  const isOwn = isUse
    ? worded(asked.version_id ?? '').startsWith('here-')
    : placesOf([intake.files], worded(asked.name ?? '')).length > 0
  if (isOwn) return null
  const answer = await askServer(intake.folder, urlPath, { body: new Uint8Array(body) })
  const value = answer && (await bodyOf(answer))
  // with any other status the client says the status alone
  const told = (error: string): Reply => ({ status: 200, body: { error } })
  if (answer === null || value === null) return told(nobodyAnswers)
  if (!answer.ok) return told(typeof value.message === 'string' ? value.message : nobodyAnswers)
  if (isUse && isObject(value.data)) intake.write([usedEvent(worded(value.data.name), worded(value.data.kind))])
  return { status: 200, body: value }
}

/** A file of another run's artifact, as it comes; null where the address is another, or the run has it itself. */
export async function askBlob(intake: RunIntake, urlPath: string): Promise<Reply | null> {
  const asked = blobAsked(urlPath)
  if (asked === null || findBlob([intake.files], asked.digest) !== null) return null
  const answer = await askServer(intake.folder, urlPath, { method: 'GET' })
  if (answer === null) throw new Refusal(404, nobodyAnswers)
  if (!answer.ok || answer.body === null)
    throw new Refusal(answer.status, worded((await bodyOf(answer))?.message ?? nobodyAnswers))
  const body = Readable.fromWeb(answer.body as ReadableStream)
  return { status: 200, body: null, stream: { body, bytes: answer.headers.get('content-length') } }
}
