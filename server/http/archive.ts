/** A checkpoint as a tar archive, streamed from its files: nothing is copied first, and memory does not grow with its size. */
import path from 'node:path'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeReadableStream } from 'node:stream/web'
import { createTarPacker, type TarPackController } from 'modern-tar'
import { findAnyJob } from '../../db/queries/jobs.ts'
import { openFileHandle } from '../attempt-files/open-file.ts'
import { logger } from '../base/process/log.ts'
import { requireCheckpoint } from '../base/finding/find-checkpoint.ts'
import { type CheckpointFile, listCheckpointFiles } from '../base/evaluation-files/list-files.ts'
import { modelCard } from '../read/checkpoints/model-card.ts'
import type { Context } from '../base/context.ts'
import { runHome } from '../base/finding/run-home.ts'

const log = logger('http')
const chunkBytes = 1 << 18
const blockBytes = 512
/** What an entry's plain header can hold; beyond, the archive gets further headers, and its length is not said before. */
const plainName = /^[\x20-\x7e]{1,100}$/
const plainBytes = 8 ** 11

/**
 * Sends the checkpoint's files in a folder, with a model card: `step-120-of-SWEEP-run-3.tar`. A file that changes or goes
 * meanwhile breaks the connection off, so that what came is seen to be cut short, never taken for whole.
 * Throws `not-found` before anything is sent.
 */
export function sendCheckpoint(context: Context, response: ServerResponse, id: number): void {
  const checkpoint = requireCheckpoint(context, id)
  const run = findAnyJob(context.database, checkpoint.runId)!
  const files = listCheckpointFiles(context, checkpoint)
  const { step, epoch } = checkpoint
  const place = step !== null ? `step-${step}` : epoch !== null ? `epoch-${epoch}` : 'checkpoint'
  const { home } = runHome(context, run)
  const named = home.name.replaceAll(/[^A-Za-z0-9._-]+/g, '-')
  const homeName = named.slice(0, 60).replaceAll(/^[-.]+|-+$/g, '') || home.kind
  const folder = `${place}-of-${homeName}-run-${run.number}`
  const card = Buffer.from(modelCard(context, run, checkpoint))
  // a card that came with the model stays what it was
  const cardName = files.some(({ name }) => name === 'README.md') ? 'SWEEPBOARD.md' : 'README.md'
  const length = lengthOf([
    { name: `${folder}/${cardName}`, bytes: card.length },
    ...files.map(({ name, stats }) => ({ name: `${folder}/${name}`, bytes: stats.size })),
  ])
  response.writeHead(200, {
    'content-type': 'application/x-tar',
    'content-disposition': `attachment; filename="${folder}.tar"`,
    ...(length === null ? {} : { 'content-length': length }),
  })
  if (response.req.method === 'HEAD') {
    response.end()
    return
  }
  const { readable, controller } = createTarPacker()
  const sent = pipeline(Readable.fromWeb(readable as NodeReadableStream), response)
  const packed = pack(controller, folder, { name: cardName, content: card }, files)
  // whichever fails first ends the other: the reader left, or a file is not what it was
  packed.catch((error: unknown) => controller.error(error))
  sent.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE')
      log.error(`The archive ${folder}.tar was broken off: ${error.message}`)
  })
}

async function pack(
  controller: TarPackController,
  folder: string,
  card: { name: string; content: Buffer },
  files: CheckpointFile[],
): Promise<void> {
  const entry = (name: string, size: number, mtime: Date) =>
    controller.add({ name: `${folder}/${name}`, size, mtime, mode: 0o644, type: 'file' }).getWriter()
  const writer = entry(card.name, card.content.length, new Date())
  await writer.write(new Uint8Array(card.content))
  await writer.close()
  for (const { name, file, stats } of files) {
    const body = entry(name, stats.size, stats.mtime)
    await writeFile(body, file, stats)
    await body.close()
  }
  controller.finalize()
}

/** Writes exactly what was listed. Throws where the file is another by now, became shorter, or was written to. */
async function writeFile(
  body: WritableStreamDefaultWriter<Uint8Array>,
  file: string,
  listed: CheckpointFile['stats'],
): Promise<void> {
  const opened = await openFileHandle(file, [path.dirname(file)])
  if (opened === null) throw new Error(`${file} is gone`)
  const { handle } = opened
  try {
    const same = async () => {
      const { dev, ino, size, mtimeMs } = await handle.stat()
      return dev === listed.dev && ino === listed.ino && size === listed.size && mtimeMs === listed.mtimeMs
    }
    if (!(await same())) throw new Error(`${file} changed before it was read`)
    for (let at = 0; at < listed.size;) {
      const chunk = new Uint8Array(Math.min(chunkBytes, listed.size - at))
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, at)
      if (bytesRead === 0) throw new Error(`${file} became shorter while it was read: ${at} of ${listed.size} bytes`)
      await body.write(chunk.subarray(0, bytesRead))
      at += bytesRead
    }
    if (!(await same())) throw new Error(`${file} changed while it was read`)
  } finally {
    await handle.close()
  }
}

/** Bytes of the archive: a header and whole blocks an entry, and two empty blocks at its end; null where headers vary. */
function lengthOf(entries: { name: string; bytes: number }[]): number | null {
  if (entries.some(({ name, bytes }) => !plainName.test(name) || bytes >= plainBytes)) return null
  const blocks = entries.reduce((sum, { bytes }) => sum + 1 + Math.ceil(bytes / blockBytes), 2)
  return blocks * blockBytes
}
