/** The server: one process with HTTP, the API, the scheduler and the pages. `npm start` runs it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { startJournalWriter } from '../db/journal.ts'
import { SweepboardError } from '../domain/errors.ts'
import { appRouter } from './api/root.ts'
import { logger, setLogLevels } from './base/log.ts'
import { readConfig, type Config } from './base/config.ts'
import { serveFile } from './http/files.ts'
import { judgeRequest } from './http/guard.ts'
import { openPages } from './http/pages.ts'
import { readAhead } from './tables/score-columns.ts'
import { openDataFolder, writeHolder } from './open.ts'
import { startScheduler } from './scheduler/scheduler.ts'
import { readLargeSweepAhead } from './read/sweeps/read-large-sweep-ahead.ts'

const log = logger('server')
const httpLog = logger('http')

/** Ends the process with a sentence for what a person can mend, and with the stack for what they cannot. */
function fail(error: unknown): never {
  if (error instanceof SweepboardError) process.stderr.write(`${error.message}\n`)
  else log.error('The server ends', error)
  process.exit(1)
}

/** The address without its search, which may carry the token or a whole sweep file. */
function pathOf(request: IncomingMessage): string {
  return request.url?.split('?', 1)[0] ?? ''
}

function logRequest(request: IncomingMessage, response: ServerResponse): void {
  const startedAt = performance.now()
  response.on('close', () =>
    httpLog.debug(
      `${request.method} ${pathOf(request)} ${response.statusCode} ${Math.round(performance.now() - startedAt)} ms`,
    ),
  )
}

function start(config: Config): void {
  setLogLevels(config.log)
  const opened = openDataFolder(config)
  if (!('context' in opened)) {
    const where = opened.heldBy
      ? ` (process ${opened.heldBy.pid}${opened.heldBy.url ? `, ${opened.heldBy.url}` : ''})`
      : ''
    throw new SweepboardError(
      'conflict',
      `Another Sweepboard holds the data folder ${config.dataFolder}${where}. Use that one, or choose another folder with SWEEPBOARD_DATA.`,
    )
  }
  const { context } = opened
  const scheduler = startScheduler(context)
  const endCheckpoints = startJournalWriter(context.database.$client, logger('database').error)
  const api = createHTTPHandler({
    router: appRouter,
    basePath: '/api/trpc/',
    createContext: () => ({ app: context, scheduler }),
    // A long series request must not be cut; the list of runs in a URL has its own limit in the input's schema.
    maxBatchSize: 50,
    // The preview of a sweep is a query whose input may be a whole file: it comes as a POST.
    allowMethodOverride: true,
  })
  const pages = openPages(config)
  const ready = pages.then((opening) => opening.ready)
  ready.catch((error: unknown) => {
    fail(
      new SweepboardError(
        'invalid',
        `The pages are not built (${(error as Error).message}). Start Sweepboard with npm start, which builds them.`,
      ),
    )
  })

  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo
    logRequest(request, response)
    const verdict = judgeRequest(request, config, port)
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('x-frame-options', 'DENY')
    response.setHeader('referrer-policy', 'same-origin')
    if (!verdict.allowed) {
      response.writeHead(verdict.status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${verdict.reason}\n`)
      return
    }
    if (verdict.setCookie) response.setHeader('set-cookie', verdict.setCookie)
    if (request.url?.startsWith('/api/trpc/')) void api(request, response)
    else if (request.url === '/healthz') response.end('ok\n')
    // Browsers ask for it beside files that are no pages.
    else if (request.url === '/favicon.ico') response.writeHead(302, { location: '/icon.svg' }).end()
    else if (!serveFile(context, request, response)) {
      ready
        .then((handle) => handle(request, response))
        .catch((error: unknown) => {
          log.error(`${request.method} ${pathOf(request)} failed`, error)
          if (!response.headersSent) response.writeHead(500)
          response.end()
        })
    }
  })
  server.on('error', (error: NodeJS.ErrnoException) => {
    const taken = error.code === 'EADDRINUSE'
    fail(
      taken
        ? new SweepboardError(
            'conflict',
            `Port ${config.port} of ${config.host} is taken. Choose another with PORT=${config.port + 1}.`,
          )
        : error,
    )
  })
  server.listen(config.port, config.host, () => {
    const { port } = server.address() as AddressInfo
    const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
    writeHolder(config.dataFolder, { pid: process.pid, url, token: config.token })
    const { slots } = context.executors.local
    process.stdout.write(
      `Sweepboard: ${url}${config.token === null ? '' : `/?token=${config.token}`}\n` +
        `Data folder: ${config.dataFolder}\n` +
        `${slots.ids.length} ${slots.kind === 'gpu' ? 'GPU' : 'CPU'} slots. Trainings go on when this server stops; the next start finds them.\n`,
    )
    // so that the first page that ranks checkpoints, or many points, need not wait for it
    setImmediate(readAhead, context)
    setImmediate(() => setTimeout(readLargeSweepAhead, 10, context))
  })

  let stopping = false
  async function stop(): Promise<void> {
    if (stopping) process.exit(1)
    stopping = true
    scheduler.stop()
    server.close()
    server.closeAllConnections()
    await Promise.race([pages.then((opened) => opened.close()), new Promise((resolve) => setTimeout(resolve, 2000))])
    await endCheckpoints()
    if ('close' in opened) opened.close()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop())
}

try {
  start(readConfig())
} catch (error) {
  fail(error)
}
