/** What the intake of an attempt cannot know, artifacts of other runs: it asks the server, where there is one. */
import path from 'node:path'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { readWholeFile } from '../attempt-files/open-file.ts'
import { currentBoot } from '../executors/local/processes.ts'
import { attemptHeader } from './own/messages.ts'
import { isObject, Refusal, worded, type Reply } from './protocol.ts'

const mostFileBytes = 1 << 16
const answerMilliseconds = 30_000

/** What a client is told where no server answers. */
export const nobodyAnswers = 'Artifacts of other runs are found through the server, and it does not answer here.'

/** Sends a call to the server as one of the run of a sweep that this folder is an attempt of; null where none answers. */
export async function askServer(
  folder: string,
  address: string,
  { method = 'POST', body }: { method?: string; body?: Uint8Array | string } = {},
): Promise<Response | null> {
  // DATA/runs/RUN/ATTEMPT
  const run = path.basename(path.dirname(folder))
  const dataFolder = path.resolve(folder, '../../..')
  const holder = jsonIn(path.join(dataFolder, 'server.json'), dataFolder)
  const key = readWholeFile(path.join(dataFolder, 'tracker-key'), [dataFolder], mostFileBytes)?.trim()
  if (!isObject(holder) || typeof holder.url !== 'string' || key === undefined) return null
  // on a node of a cluster somebody else may listen at that address, who must not hear the key
  if (holder.boot !== currentBoot()) return null
  const gaveUp = new AbortController()
  // until it answers: a file may take longer
  const timer = setTimeout(() => gaveUp.abort(), answerMilliseconds)
  try {
    return await fetch(new URL(address, holder.url), {
      method,
      ...(body !== undefined && { body: body as BodyInit }),
      headers: {
        authorization: `Basic ${Buffer.from(`api:${key}`).toString('base64')}`,
        'content-type': 'application/json',
        [attemptHeader]: run,
      },
      signal: gaveUp.signal,
    })
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}

/** The body of an answer as JSON; null where it is none. */
export async function bodyOf(answer: Response): Promise<Record<string, unknown> | null> {
  const value: unknown = await answer.json().catch(() => null)
  return isObject(value) ? value : null
}

/** An answer as it comes, a file; null where there is none. Throws a Refusal where the server refused. */
export async function streamOf(answer: Response | null): Promise<Reply | null> {
  if (answer === null) return null
  if (answer.ok && answer.body !== null) {
    const body = Readable.fromWeb(answer.body as ReadableStream)
    return { status: 200, body: null, stream: { body, bytes: answer.headers.get('content-length') } }
  }
  const said = await bodyOf(answer)
  throw new Refusal(answer.status, worded(said?.message ?? nobodyAnswers), worded(said?.error_code ?? 'NOT_FOUND'))
}

function jsonIn(file: string, within: string): unknown {
  try {
    return JSON.parse(readWholeFile(file, [within], mostFileBytes) ?? 'null')
  } catch {
    return null
  }
}
