/** Bodies of requests, within limits that no client of the four comes near; packed ones are limited in what they unpack to. */
import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { Refusal } from './protocol.ts'

/** 20,000 log calls of W&B are 3 MB, its longest line is 10 MB. */
export const mostIntakeBytes = 48 << 20

const unpackers: Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
}

/** The whole body, unpacked. Throws a Refusal (413, 415, 400) that says the limit. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = () => new Refusal(413, `The body is larger than ${mostIntakeBytes} bytes, the most that is taken.`)
  if (Number(request.headers['content-length'] ?? 0) > mostIntakeBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > mostIntakeBytes) throw tooLarge()
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  const encoding = String(request.headers['content-encoding'] ?? 'identity').toLowerCase()
  if (encoding === 'identity' || body.length === 0) return body
  const unpack = unpackers[encoding]
  if (!unpack) throw new Refusal(415, `The content encoding ${JSON.stringify(encoding)} is not known; expected gzip.`)
  try {
    return await unpack(body, { maxOutputLength: mostIntakeBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge()
    throw new Refusal(400, `The body is not ${encoding}: ${(error as Error).message}.`)
  }
}
