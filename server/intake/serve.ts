/** HTTP in front of an intake: the key first, then the body within its limits, then the protocol that the address names. */
import { closeSync, mkdirSync, renameSync, rmSync, writeSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { logger } from '../base/process/log.ts'
import { openFileHandle } from '../attempt-files/open-file.ts'
import { createFile } from '../attempt-files/write-file.ts'
import { isSame } from './kept-files.ts'
import { askServer } from './ask-server.ts'
import { Refusal, type Reply } from './protocol.ts'
import { readBody } from './read-body.ts'
import { refusalBody, type Names, type RunIntake } from './run-intake.ts'

const log = logger('intake')

/** Answers one request to the intake of an attempt. */
export function answerClient(intake: RunIntake, key: string, request: IncomingMessage, response: ServerResponse) {
  return respond(request, response, async (url) => {
    const match = /^\/(wandb|mlflow|trackio)(\/.*)$/.exec(url.pathname)
    if (!match) throw new Refusal(404, `There is no ${url.pathname} here.`)
    const [, name, rest] = match as unknown as [string, Names, string]
    const isOwnUpload = name === 'wandb' && rest.startsWith('/upload/')
    if (!isOwnUpload && !isSame(key, keySent(request, url) ?? ''))
      throw new Refusal(401, 'The key is not that of this run.', 'UNAUTHENTICATED')
    if (name !== 'wandb' || rest !== '/graphql') return handOver(intake, name, rest, request, url)
    const body = await readBody(request)
    const reply = await askServer(intake, body)
    return reply === null ? handOver(intake, name, rest, request, url, body) : { reply, folder: intake.folder }
  })
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
  const upload = intake.uploadOf(name, method, path, url.searchParams)
  if (upload !== null) {
    await store(request, upload.file)
    return { reply: upload.done(), folder }
  }
  const call = { method, path, query: url.searchParams, body: body ?? (await readBody(request)) }
  return { reply: intake.handle(name, call), folder }
}

/** Answers one request. Whatever happens, the client gets an answer, and a failure of ours is told on stderr. */
export async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  work: (url: URL) => Promise<Answered>,
): Promise<void> {
  try {
    const { reply, folder } = await work(new URL(request.url ?? '/', 'http://intake'))
    if (reply.file === undefined) send(response, reply)
    else await sendFile(response, reply.file, folder)
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
