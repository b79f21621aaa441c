/** What Trackio's client under a sweep asks of artifacts of other runs: what its own run has under a name is that. */
import { askServer, bodyOf, nobodyAnswers, streamOf } from '../ask-server.ts'
import { isObject, Refusal, worded, type IntakeRequest, type Reply } from '../protocol.ts'
import type { RunIntake } from '../run-intake.ts'
import { usedEvent } from '../wandb/artifacts.ts'
import { findBlob, placesOf } from './artifacts.ts'
import { blobAsked, kwargsIn } from './index.ts'

/** Answers it; null for any other call. */
export async function askTrackio(
  intake: RunIntake,
  { method, path: urlPath, body }: IntakeRequest,
): Promise<Reply | null> {
  if (method === 'GET') return askBlob(intake, urlPath)
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

/** A file of another run's artifact, as it comes; null where the address is another, or the run has it itself. Throws a Refusal. */
async function askBlob(intake: RunIntake, urlPath: string): Promise<Reply | null> {
  const asked = blobAsked(urlPath)
  if (asked === null || findBlob([intake.files], asked.digest) !== null) return null
  const reply = await streamOf(await askServer(intake.folder, urlPath, { method: 'GET' }))
  if (reply === null) throw new Refusal(404, nobodyAnswers)
  return reply
}
