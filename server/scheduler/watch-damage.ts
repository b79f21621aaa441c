import { damageSentence, startDamageCheck } from '../../db/damage.ts'
import { logger } from '../base/process/log.ts'
import type { Context } from '../base/context.ts'
import type { Scheduler } from './scheduler.ts'

/** Has the database looked through beside the scheduler, and nothing new started once damage is known. Gives a function that ends the look. */
export function watchDamage({ database }: Context, scheduler: Scheduler): () => void {
  return startDamageCheck(database.$client, {
    onDamage: (found) => scheduler.halt(damageSentence(database.$client.name, found)),
    onProblem: logger('database').warning,
  })
}
