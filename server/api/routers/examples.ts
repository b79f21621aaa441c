import { z } from 'zod'
import { listExamples, runExample } from '../../act/examples/run-example.ts'
import { keepStartingPoint, removeStartingPoint } from '../../act/examples/keep-starting-point.ts'
import { loadStudy } from '../../act/examples/load-study.ts'
import { listStartingPoints } from '../../read/examples/list-starting-points.ts'
import { procedure, router } from '../trpc.ts'

export const examplesRouter = router({
  list: procedure.query(({ ctx }) => listExamples(ctx.app)),
  run: procedure
    .input(z.object({ name: z.enum(['short-cot', 'curriculum']) }))
    .mutation(({ ctx, input }) => runExample(ctx.app, input.name)),
  startingPoints: procedure.query(({ ctx }) => listStartingPoints(ctx.app)),
  keepStartingPoint: procedure
    .input(
      z.object({
        name: z.string().trim().min(1, 'a starting point needs a name').max(200),
        definition: z.unknown(),
        directory: z.string().max(4096).default(''),
      }),
    )
    .mutation(({ ctx, input }) => keepStartingPoint(ctx.app, { ...input, definition: input.definition })),
  removeStartingPoint: procedure
    .input(z.object({ id: z.number().int() }))
    .mutation(({ ctx, input }) => removeStartingPoint(ctx.app, input.id)),
  loadStudy: procedure.mutation(({ ctx }) => ({ sweepIds: loadStudy(ctx.app) })),
})
