import { z } from 'zod'
import { changeOwnRun, endOwnRun, markDeleted } from '../../act/own-runs/change-own-run.ts'
import { trackerKey } from '../../act/own-runs/tracker-key.ts'
import { listProjectViews } from '../../read/own-runs/list-projects.ts'
import { procedure, router } from '../trpc.ts'

const runId = z.object({ id: z.number().int() })
const some = z.object({ ids: z.array(z.number().int()).min(1).max(1000) })

export const ownRunsRouter = router({
  projects: procedure.query(({ ctx }) => listProjectViews(ctx.app)),
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
