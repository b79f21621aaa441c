import { z } from 'zod'
import { highestTemperature, mostSamples } from '../../../domain/score/again.ts'
import { cancelRepeats, retryRepeats } from '../../act/checkpoints/change-repeats.ts'
import { describeAgainOptions, evaluateAgain } from '../../act/checkpoints/evaluate-again.ts'
import { cleanUp, planCleanUp } from '../../act/checkpoints/clean-up.ts'
import { describeNextRound } from '../../read/checkpoints/describe-next-round.ts'
import { pickCheckpoint } from '../../act/checkpoints/pick-checkpoint.ts'
import { tagCheckpoint } from '../../act/checkpoints/tag-checkpoint.ts'
import { procedure, router } from '../trpc.ts'

const keepRule = z.object({
  sweepId: z.number().int(),
  last: z.number().int().min(0),
  best: z.number().int().min(0),
})
const checkpointIds = z.array(z.number().int()).min(1).max(500)
const jobIds = z.object({ jobIds: z.array(z.number().int()).min(1).max(500) })
const checkpointId = z.object({ id: z.number().int() })

export const checkpointsRouter = router({
  pick: procedure
    .input(checkpointId.extend({ picked: z.boolean(), note: z.string().max(20_000).optional() }))
    .mutation(({ ctx, input }) => pickCheckpoint(ctx.app, input)),
  tag: procedure
    .input(
      checkpointId.extend({
        tags: z.array(z.string().max(100, 'a tag has at most 100 characters')).max(50).optional(),
        note: z.string().max(20_000).optional(),
      }),
    )
    .mutation(({ ctx, input }) => tagCheckpoint(ctx.app, input)),
  /** What a keep rule would delete; nothing is changed. */
  planCleanUp: procedure
    .input(keepRule)
    .query(({ ctx, input: { sweepId, ...rule } }) => planCleanUp(ctx.app, sweepId, rule)),
  cleanUp: procedure
    .input(keepRule.extend({ checkpointIds: z.array(z.number().int()).min(1) }))
    .mutation(({ ctx, input: { sweepId, checkpointIds, ...rule } }) =>
      cleanUp(ctx.app, { sweepId, rule, checkpointIds }),
    ),
  /** What can be chosen when these checkpoints are evaluated again; nothing is changed. */
  againOptions: procedure
    .input(z.object({ ids: checkpointIds }))
    .query(({ ctx, input }) => describeAgainOptions(ctx.app, input.ids)),
  evaluateAgain: procedure
    .input(
      z.object({
        checkpointIds,
        benchmarks: z.array(z.string().min(1).max(4096)).max(100).default([]),
        samples: z.number().int().min(1).max(mostSamples),
        temperature: z.number().min(0).max(highestTemperature),
      }),
    )
    .mutation(({ ctx, input }) => evaluateAgain(ctx.app, input)),
  cancelAgain: procedure.input(jobIds).mutation(({ ctx, input }) => cancelRepeats(ctx.app, input.jobIds)),
  retryAgain: procedure.input(jobIds).mutation(({ ctx, input }) => retryRepeats(ctx.app, input.jobIds)),
  nextRound: procedure
    .input(z.object({ ids: z.array(z.number().int()).min(1).max(100) }))
    .query(({ ctx, input }) => describeNextRound(ctx.app, input.ids)),
})
