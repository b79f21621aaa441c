import { describeSystem } from '../../read/system/describe-system.ts'
import { procedure, router } from '../trpc.ts'

export const systemRouter = router({
  get: procedure.query(({ ctx }) => describeSystem(ctx.app, ctx.scheduler.state())),
})
