import { describeSystem } from '../../system/describe-system.ts'
import { procedure, router } from '../trpc.ts'

export const systemRouter = router({
  get: procedure.query(({ ctx }) => describeSystem(ctx.app, ctx.scheduler.problem())),
})
