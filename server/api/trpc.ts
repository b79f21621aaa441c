import { initTRPC } from '@trpc/server'
import { transformer } from '../../contract/transformer.ts'
import type { Issue } from '../../domain/errors.ts'
import type { Context } from '../base/context.ts'
import type { Tries } from '../act/tries/tries.ts'
import type { Scheduler } from '../scheduler/scheduler.ts'
import { issuesOf, mapError } from './error-mapping.ts'

export type ApiContext = { app: Context; scheduler: Scheduler; tries: Tries }

const t = initTRPC.context<ApiContext>().create({
  transformer,
  sse: { ping: { enabled: true, intervalMs: 5000 }, client: { reconnectAfterInactivityMs: 15_000 } },
  errorFormatter({ shape, error }) {
    const issues: Issue[] = issuesOf(error)
    // A stack is for the server's own output.
    const { stack: _stack, ...data } = shape.data
    return { ...shape, data: { ...data, issues } }
  },
})

export const router = t.router
/** Every procedure: the project's own errors become the API's here, once. */
export const procedure = t.procedure.use(async ({ next, path, ctx }) => {
  const end = ctx.app.watch.begin(`The request ${path}`)
  const result = await next().finally(end)
  if (!result.ok) throw mapError(result.error, path)
  return result
})
