/**
 * Files of Trackio's client: sent as forms before it says what they are of. They wait in a folder under the digest of what they hold, which
 * is taken while they are written, and are linked from there into the folder of their run.
 */
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import Busboy, { type BusboyHeaders } from '@fastify/busboy'
import { createFile } from '../../attempt-files/write-file.ts'
import { keptName } from '../kept-files.ts'
import { Refusal } from '../protocol.ts'

/** Where forms are sent to. */
export const uploadPath = '/api/upload'

/** The client sends one at a time. */
const mostFiles = 100
/** What was sent, and never said what it is of. */
const longestMilliseconds = 24 * 3600 * 1000

const waitingName = /^[0-9a-f]{64}-[0-9a-f]{16}$/
const partPrefix = 'part-'

/** Writes the files of a form as they come, whatever their size; gives the names that they wait under. Throws a Refusal, and keeps none of them. */
export async function takeUploads(request: IncomingMessage, folder: string): Promise<string[]> {
  const { headers } = request
  if (!/^multipart\/form-data\s*;/i.test(headers['content-type'] ?? ''))
    throw new Refusal(
      400,
      `The body is ${JSON.stringify(headers['content-type'] ?? '')}; expected multipart/form-data with a boundary.`,
    )
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new Refusal(415, `Files are taken as they are, not as ${JSON.stringify(headers['content-encoding'])}.`)
  mkdirSync(folder, { recursive: true })
  removeOld(folder)
  const written: Promise<string>[] = []
  const open = new Set<Readable>()
  let refusal: Error | null = null
  try {
    const form = new Busboy({
      headers: headers as BusboyHeaders,
      preservePath: true,
      limits: { files: mostFiles, parts: 2 * mostFiles, fields: mostFiles, headerPairs: 100 },
    })
    const tooMany = () => (refusal ??= new Refusal(413, `A form has more than ${mostFiles} files or fields.`))
    form.on('filesLimit', tooMany).on('fieldsLimit', tooMany).on('partsLimit', tooMany)
    form.on('file', (_field, stream, filename: string | undefined) => {
      open.add(stream)
      stream.on('error', (error: Error) => (refusal ??= error))
      const file = write(stream, folder, filename ?? '').finally(() => open.delete(stream))
      // told below, when the form has ended
      file.catch((error: Error) => {
        refusal ??= error
        stream.resume()
      })
      written.push(file)
    })
    await pipeline(request, form)
  } catch (error) {
    // a client that left, a form that is cut off or is none
    for (const stream of open) stream.destroy(error as Error)
    refusal ??= new Refusal(400, `The body is no whole form: ${(error as Error).message}.`)
  }
  const files = await Promise.allSettled(written)
  const names = files.flatMap((file) => (file.status === 'fulfilled' ? [file.value] : []))
  if (refusal === null && names.length === 0) refusal = new Refusal(400, 'The form holds no file.')
  if (refusal === null) return names
  for (const name of names) rmSync(path.join(folder, name), { force: true })
  throw refusal instanceof Refusal || 'code' in refusal
    ? refusal
    : new Refusal(400, `The body is no whole form: ${(refusal as Error).message}.`)
}

async function write(stream: Readable, folder: string, filename: string): Promise<string> {
  keptName(filename)
  const part = path.join(folder, `${randomBytes(8).toString('hex')}.part`)
  const hash = createHash('sha256')
  try {
    const descriptor = createFile(part)
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        hash.update(chunk)
        for (let at = 0; at < chunk.length;) at += writeSync(descriptor, chunk, at)
      }
    } finally {
      closeSync(descriptor)
    }
    const name = `${hash.digest('hex')}-${randomBytes(8).toString('hex')}`
    renameSync(part, path.join(folder, name))
    return name
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

function removeOld(folder: string): void {
  const before = Date.now() - longestMilliseconds
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name)
    const stats = statSync(file, { throwIfNoEntry: false })
    if (stats?.isFile() && stats.mtimeMs < before) rmSync(file, { force: true })
  }
}

/** The waiting file that a client names. Throws a Refusal where it was not sent here, or is used. */
export function waitingFile(folder: string, given: unknown): { file: string; digest: string } {
  if (typeof given === 'string' && waitingName.test(given)) {
    const file = path.join(folder, given)
    if (existsSync(file)) return { file, digest: given.slice(0, 64) }
  }
  throw new Refusal(400, `${JSON.stringify(given)?.slice(0, 200)} is no file that was uploaded here and waits.`)
}

/** The files that wait as parts of artifacts, by what they hold. */
export function waitingParts(folder: string): Map<string, string> {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(partPrefix)) : []
  return new Map(names.map((name) => [name.slice(partPrefix.length).slice(0, 64), path.join(folder, name)]))
}

/** Has an uploaded file wait as a part of an artifact. Throws a Refusal where it holds something else. */
export function keepArtifactPart(folder: string, given: unknown, digest: unknown): void {
  const { file, digest: held } = waitingFile(folder, given)
  if (held !== digest)
    throw new Refusal(400, `The file holds what has the digest ${held}, and not ${JSON.stringify(digest)}.`)
  renameSync(file, path.join(folder, partPrefix + path.basename(file)))
}
