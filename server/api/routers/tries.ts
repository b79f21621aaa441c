import { z } from 'zod'
import { SweepboardError } from '../../../domain/errors.ts'
import { triedParts } from '../../../domain/sweep/commands/part-to-try.ts'
import { readLogIn } from '../../read/runs/read-log.ts'
import { procedure, router } from '../trpc.ts'

const tryId = z.object({ id: z.string().max(100) })
const mostSeconds = 7 * 86_400

/** Running a part of a sweep before it is there. */
export const triesRouter = router({
  get: procedure.query(({ ctx }) => ctx.tries.view()),
  start: procedure
    .input(
      z.object({
        of: z.enum(triedParts),
        definition: z.unknown(),
        directory: z.string().max(4096).optional(),
        checkpoint: z.string().max(4096).optional(),
        seconds: z.number().min(1).max(mostSeconds),
        untilCheckpoint: z.boolean().optional(),
        wanted: z.array(z.string().max(300)).max(2000).optional(),
      }),
    )
    .mutation(async ({ ctx, input }) => ({ id: await ctx.tries.start({ ...input, definition: input.definition }) })),
  cancel: procedure.input(tryId).mutation(({ ctx, input }) => ctx.tries.cancel(input.id)),
  log: procedure
    .input(tryId.extend({ stream: z.enum(['stdout', 'stderr']), offset: z.number().int().min(0).optional() }))
    .query(({ ctx, input }) => {
      const place = ctx.tries.place(input.id)
      if (place === null) throw new SweepboardError('not-found', `There is no try ${input.id}.`)
      return readLogIn(place.folder, input.stream, place.over, input.offset)
    }),
})
