/**
 * Requests of W&B's, MLflow's and Trackio's clients for runs of their own, where their connection stays here: judged as any other, and by
 * the key of the data folder, then handed on to the program that takes them in.
 */
import { request as send, Agent, type IncomingMessage, type ServerResponse } from 'node:http'
import { listOwnRuns, listProjects } from '../../db/queries/own-runs.ts'
import type { Tracker } from '../act/own-runs/tracker.ts'
import type { Context } from '../base/context.ts'
import { logger } from '../base/process/log.ts'
import { refuseClient } from '../intake/own/clients.ts'
import { doorHeader } from '../intake/own/messages.ts'
import { mostIntakeBytes } from '../intake/read-body.ts'
import { uploadPath } from '../intake/trackio/uploads.ts'

const log = logger('intake')
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** Where W&B's client says that its project, its run and its sweep are. */
export const wandbAddress = /^\/sweepboard\/([^/]+)(?:\/runs\/([^/]+)|\/sweeps\/(\d+))?$/

/** Leads from there to the page here; a run that is not known to the list of runs. */
export function leadToRun({ database }: Context, response: ServerResponse, pathname: string): void {
  const [, project, run, sweep] = wandbAddress.exec(pathname)!.map((part) => part && decodeURIComponent(part))
  const found = listProjects(database).find(({ name }) => name === project)
  const runs = found && run !== undefined ? listOwnRuns(database, found.id) : []
  const one = runs.find(({ own }) => own.client === 'wandb' && own.clientId === run)
  const location =
    sweep !== undefined
      ? `/sweeps/${sweep}`
      : one
        ? `/runs/${one.job.id}`
        : found
          ? `/runs?project=${found.id}`
          : '/runs'
  response.writeHead(302, { location }).end()
}

/** Hands a request on. What is not answered is told to be tried again: no client gives up at 503. */
export async function passOn(tracker: Tracker, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // told here: what is refused while it is still sent looks to a proxy like a program that ended
  const isFile = request.method === 'PUT' || request.url === uploadPath
  const most = isFile ? Infinity : mostIntakeBytes
  const tooLarge = { status: 413, reason: `The body is larger than ${most} bytes, the most that is taken.` }
  if (Number(request.headers['content-length'] ?? 0) > most) return refuseClient(response, tooLarge)
  let bytes = 0
  try {
    const { port, secret } = await tracker.door()
    await new Promise<void>((resolve, reject) => {
      const { method, url, headers } = request
      const passed = send(
        {
          host: '127.0.0.1',
          port,
          method,
          path: url,
          agent,
          setHost: false,
          headers: { ...headers, [doorHeader]: secret },
        },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.on('error', reject)
          answer.pipe(response)
          response.on('close', resolve)
        },
      )
      passed.on('error', reject)
      request.on('error', reject)
      // a client that leaves in the middle: what it sent is not taken for whole
      response.on('close', () => {
        if (!response.writableFinished) passed.destroy()
      })
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes <= most || response.headersSent) return
        refuseClient(response, tooLarge)
        passed.destroy()
      })
      request.pipe(passed)
    })
  } catch (error) {
    if (response.headersSent || response.destroyed) {
      response.destroy()
      return
    }
    log.debug(`A client of a tracker is told to try again: ${(error as Error).message}`)
    refuseClient(response, { status: 503, reason: 'The intake is being started; try again.' })
  }
}
