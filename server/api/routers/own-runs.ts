import { z } from 'zod'
import { changeOwnRun, endOwnRun, markDeleted } from '../../act/own-runs/change-own-run.ts'
import { trackerKey } from '../../act/own-runs/tracker-key.ts'
import { listProjectViews, readOwnRuns } from '../../read/own-runs/list-own-runs.ts'
import { procedure, router } from '../trpc.ts'

const runId = z.object({ id: z.number().int() })
const some = z.object({ ids: z.array(z.number().int()).min(1).max(1000) })
const names = z.array(z.string().max(1000)).max(50).optional()

export const ownRunsRouter = router({
  projects: procedure.query(({ ctx }) => listProjectViews(ctx.app)),
  list: procedure
    .input(
      z.object({
        projectId: z.number().int().optional(),
        ids: z.array(z.number().int()).max(1000).optional(),
        filter: z.string().max(2000).default(''),
        sort: z.string().max(1100).default('started'),
        descending: z.boolean().default(true),
        /** Columns of the rows, or as many of the settings that differ. */
        settings: z.union([z.array(z.string().max(1000)).max(50), z.number().int().min(0).max(50)]).optional(),
        metrics: names,
        offset: z.number().int().min(0).default(0),
        limit: z.number().int().min(1).max(1000).default(100),
      }),
    )
    .query(({ ctx, input }) => readOwnRuns(ctx.app, input)),
  /** What clients need to log here. */
  key: procedure.query(({ ctx }) => trackerKey(ctx.app.config.dataFolder)),
  change: procedure
    .input(
      runId.extend({
        name: z.string().max(500).optional(),
        tags: z.array(z.string().max(200)).max(200).optional(),
        note: z.string().max(20_000).optional(),
        group: z.string().max(500).nullable().optional(),
      }),
    )
    .mutation(({ ctx, input }) => changeOwnRun(ctx.app, input)),
  remove: procedure.input(some).mutation(({ ctx, input }) => markDeleted(ctx.app, input.ids, true)),
  restore: procedure.input(some).mutation(({ ctx, input }) => markDeleted(ctx.app, input.ids, false)),
  end: procedure.input(runId).mutation(({ ctx, input }) => endOwnRun(ctx.app, input.id)),
})
