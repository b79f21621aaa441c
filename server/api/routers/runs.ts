import { setImmediate as nextTurn } from 'node:timers/promises'
import { z } from 'zod'
import { findOwnRun } from '../../../db/queries/own-runs.ts'
import { axisKinds } from '../../../domain/asking/step-places.ts'
import { requireRun } from '../../base/finding/find-run-job.ts'
import { inTurn } from '../../base/process/in-turn.ts'
import { cancelRun, noteRun, retryRun } from '../../act/runs/change-run.ts'
import { describeOwnRun } from '../../read/own-runs/describe-own-run.ts'
import { describeReasons } from '../../read/runs/describe-reasons.ts'
import { describeSystemMetrics } from '../../read/runs/describe-system-metrics.ts'
import { describeRun, readJobFile } from '../../read/runs/describe-run.ts'
import { findRunJob } from '../../base/finding/find-run-job.ts'
import { patchOf, whatWasRun } from '../../base/saying/what-was-run.ts'
import { readLog } from '../../read/runs/read-log.ts'
import { readRunsList } from '../../read/runs/list-runs.ts'
import { readBundle } from '../../read/runs/read-bundle.ts'
import { lastStepOf, readSeries } from '../../read/runs/read-series.ts'
import { listAxes } from '../../read/runs/step-axis.ts'
import { procedure, router } from '../trpc.ts'

const runId = z.object({ id: z.number().int() })
const attemptOfRun = runId.extend({ attempt: z.number().int().min(1) })

export const runsRouter = router({
  /** A sweep's run, or one of its own, whose `sweep` is null. */
  get: procedure.input(runId).query(({ ctx, input }) => {
    const own = findOwnRun(ctx.app.database, input.id)
    return own ? describeOwnRun(ctx.app, own) : describeRun(ctx.app, requireRun(ctx.app, input.id))
  }),
  /** Runs of their own, or of sweeps too, as a list. */
  list: procedure
    .input(
      z.object({
        of: z.enum(['own', 'all']).default('own'),
        projectId: z.number().int().optional(),
        ids: z.array(z.number().int()).max(1000).optional(),
        filter: z.string().max(2000).default(''),
        sort: z.string().max(1100).default('started'),
        descending: z.boolean().default(true),
        /** Columns of the rows, or as many of the settings that differ. */
        settings: z.union([z.array(z.string().max(1000)).max(50), z.number().int().min(0).max(50)]).optional(),
        metrics: z.array(z.string().max(1000)).max(50).optional(),
        offset: z.number().int().min(0).default(0),
        limit: z.number().int().min(1).max(1000).default(100),
      }),
    )
    .query(({ ctx, input }) => readRunsList(ctx.app, input)),
  /** What the curves and scores say at each checkpoint. */
  reasons: procedure.input(runId).query(({ ctx, input }) => describeReasons(ctx.app, requireRun(ctx.app, input.id))),
  cancel: procedure.input(runId).mutation(({ ctx, input }) => cancelRun(ctx.app, input.id)),
  note: procedure
    .input(runId.extend({ note: z.string().max(20_000) }))
    .mutation(({ ctx, input }) => noteRun(ctx.app, input)),
  retry: procedure.input(runId).mutation(({ ctx, input }) => retryRun(ctx.app, input.id)),
  jobFile: procedure
    .input(runId.extend({ attempt: z.number().int().min(1).optional(), evaluationJobId: z.number().int().optional() }))
    .query(({ ctx, input }) => {
      const job = findRunJob(ctx.app, input.id, input.evaluationJobId)
      return readJobFile(ctx.app, job, input.attempt ?? job.attempt)
    }),
  /** What an attempt was run with; null where a version that did not look started it. */
  ran: procedure
    .input(attemptOfRun)
    .query(({ ctx, input }) => whatWasRun(ctx.app, requireRun(ctx.app, input.id).id, input.attempt)),
  /** What differed from the commit, as text. */
  patch: procedure
    .input(attemptOfRun)
    .query(
      ({ ctx, input }) => patchOf(ctx.app, requireRun(ctx.app, input.id).id, input.attempt)?.toString('utf8') ?? null,
    ),
  log: procedure
    .input(
      runId.extend({
        attempt: z.number().int().min(1),
        stream: z.enum(['stdout', 'stderr']),
        offset: z.number().int().min(0).optional(),
        evaluationJobId: z.number().int().optional(),
      }),
    )
    .query(({ ctx, input }) =>
      readLog(ctx.app, findRunJob(ctx.app, input.id, input.evaluationJobId), input.attempt, input.stream, input.offset),
    ),
  /** What its attempts, or those of one of its evaluations, and the machine took; null where nothing was sampled. */
  systemMetrics: procedure
    .input(
      runId.extend({
        evaluationJobId: z.number().int().optional(),
        buckets: z.number().int().min(20).max(4000).default(300),
      }),
    )
    .query(({ ctx, input: { id, evaluationJobId, buckets } }) =>
      describeSystemMetrics(ctx.app, findRunJob(ctx.app, id, evaluationJobId), buckets),
    ),
  /** The highest step that any of these runs has reached; 0 where none reported one. */
  lastStep: procedure
    .input(z.object({ runIds: z.array(z.number().int()).min(1).max(200) }))
    .query(({ ctx, input }) => lastStepOf(ctx.app, input.runIds)),
  /** The axes that curves of these runs can stand on besides steps. */
  axes: procedure
    .input(z.object({ runIds: z.array(z.number().int()).min(1).max(200) }))
    // after the curves that were asked for beside it: of many runs these are what somebody waits for
    .query(({ ctx, input }) => nextTurn().then(() => inTurn(() => listAxes(ctx.app, input.runIds)))),
  series: procedure
    .input(
      z.object({
        runIds: z.array(z.number().int()).min(1).max(200),
        metrics: z.array(z.string()).min(1).max(200),
        axis: z.enum(axisKinds).default('step'),
        /** Places on the axis: steps, seconds, epochs, tokens. */
        from: z.number().min(0).optional(),
        to: z.number().min(0).optional(),
        buckets: z.number().int().min(1).max(4000).default(500),
      }),
    )
    .query(({ ctx, input }) => readSeries(ctx.app, input)),
  /** A metric of many runs over each other; `since`: what an earlier answer gave as its version. */
  bundle: procedure
    .input(
      z.object({
        runIds: z.array(z.number().int()).min(1).max(200),
        metric: z.string(),
        axis: z.enum(axisKinds).default('step'),
        from: z.number().min(0).optional(),
        to: z.number().min(0).optional(),
        buckets: z.number().int().min(1).max(4000).default(400),
        since: z.string().max(100).optional(),
      }),
    )
    .query(({ ctx, input }) => inTurn(() => readBundle(ctx.app, input))),
})
