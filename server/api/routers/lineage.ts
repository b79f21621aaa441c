import { z } from 'zod'
import { describeLine, describeTree } from '../../read/lineage/describe-lineage.ts'
import { procedure, router } from '../trpc.ts'

/** null or absent: each sweep's own baseline. */
const scoredBy = z.object({ baselineId: z.number().int().nullable().default(null) })

export const lineageRouter = router({
  tree: procedure.input(scoredBy).query(({ ctx, input }) => describeTree(ctx.app, input.baselineId)),
  line: procedure
    .input(scoredBy.extend({ runId: z.number().int() }))
    .query(({ ctx, input }) => describeLine(ctx.app, input.runId, input.baselineId)),
})
