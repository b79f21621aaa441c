import { z } from 'zod'
import { listExamples, runExample } from '../../act/examples/run-example.ts'
import { loadStudy } from '../../act/examples/load-study.ts'
import { procedure, router } from '../trpc.ts'

export const examplesRouter = router({
  list: procedure.query(({ ctx }) => listExamples(ctx.app)),
  run: procedure
    .input(z.object({ name: z.enum(['short-cot', 'curriculum']) }))
    .mutation(({ ctx, input }) => runExample(ctx.app, input.name)),
  loadStudy: procedure.mutation(({ ctx }) => ({ sweepIds: loadStudy(ctx.app) })),
})
