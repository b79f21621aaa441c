import { z } from 'zod'
import { boardQuerySchema } from '../../../domain/asking/board-query.ts'
import { describeChoices, readBoard } from '../../read/leaderboard/read-board.ts'
import { procedure, router } from '../trpc.ts'

export const leaderboardRouter = router({
  get: procedure
    .input(
      boardQuerySchema.extend({
        offset: z.number().int().min(0).default(0),
        limit: z.number().int().min(1).max(1000).default(100),
      }),
    )
    .query(({ ctx, input: { offset, limit, ...query } }) => readBoard(ctx.app, query, offset, limit)),
  choices: procedure.query(({ ctx }) => describeChoices(ctx.app)),
})
