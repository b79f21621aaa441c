/** Beside the scheduler: raises alerts every few seconds and sends what is due. Nothing of a training waits for it. */
import { forgetAlertChannels, nextDeliveryAt, releaseDeliveries } from '../../db/queries/alerts.ts'
import { deliverAlerts } from '../act/alerts/deliver-alerts.ts'
import { raiseAlerts } from '../act/alerts/raise-alerts.ts'
import { logger } from '../base/process/log.ts'
import type { Context } from '../base/context.ts'

const log = logger('alerts')
const lookMilliseconds = 5_000
const forgetMilliseconds = 60_000

/** Begins at once. `home`: the server's own address. Gives a function that ends it; what is being sent then is sent again later. */
export function watchAlerts(context: Context, home: string): () => void {
  let timer: NodeJS.Timeout | undefined
  let ended = false
  let sending = false
  releaseDeliveries(context.database)

  function look(): void {
    try {
      context.watch.during('Looking for alerts', () => raiseAlerts(context))
      forgetAlertChannels(context.database, Date.now() - forgetMilliseconds)
      const due = nextDeliveryAt(context.database)
      if (!sending && due !== null && due <= Date.now()) void send()
    } catch (error) {
      log.error('Alerts cannot be looked for', error)
    }
    timer = setTimeout(look, lookMilliseconds)
  }

  async function send(): Promise<void> {
    sending = true
    try {
      await deliverAlerts(context, home)
    } catch (error) {
      // the database may be closed by now: the next server goes on
      if (!ended) log.error('Alerts cannot be sent', error)
    }
    sending = false
  }

  look()
  return () => {
    ended = true
    clearTimeout(timer)
  }
}
