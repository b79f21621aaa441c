import { z } from 'zod'
import { alertChannelSchema } from '../../../domain/life/alert-channels.ts'
import { alertRuleSchema } from '../../../domain/life/alerts.ts'
import {
  addAlertChannel,
  addAlertRule,
  removeAlertChannel,
  removeAlertRule,
  restoreAlertChannel,
  testAlertChannel,
} from '../../act/alerts/change-alerts.ts'
import { describeAlerts, listTold } from '../../read/alerts/describe-alerts.ts'
import { procedure, router } from '../trpc.ts'

const byId = z.object({ id: z.number().int() })

export const alertsRouter = router({
  get: procedure.query(({ ctx }) => describeAlerts(ctx.app)),
  /** What was told after the alert of that number; the newest alone where none is named, to begin from. */
  since: procedure
    .input(z.object({ after: z.number().int().min(0).nullable() }))
    .query(({ ctx, input: { after } }) =>
      after === null ? listTold(ctx.app, 0).slice(0, 1) : listTold(ctx.app, after),
    ),
  addChannel: procedure
    .input(z.object({ name: z.string().trim().min(1, 'a channel needs a name').max(100), target: alertChannelSchema }))
    .mutation(({ ctx, input }) => addAlertChannel(ctx.app, input.name, input.target)),
  removeChannel: procedure.input(byId).mutation(({ ctx, input }) => removeAlertChannel(ctx.app, input.id)),
  restoreChannel: procedure.input(byId).mutation(({ ctx, input }) => restoreAlertChannel(ctx.app, input.id)),
  testChannel: procedure
    .input(
      byId.extend({
        home: z
          .string()
          .max(300)
          .regex(/^https?:\/\/[^\s/]+$/),
      }),
    )
    .mutation(({ ctx, input }) => testAlertChannel(ctx.app, input.id, input.home)),
  addRule: procedure.input(alertRuleSchema).mutation(({ ctx, input }) => addAlertRule(ctx.app, input)),
  removeRule: procedure.input(byId).mutation(({ ctx, input }) => removeAlertRule(ctx.app, input.id)),
})
