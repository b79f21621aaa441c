/**
 * Requests of W&B's, MLflow's and Trackio's clients for runs of their own: judged here as any other, and by the key of the data
 * folder, then handed on to the program that takes them in.
 */
import { request as send, Agent, type IncomingMessage, type ServerResponse } from 'node:http'
import { listOwnRuns, listProjects } from '../../db/queries/own-runs.ts'
import type { Tracker } from '../act/own-runs/tracker.ts'
import type { Context } from '../base/context.ts'
import { logger } from '../base/process/log.ts'
import { isSame } from '../intake/kept-files.ts'
import { doorHeader } from '../intake/own/messages.ts'
import { Refusal } from '../intake/protocol.ts'
import { mostIntakeBytes } from '../intake/read-body.ts'
import { refusalBody } from '../intake/run-intake.ts'
import { keySent } from '../intake/serve.ts'
import { uploadPath } from '../intake/trackio/uploads.ts'
import type { Judgement } from './guard.ts'

const log = logger('intake')
const agent = new Agent({ keepAlive: true, maxSockets: 64 })

const addresses: [method: RegExp, pathname: RegExp][] = [
  [/^POST$/, /^\/graphql$/],
  [/^POST$/, /^\/files\/[^/]+\/[^/]+\/[^/]+\/file_stream$/],
  [/^PUT$/, /^\/upload\/[0-9a-f]{32}\//],
  [/^POST$/, /^\/sdk\/otel\//],
  [/./, /^\/(?:ajax-)?api\/[23]\.0\/mlflow(?:-artifacts)?\//],
  [/^GET$/, /^\/version$/],
  [/^POST$/, /^\/api\/\w+$/],
  [/^GET$/, /^\/artifact_blob\/[^/]+\/[0-9a-f]{64}$/],
]

/** Whether a client of a tracker asks. */
export function isTrackerAddress(method: string | undefined, pathname: string): boolean {
  return addresses.some(([methods, paths]) => methods.test(method ?? '') && paths.test(pathname))
}

/**
 * Whether a client may go on: what any request needs, but that the key does instead of a token. A key that is given must be right,
 * whoever gives it: a script that was meant for another server says so at once. An upload has a proof of its own in its address.
 */
export function judgeClient(
  request: IncomingMessage,
  address: URL,
  verdict: Judgement,
  { key, token }: { key: string; token: string | null },
): Judgement {
  // a Host or an Origin that is not ours, another user's process
  if (!verdict.allowed && verdict.status === 403) return verdict
  if (address.pathname.startsWith('/upload/') || (request.method === 'GET' && address.pathname === '/version'))
    return { allowed: true }
  const given = keySent(request, address)
  if (given === null) return verdict
  if (isSame(key, given) || (token !== null && isSame(token, given))) return { allowed: true }
  const reason = 'The key is not that of this data folder; the page Runs shows it.'
  return { allowed: false, status: 401, reason }
}

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

/** Refuses in the form that the three clients read. */
export function refuseClient(response: ServerResponse, { status, reason }: { status: number; reason: string }): void {
  const body = JSON.stringify(
    refusalBody(new Refusal(status, reason, status === 401 ? 'UNAUTHENTICATED' : 'PERMISSION_DENIED')),
  )
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(body)
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
