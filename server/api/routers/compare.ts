import { z } from 'zod'
import { describeComparison } from '../../read/compare/describe-comparison.ts'
import { listCandidates } from '../../read/compare/list-candidates.ts'
import { listQuestions, readQuestion } from '../../read/compare/questions.ts'
import { procedure, router } from '../trpc.ts'

const of = z.enum(['runs', 'checkpoints'])
const id = z.number().int()
const pair = z.object({ first: id, second: id })

export const compareRouter = router({
  /** The first of them against each of the others. `baselineId` null: the baseline of the first that is of a sweep with one. */
  get: procedure
    .input(z.object({ of, ids: z.array(id).max(100), baselineId: id.nullable().default(null) }))
    .query(({ ctx, input }) => describeComparison(ctx.app, input)),
  /** Questions that two checkpoints answered in one way. */
  questions: procedure
    .input(
      pair.extend({
        benchmarks: z.array(z.string()).min(1).max(100),
        outcome: z.enum(['both', 'onlyFirst', 'onlySecond', 'neither']),
        search: z.string().max(1000).default(''),
        offset: z.number().int().min(0).default(0),
        limit: z.number().int().min(1).max(200).default(20),
      }),
    )
    .query(({ ctx, input }) => listQuestions(ctx.app, input)),
  question: procedure
    .input(pair.extend({ benchmark: z.string(), id: z.string() }))
    .query(({ ctx, input }) => readQuestion(ctx.app, input)),
  candidates: procedure
    .input(
      z.object({
        of,
        home: z
          .object({ kind: z.enum(['sweep', 'project']), id })
          .nullable()
          .default(null),
        beside: id.nullable().default(null),
      }),
    )
    .query(({ ctx, input }) => listCandidates(ctx.app, input)),
})
