/** What answers a request: judged first, whatever it is, and nothing that is wrong with one harms another. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Config } from '../base/process/config.ts'
import type { Tracker } from '../act/own-runs/tracker.ts'
import type { Context } from '../base/context.ts'
import { judgeRequest, parseAddress, setSafeHeaders, type ConnectionOwner } from '../base/process/guard.ts'
import { logger } from '../base/process/log.ts'
import { isTrackerAddress, judgeClient, refuseClient } from '../intake/own/clients.ts'
import { connectionOwner } from './connection-owner.ts'
import type { ContentPolicy } from './content-policy.ts'
import { serveFile } from './files.ts'
import { handClient, takeListeners } from './hand-over.ts'
import { leadToRun, passOn, wandbAddress } from './tracker.ts'
import { bodyRefusal, countStreams, limitBodyTime, mostStreams } from './limits.ts'

const log = logger('http')
const plain = { 'content-type': 'text/plain; charset=utf-8' }
/** Pages subscribe here. */
const streamAddress = /^\/api\/trpc\/changes\./

export type Answerers = {
  config: Config
  context: Context
  api: RequestListener
  /** Next's handler, once the pages are ready. */
  pages: Promise<(request: IncomingMessage, response: ServerResponse) => Promise<void>>
  /** null: pages are built as they are asked for, and their scripts change. */
  policy: ContentPolicy | null
  /** What takes in runs of their own. */
  tracker: Tracker
  health: (streams: number) => { healthy: boolean; body: object }
}

/** Limits of time on a server: what does not come is not waited for. */
export function limitTimes(server: Server): void {
  server.headersTimeout = 10_000
  // how long a body may take depends on what it is of: `limitBodyTime`, for all but models and files that a client sends
  server.requestTimeout = 0
  server.keepAliveTimeout = 10_000
  // a download that nobody reads, say; streams of changes say something every few seconds
  server.timeout = 600_000
}

/** Handles every request of a server. Never throws: whatever fails is logged, and answered with 500. */
export function answerRequests(server: Server, answers: Answerers): void {
  const owners = new WeakMap<Socket, ConnectionOwner>()
  const streams = countStreams()
  const accept = takeListeners(server)
  server.on('connection', (socket: Socket) => {
    if (answers.config.token !== null) return accept(socket)
    const owner = connectionOwner(socket)
    owners.set(socket, owner)
    if (owner === 'allowed') handClient(socket, answers.tracker, server.headersTimeout, accept)
    else accept(socket)
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    try {
      logRequest(request, response)
      answer(request, response)
    } catch (error) {
      fail(request, response, error)
    }
  })

  function answer(request: IncomingMessage, response: ServerResponse): void {
    setSafeHeaders(response)
    const address = parseAddress(request.url)
    if (address === null) return refuse(response, 400, `The address ${quote(request.url)} is malformed.`)
    const port = request.socket.localPort ?? answers.config.port
    const owner = owners.get(request.socket) ?? 'unknown'
    const judged = judgeRequest(request, answers.config, { port, owner, address })
    if (isTrackerAddress(request.method, address.pathname)) {
      const { tracker, config } = answers
      const verdict = judgeClient(request, address, judged, { key: tracker.key, token: config.token })
      if (verdict.allowed) void passOn(tracker, request, response)
      else refuseClient(response, verdict)
      return
    }
    limitBodyTime(request)
    const verdict = judged
    if (!verdict.allowed) return refuse(response, verdict.status, verdict.reason)
    if (verdict.setCookie) response.setHeader('set-cookie', verdict.setCookie)
    const tooLarge = bodyRefusal(request, address.pathname)
    if (tooLarge !== null) return refuse(response, 413, tooLarge)
    route(request, response, address)
  }

  function route(request: IncomingMessage, response: ServerResponse, address: URL): void {
    const { pathname } = address
    // files of runs may have any name
    if (!pathname.startsWith('/files/') && !isDecodable(pathname))
      return refuse(response, 400, `The address ${quote(pathname)} is malformed.`)
    if (streamAddress.test(pathname) && !streams.open(response)) {
      refuse(response, 503, `${mostStreams} pages listen to changes already; close some of them.`)
    } else if (pathname.startsWith('/api/trpc/')) void answers.api(request, response)
    else if (pathname === '/healthz') response.end('ok\n')
    else if (pathname === '/api/health') {
      const { healthy, body } = answers.health(streams.count())
      response.writeHead(healthy ? 200 : 503, { 'content-type': 'application/json' })
      response.end(`${JSON.stringify(body)}\n`)
    }
    // Browsers ask for it beside files that are no pages.
    else if (pathname === '/favicon.ico') response.writeHead(302, { location: '/icon.svg' }).end()
    else if (wandbAddress.test(pathname)) leadToRun(answers.context, response, pathname)
    else if (!serveFile(answers.context, request, response, address)) servePage(request, response, pathname)
  }

  function servePage(request: IncomingMessage, response: ServerResponse, pathname: string): void {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, `${quote(request.method)} means nothing at ${quote(pathname)}.`)
    // a header of this name from outside would choose the nonce
    delete request.headers['content-security-policy']
    if (answers.policy !== null) {
      const policy = answers.policy(pathname, randomBytes(16).toString('base64'))
      request.headers['content-security-policy'] = policy
      response.setHeader('content-security-policy', policy)
    }
    answers.pages.then((handle) => handle(request, response)).catch((error: unknown) => fail(request, response, error))
  }
}

function isDecodable(pathname: string): boolean {
  try {
    return !decodeURIComponent(pathname).includes('\0')
  } catch {
    return false
  }
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  // what the client still sends is not read: the connection ends with the answer
  response.writeHead(status, status === 413 ? { ...plain, connection: 'close' } : plain).end(`${reason}\n`)
}

function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  log.error(`${request.method} ${pathOf(request)} failed`, error)
  if (response.headersSent) response.destroy()
  else response.writeHead(500, plain).end('The server failed at this; its log says why.\n')
}

function logRequest(request: IncomingMessage, response: ServerResponse): void {
  const startedAt = performance.now()
  response.on('close', () =>
    log.debug(
      `${request.method} ${pathOf(request)} ${response.statusCode} ${Math.round(performance.now() - startedAt)} ms`,
    ),
  )
}

/** The address without its search, which may carry the token or a whole sweep file. */
function pathOf(request: IncomingMessage): string {
  return request.url?.split('?', 1)[0] ?? ''
}

function quote(text: string | undefined): string {
  return JSON.stringify(text === undefined || text.length <= 200 ? text : `${text.slice(0, 200)}…`) ?? 'nothing'
}
