import { z } from 'zod'
import { describeLineage } from '../../read/lineage/describe-lineage.ts'
import { procedure, router } from '../trpc.ts'

export const lineageRouter = router({
  /** `baselineId` null or absent: each sweep's own baseline. */
  get: procedure
    .input(z.object({ baselineId: z.number().int().nullable().default(null) }))
    .query(({ ctx, input }) => describeLineage(ctx.app, input.baselineId)),
})
