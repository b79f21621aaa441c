import { z } from 'zod'
import { saveProblemSets } from '../../act/runs/save-problem-sets.ts'
import { describeImpact, listImpact } from '../../read/runs/describe-impact.ts'
import { describeProblemsRound } from '../../read/runs/describe-problems-round.ts'
import { procedure, router } from '../trpc.ts'

const count = z.number().int().min(1).max(1_000_000)
/** What is measured: absent parts are as is usual. */
const measured = z.object({
  id: z.number().int(),
  by: z.string().max(300).optional(),
  epochs: z.union([z.strictObject({ passes: count }), z.strictObject({ steps: count })]).optional(),
  threshold: z.number().max(1).optional(),
})

export const impactRouter = router({
  get: procedure.input(measured).query(({ ctx, input: { id, ...query } }) => describeImpact(ctx.app, id, query)),
  page: procedure
    .input(
      measured.extend({
        order: z.enum(['highest', 'lowest', 'closest']).default('highest'),
        cursor: z.number().int().min(0).nullish(),
        limit: z.number().int().min(1).max(200).default(40),
      }),
    )
    .query(({ ctx, input: { id, cursor, ...query } }) =>
      listImpact(ctx.app, id, { ...query, cursor: cursor ?? undefined }),
    ),
  /** Writes the chosen problems, and gives the sweep that trains on them. */
  startRound: procedure
    .input(
      measured.required({ threshold: true }).extend({
        controls: z.boolean().default(false),
        checkpointId: z.number().int().nullable().default(null),
      }),
    )
    .mutation(async ({ ctx, input: { id, threshold, controls, checkpointId, ...query } }) => {
      const saved = await saveProblemSets(ctx.app, id, { ...query, thresholds: [threshold], controls })
      const seeds = controls ? ['1', '2', '3'] : []
      return describeProblemsRound(ctx.app, id, { sets: saved.map(({ file }) => file), seeds, checkpointId })
    }),
})
