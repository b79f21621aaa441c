import { z } from 'zod'
import { baselineAccuraciesSchema } from '../../../domain/sweep/sweep.ts'
import { listBaselineViews, removeBaseline, saveBaseline } from '../../act/baselines/save-baseline.ts'
import { procedure, router } from '../trpc.ts'

export const baselinesRouter = router({
  list: procedure.query(({ ctx }) => listBaselineViews(ctx.app)),
  save: procedure
    .input(
      z.object({
        id: z.number().int().optional(),
        name: z.string().trim().min(1, 'a baseline needs a name').max(200),
        accuracies: baselineAccuraciesSchema,
        questions: z.record(z.string(), z.number().int().min(1).max(1e9)).default({}),
        note: z.string().max(10_000).default(''),
      }),
    )
    .mutation(({ ctx, input }) => saveBaseline(ctx.app, input)),
  remove: procedure
    .input(z.object({ id: z.number().int() }))
    .mutation(({ ctx, input }) => removeBaseline(ctx.app, input.id)),
})
