import { z } from 'zod'
import {
  describePrompt,
  describeSampleSteps,
  listSamplesByIds,
  readSample,
  readSamples,
} from '../../read/runs/read-samples.ts'
import { procedure, router } from '../trpc.ts'

const runId = z.object({ id: z.number().int() })
const sample = runId.extend({ sampleId: z.number().int() })

export const samplesRouter = router({
  steps: procedure.input(runId).query(({ ctx, input }) => describeSampleSteps(ctx.app, input.id)),
  page: procedure
    .input(
      runId.extend({
        step: z.number().int().min(0).optional(),
        attempt: z.number().int().min(1).optional(),
        promptOf: z.number().int().optional(),
        search: z.string().max(500, 'a search has at most 500 characters').default(''),
        filter: z.string().max(1000, 'a filter has at most 1,000 characters').default(''),
        order: z.enum(['reported', 'highest', 'lowest', 'spread']).default('reported'),
        cursor: z.number().int().nullish(),
        limit: z.number().int().min(1).max(200).default(40),
      }),
    )
    .query(({ ctx, input: { id, cursor, ...query } }) =>
      readSamples(ctx.app, id, { ...query, after: cursor ?? undefined }),
    ),
  some: procedure
    .input(runId.extend({ ids: z.array(z.number().int()).max(200) }))
    .query(({ ctx, input }) => listSamplesByIds(ctx.app, input.id, input.ids)),
  one: procedure.input(sample).query(({ ctx, input }) => readSample(ctx.app, input.id, input.sampleId)),
  prompt: procedure.input(sample).query(({ ctx, input }) => describePrompt(ctx.app, input.id, input.sampleId)),
})
