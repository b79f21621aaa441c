/** The server: one process with HTTP, the API, the scheduler and the pages. `npm start` runs it (main.ts). */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { startJournalWriter } from '../db/journal.ts'
import { SweepboardError } from '../domain/errors.ts'
import { openTracker } from './act/own-runs/tracker.ts'
import { openTries } from './act/tries/tries.ts'
import { appRouter } from './api/root.ts'
import { logger, setLogLevels } from './base/process/log.ts'
import { readConfig, type Config } from './base/process/config.ts'
import { answerRequests, limitTimes } from './http/answer.ts'
import { knowsConnectionOwners } from './http/connection-owner.ts'
import { readContentPolicy } from './http/content-policy.ts'
import { mostBodyBytesOfAll } from './http/limits.ts'
import { openPages, builtPagesFolder } from './http/pages.ts'
import { describeHealth } from './read/system/describe-health.ts'
import { readAhead } from './read/leaderboard/read-board.ts'
import { openDataFolder, writeHolder } from './open.ts'
import { startScheduler } from './scheduler/scheduler.ts'
import { watchAlerts } from './scheduler/watch-alerts.ts'
import { watchDamage } from './scheduler/watch-damage.ts'
import { readLargeSweepAhead } from './read/sweeps/read-large-sweep-ahead.ts'

const log = logger('server')

/** Ends the process with a sentence for what a person can mend, and with the stack for what they cannot. */
function fail(error: unknown): never {
  if (error instanceof SweepboardError) process.stderr.write(`${error.message}\n`)
  else log.error('The server ends', error)
  process.exit(1)
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
  context.watch.tellTo(({ what, named, milliseconds }) =>
    log[named ? 'warning' : 'debug'](`${what} held the server for ${milliseconds} ms`),
  )
  const scheduler = startScheduler(context)
  const endCheckpoints = startJournalWriter(context.database.$client, logger('database').error)
  const endDamageCheck = watchDamage(context, scheduler)
  const tracker = openTracker(context)
  const tries = openTries(context)
  let endAlerts = () => {}
  const api = createHTTPHandler({
    router: appRouter,
    basePath: '/api/trpc/',
    createContext: () => ({ app: context, scheduler, tries }),
    // A long series request must not be cut; the list of runs in a URL has its own limit in the input's schema.
    maxBatchSize: 50,
    // The preview of a sweep is a query whose input may be a whole file: it comes as a POST.
    allowMethodOverride: true,
    maxBodySize: mostBodyBytesOfAll,
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

  const server = createServer()
  limitTimes(server)
  answerRequests(server, {
    config,
    context,
    api,
    pages: ready,
    policy: config.dev ? null : readContentPolicy(builtPagesFolder(config.environment)),
    tracker,
    health: (streams) => describeHealth(context, { scheduler: scheduler.state(), streams }),
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
    writeHolder(config.dataFolder, { pid: process.pid, url, token: config.token ?? config.spareToken })
    const { slots } = context.executors.local
    // where the kernel cannot be asked, everybody needs the token
    const token = config.token ?? (knowsConnectionOwners() ? null : config.spareToken)
    process.stdout.write(
      `Sweepboard: ${url}${token === null ? '' : `/?token=${token}`}\n` +
        `Data folder: ${config.dataFolder}\n` +
        `${slots.ids.length} ${slots.kind === 'gpu' ? 'GPU' : 'CPU'} slots. Trainings go on when this server stops; the next start finds them.\n`,
    )
    endAlerts = watchAlerts(context, url)
    // so that the first page that ranks checkpoints, or many points, need not wait for it
    void readAhead(context)
    setImmediate(() => setTimeout(readLargeSweepAhead, 10, context))
  })

  let stopping = false
  async function stop(): Promise<void> {
    if (stopping) process.exit(1)
    stopping = true
    scheduler.stop()
    tracker.close()
    tries.close()
    context.watch.stop()
    server.close()
    server.closeAllConnections()
    await Promise.race([pages.then((opened) => opened.close()), new Promise((resolve) => setTimeout(resolve, 2000))])
    endAlerts()
    endDamageCheck()
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
