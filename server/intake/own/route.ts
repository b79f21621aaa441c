/**
 * Which run of its own a request is of, and what is said above runs: projects, experiments, lists. What is of one run is
 * answered by its intake, as for an attempt.
 */
import type { IncomingMessage } from 'node:http'
import { Refusal } from '../protocol.ts'
import type { Answered } from '../serve.ts'
import type { OwnCall } from './call.ts'
import { routeMlflow } from './mlflow.ts'
import type { OwnRuns } from './own-runs.ts'
import { routeTrackio } from './trackio.ts'
import { routeWandb } from './wandb.ts'

/** Answers a request of any of the three clients. Throws a Refusal. */
export function route(runs: OwnRuns, request: IncomingMessage, url: URL): Promise<Answered> {
  const call: OwnCall = { request, method: request.method ?? 'GET', url, path: url.pathname }
  if (/^\/(?:ajax-)?api\/[23]\.0\//.test(call.path)) return routeMlflow(runs, call)
  if (call.path === '/version' || /^\/(?:api\/\w+$|artifact_blob\/)/.test(call.path)) return routeTrackio(runs, call)
  if (/^\/(?:graphql$|files\/|upload\/|sdk\/otel\/)/.test(call.path)) return routeWandb(runs, call)
  throw new Refusal(404, `There is no ${call.path} here.`)
}
