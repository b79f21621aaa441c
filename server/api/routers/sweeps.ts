import { finishItsEvaluation } from '../../act/checkpoints/finish-evaluation.ts'
import { z } from 'zod'
import { baselineAccuraciesSchema, maximumPoints, type SweepInput } from '../../../domain/sweep/sweep.ts'
import { setSweepBaseline } from '../../act/baselines/set-sweep-baseline.ts'
import {
  cancelSweep,
  noteSweep,
  pauseSweep,
  removeSweep,
  restoreSweep,
  resumeSweep,
} from '../../act/sweeps/change-sweep.ts'
import { createSweep } from '../../act/sweeps/create-sweep.ts'
import { proposeByPerson, setTrainings } from '../../act/sweeps/propose-trainings.ts'
import { describeAgainstBaseline } from '../../read/sweeps/against-baseline.ts'
import { countStarted } from '../../read/sweeps/count-started.ts'
import {
  describeSweep,
  describeWholeSweep,
  listSweepSummaries,
  readRunsPage,
} from '../../read/sweeps/describe-sweep.ts'
import { describeFront } from '../../read/sweeps/describe-front.ts'
import { describeSearch, describeSearchMap } from '../../read/sweeps/describe-search.ts'
import { describeParameters } from '../../read/sweeps/describe-parameters.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import { readParallelPoints } from '../../tables/parallel-points.ts'
import { readPointsMap } from '../../tables/points-map.ts'
import { metricNamesInTurns } from '../../tables/metric-columns.ts'
import { readPoint, readPointsPageInTurns } from '../../read/sweeps/points-page.ts'
import { previewSweep } from '../../read/sweeps/preview-sweep.ts'
import { tryReport } from '../../read/reports/try-report.ts'
import { readSurface } from '../../read/sweeps/read-surface.ts'
import { setBudget } from '../../act/sweeps/set-budget.ts'
import { retrySweep } from '../../act/sweeps/retry-sweep.ts'
import { procedure, router } from '../trpc.ts'

/** Columns shown, and names in a typed filter. */
const mostMetricsAsked = 50
const sweepId = z.object({ id: z.number().int() })
// The definition's own schema is applied by the verb, which tells every issue with its place.
const given = z.object({
  definition: z.custom<SweepInput>().optional(),
  text: z.string().max(5_000_000).optional(),
  directory: z.string().optional(),
})

/** What becomes of what earlier sweeps did. */
const how = {
  reuse: z.boolean().optional(),
  continue: z.boolean().optional(),
  overwrite: z.boolean().optional(),
}

export const sweepsRouter = router({
  list: procedure
    .input(z.object({ search: z.string().optional(), limit: z.number().int().min(1).max(1000).optional() }).optional())
    .query(({ ctx, input }) => listSweepSummaries(ctx.app, input?.search, input?.limit)),
  get: procedure.input(sweepId).query(({ ctx, input }) => describeSweep(ctx.app, requireSweep(ctx.app, input.id))),
  againstBaseline: procedure
    .input(sweepId)
    .query(({ ctx, input }) => describeAgainstBaseline(ctx.app, requireSweep(ctx.app, input.id))),
  whole: procedure
    .input(sweepId)
    .query(({ ctx, input }) => describeWholeSweep(ctx.app, requireSweep(ctx.app, input.id))),
  startedSince: procedure
    .input(sweepId.extend({ since: z.number() }))
    .query(({ ctx, input }) => countStarted(ctx.app, input.id, input.since)),
  points: procedure
    .input(
      sweepId.extend({
        sort: z.object({ key: z.string(), descending: z.boolean() }).default({ key: 'score', descending: true }),
        filter: z.string().default(''),
        offset: z.number().int().min(0).default(0),
        limit: z.number().int().min(1).max(1000).default(100),
        metrics: z.array(z.string()).max(mostMetricsAsked).default([]),
        asOf: z.number().int().nullable().default(null),
      }),
    )
    .query(({ ctx, input }) => readPointsPageInTurns(ctx.app, requireSweep(ctx.app, input.id), input)),
  runs: procedure
    .input(
      sweepId.extend({
        which: z.enum(['all', 'live', 'failed']).default('all'),
        offset: z.number().int().min(0).default(0),
        limit: z.number().int().min(1).max(1000).default(100),
      }),
    )
    .query(({ ctx, input }) => readRunsPage(ctx.app, requireSweep(ctx.app, input.id), input)),
  metricNames: procedure
    .input(sweepId)
    .query(({ ctx, input }) => metricNamesInTurns(ctx.app, requireSweep(ctx.app, input.id))),
  point: procedure
    .input(sweepId.extend({ pointId: z.number().int() }))
    .query(({ ctx, input }) => readPoint(ctx.app, requireSweep(ctx.app, input.id), input.pointId)),
  /** A `PointsMap` as JSON text. */
  map: procedure
    .input(
      sweepId.extend({
        down: z.string().nullable().default(null),
        across: z.string().nullable().default(null),
        panel: z.string().nullable().default(null),
        fixed: z.record(z.string(), z.string()).default({}),
      }),
    )
    // as text: superjson would walk through each of up to 700,000 numbers to see whether it is a date
    .query(({ ctx, input }) => {
      const asked = input.down ?? input.across ?? input.panel
      return JSON.stringify(readPointsMap(ctx.app, requireSweep(ctx.app, input.id), asked === null ? null : input))
    }),
  front: procedure.input(sweepId).query(({ ctx, input }) => describeFront(ctx.app, requireSweep(ctx.app, input.id))),
  search: procedure.input(sweepId).query(({ ctx, input }) => describeSearch(ctx.app, requireSweep(ctx.app, input.id))),
  searchMap: procedure
    .input(sweepId.extend({ down: z.string(), across: z.string() }))
    .query(({ ctx, input: { id, ...axes } }) => describeSearchMap(ctx.app, requireSweep(ctx.app, id), axes)),
  parameters: procedure
    .input(sweepId)
    .query(({ ctx, input }) => describeParameters(ctx.app, requireSweep(ctx.app, input.id), 100)),
  /** A `SurfaceView` as JSON text, as is the next. */
  surface: procedure
    .input(sweepId.extend({ down: z.string(), across: z.string(), others: z.enum(['mean', 'best']) }))
    .query(({ ctx, input }) => JSON.stringify(readSurface(ctx.app, requireSweep(ctx.app, input.id), input))),
  /** A `ParallelView`. */
  parallel: procedure
    .input(sweepId.extend({ ranges: z.record(z.string(), z.tuple([z.number(), z.number()])).default({}) }))
    .query(({ ctx, input }) =>
      JSON.stringify(readParallelPoints(ctx.app, requireSweep(ctx.app, input.id), input.ranges)),
    ),
  preview: procedure.input(given.extend(how)).query(({ ctx, input }) => previewSweep(ctx.app, input)),
  /** Reads a file that the person names, so that it is no query, which another site's page could ask for. */
  tryReport: procedure
    .input(
      z.object({
        settings: z.unknown(),
        directory: z.string().max(4096).optional(),
        path: z.string().max(4096).optional(),
        text: z.string().max(5_000_000).optional(),
        name: z.string().max(300).optional(),
        wanted: z.array(z.string().max(300)).max(2000),
      }),
    )
    .mutation(({ input }) => tryReport(input)),
  create: procedure
    .input(
      given.extend({
        paused: z.boolean().optional(),
        origin: z.enum(['file', 'form']).optional(),
        ...how,
      }),
    )
    .mutation(({ ctx, input }) => ({ id: createSweep(ctx.app, input).id })),
  pause: procedure.input(sweepId).mutation(({ ctx, input }) => pauseSweep(ctx.app, input.id)),
  resume: procedure.input(sweepId).mutation(({ ctx, input }) => resumeSweep(ctx.app, input.id)),
  note: procedure
    .input(sweepId.extend({ note: z.string().max(20_000) }))
    .mutation(({ ctx, input }) => noteSweep(ctx.app, input)),
  cancel: procedure.input(sweepId).mutation(({ ctx, input }) => cancelSweep(ctx.app, input.id)),
  setBudget: procedure
    .input(sweepId.extend({ gpuHours: z.number().nullable(), source: z.string().max(5_000_000).optional() }))
    .mutation(({ ctx, input: { id, ...rest } }) => setBudget(ctx.app, id, rest)),
  setTrainings: procedure
    .input(
      sweepId.extend({
        trainings: z.number().int().min(1).max(maximumPoints),
        source: z.string().max(5_000_000).optional(),
      }),
    )
    .mutation(({ ctx, input: { id, ...rest } }) => setTrainings(ctx.app, id, rest)),
  propose: procedure
    .input(sweepId.extend({ values: z.record(z.string(), z.string().max(10_000)) }))
    .mutation(({ ctx, input }) => ({ run: proposeByPerson(ctx.app, input.id, input.values) })),
  retryFailed: procedure
    .input(sweepId)
    .mutation(async ({ ctx, input }) => ({ jobs: await retrySweep(ctx.app, input.id) })),
  /** Asks a point that its race gave up all that it was not asked. */
  finishEvaluation: procedure
    .input(z.object({ pointId: z.number().int() }))
    .mutation(({ ctx, input }) => finishItsEvaluation(ctx.app, input.pointId)),
  remove: procedure.input(sweepId).mutation(({ ctx, input }) => removeSweep(ctx.app, input.id)),
  restore: procedure.input(sweepId).mutation(({ ctx, input }) => restoreSweep(ctx.app, input.id)),
  setBaseline: procedure
    .input(sweepId.extend({ baselineId: z.number().int().optional(), accuracies: baselineAccuraciesSchema.optional() }))
    .mutation(({ ctx, input }) => setSweepBaseline(ctx.app, input)),
})
