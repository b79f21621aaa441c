/** HTTP in front of an intake: the key first, then the body within its limits, then the protocol that the address names. */
import { closeSync, mkdirSync, renameSync, rmSync, writeSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { logger } from '../base/process/log.ts'
import { openFileHandle } from '../attempt-files/open-file.ts'
import { createFile } from '../attempt-files/write-file.ts'
import { isSame } from './kept-files.ts'
import { askMlflow, mayBeOfOthers } from './mlflow/of-others.ts'
import { Refusal, type IntakeRequest, type Reply } from './protocol.ts'
import { readBody } from './read-body.ts'
import { refusalBody, type Names, type RunIntake } from './run-intake.ts'
import { askTrackio } from './trackio/of-others.ts'
import { takeUploads, uploadPath } from './trackio/uploads.ts'
import { askWandb } from './wandb/of-others.ts'

const log = logger('intake')

/** Answers one request to the intake of an attempt. */
export function answerClient(intake: RunIntake, key: string, request: IncomingMessage, response: ServerResponse) {
  return respond(request, response, async (url) => {
    const match = /^\/(wandb|mlflow|trackio)(\/.*)$/.exec(url.pathname)
    if (!match) throw new Refusal(404, `There is no ${url.pathname} here.`)
    const [, name, rest] = match as unknown as [string, Names, string]
    // an upload's address is a secret; of the client's telemetry about itself, sent without a key, nothing is taken
    const needsNone = name === 'wandb' && (rest.startsWith('/upload/') || rest.startsWith('/sdk/otel/'))
    if (!needsNone && !isSame(key, keySent(request, url) ?? ''))
      throw new Refusal(401, 'The key is not that of this run.', 'UNAUTHENTICATED')
    const method = request.method ?? 'GET'
    if (!asks[name].may(method, rest)) return handOver(intake, name, rest, request, url)
    const body = await readBody(request)
    const reply = await asks[name].of(intake, { method, path: rest, query: url.searchParams, body })
    return reply === null ? handOver(intake, name, rest, request, url, body) : { reply, folder: intake.folder }
  })
}

type Asks = {
  /** Whether a call may be of other runs than the attempt's: its body is read to tell. */
  may: (method: string, path: string) => boolean
  /** What the server answers; null: it is the attempt's own. */
  of: (intake: RunIntake, request: IntakeRequest) => Promise<Reply | null>
}
const asks: Record<Names, Asks> = {
  wandb: { may: (_method, path) => path === '/graphql', of: askWandb },
  mlflow: { may: mayBeOfOthers, of: askMlflow },
  trackio: { may: (_method, path) => path !== uploadPath, of: askTrackio },
}

export type Answered = { reply: Reply; folder: string }

/** Hands a request to the intake of the run that it is of; `body`: where it was read already. */
export async function handOver(
  intake: RunIntake,
  name: Names,
  path: string,
  request: IncomingMessage,
  url: URL,
  body?: Buffer,
): Promise<Answered> {
  const method = request.method ?? 'GET'
  const { folder } = intake
  if (name === 'trackio' && path === uploadPath) return { reply: await takeForm(request, intake.waiting), folder }
  const upload = intake.uploadOf(name, method, path, url.searchParams)
  if (upload !== null) {
    await store(request, upload.file)
    return { reply: upload.done(), folder }
  }
  const call = { method, path, query: url.searchParams, body: body ?? (await readBody(request)) }
  return { reply: intake.handle(name, call), folder }
}

/** Takes what Trackio's client sends as a form. */
export async function takeForm(request: IncomingMessage, waiting: string): Promise<Reply> {
  return { status: 200, body: { paths: await takeUploads(request, waiting) } }
}

/** Answers one request. Whatever happens, the client gets an answer, and a failure of ours is told on stderr. */
export async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  work: (url: URL) => Promise<Answered>,
): Promise<void> {
  try {
    const { reply, folder } = await work(new URL(request.url ?? '/', 'http://intake'))
    if (reply.stream !== undefined) await sendStream(response, reply.stream)
    else if (reply.file !== undefined) await sendFile(response, reply.file, folder)
    else send(response, reply)
  } catch (error) {
    if (response.headersSent) {
      response.destroy()
      return
    }
    if (!(error instanceof Refusal))
      log.error('Something that a client sent, or a file says, could not be written', error)
    // a full disk passes: clients try 503 again
    const refusal =
      error instanceof Refusal ? error : new Refusal(503, (error as Error).message, 'TEMPORARILY_UNAVAILABLE')
    // what was not read of a body that is too large is not waited for
    if (refusal.status === 413) response.setHeader('connection', 'close')
    send(response, { status: refusal.status, body: refusalBody(refusal) })
  }
}

async function sendFile(response: ServerResponse, file: string, folder: string): Promise<void> {
  const opened = await openFileHandle(file, [folder])
  if (opened === null) throw new Refusal(404, `There is no file ${path.basename(file)}.`, 'RESOURCE_DOES_NOT_EXIST')
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': opened.stats.size })
  opened.handle
    .createReadStream()
    .on('error', () => response.destroy())
    .pipe(response)
}

async function sendStream(response: ServerResponse, { body, bytes }: NonNullable<Reply['stream']>): Promise<void> {
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    ...(bytes !== null && { 'content-length': bytes }),
  })
  await pipeline(body, response)
}

function send(response: ServerResponse, reply: { status: number; body: unknown }): void {
  const text = JSON.stringify(reply.body)
  response.writeHead(reply.status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

/** A file appears under its name when it is whole. */
async function store(request: IncomingMessage, file: string): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true })
  const part = `${file}.${process.pid}.part`
  try {
    const descriptor = createFile(part)
    try {
      for await (const chunk of request as AsyncIterable<Buffer>)
        for (let at = 0; at < chunk.length;) at += writeSync(descriptor, chunk, at)
    } finally {
      closeSync(descriptor)
    }
    renameSync(part, file)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

/** The key as the three clients send it; null where none is sent. */
export function keySent(request: IncomingMessage, url: URL): string | null {
  const { authorization } = request.headers
  const basic = /^Basic (.+)$/i.exec(authorization ?? '')?.[1]
  if (basic !== undefined)
    return Buffer.from(basic, 'base64')
      .toString('utf8')
      .replace(/^[^:]*:/, '')
  const bearer = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1]
  const token = request.headers['x-trackio-write-token'] ?? url.searchParams.get('write_token')
  return bearer ?? (token == null ? null : String(token))
}
