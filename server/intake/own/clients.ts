/** Which requests are those of W&B's, MLflow's and Trackio's clients, and whether one may go on. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Judgement } from '../../base/process/guard.ts'
import { isSame } from '../kept-files.ts'
import { Refusal } from '../protocol.ts'
import { refusalBody } from '../run-intake.ts'
import { keySent } from '../serve.ts'

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

/** Refuses in the form that the three clients read. */
export function refuseClient(response: ServerResponse, { status, reason }: { status: number; reason: string }): void {
  const body = JSON.stringify(
    refusalBody(new Refusal(status, reason, status === 401 ? 'UNAUTHENTICATED' : 'PERMISSION_DENIED')),
  )
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(body)
}
