import { z } from 'zod'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { describeTimeline } from '../../read/where/describe-timeline.ts'
import { readPlacedAttempt, readPlacedAttempts } from '../../read/where/placed-attempts.ts'
import { procedure, router } from '../trpc.ts'

const time = z.number().int().min(0).nullable().default(null)
/** Where attempts ran and when: of a sweep (`id`), or of all (null). */
export const whereRouter = router({
  timeline: procedure
    .input(
      z.object({
        id: z.number().int().nullable(),
        to: time,
        milliseconds: time,
        firstLane: z.number().int().min(0).default(0),
      }),
    )
    .query(({ ctx, input: { id, ...query } }) =>
      describeTimeline(ctx.app, id === null ? null : requireSweep(ctx.app, id), query),
    ),
  attempts: procedure
    .input(
      z.object({
        id: z.number().int().nullable(),
        offset: z.number().int().min(0).default(0),
        limit: z.number().int().min(1).max(200).default(60),
      }),
    )
    .query(({ ctx, input: { id, ...page } }) => readPlacedAttempts(ctx.app, { sweepId: id, ...page })),
  attempt: procedure
    .input(z.object({ jobId: z.number().int(), attempt: z.number().int() }))
    .query(({ ctx, input }) => readPlacedAttempt(ctx.app, input.jobId, input.attempt)),
})
