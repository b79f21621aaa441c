/** How long earlier jobs of the same trainer, or the same program and script, took: what estimates rest on before a sweep has its own. */
import { listMeasuredDurations } from '../../../db/queries/durations.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import type { Context } from '../context.ts'

/** At most so many of both kinds, the newest. */
const mostMeasured = 400

/** Seconds of finished trainings and evaluations, newest first. */
export function measuredSeconds(context: Context, definition: Sweep): { training: number[]; evaluation: number[] } {
  const signature = signatureOf(definition)
  const measured = listMeasuredDurations(context.database)
    .filter((row) => signatureOf(row.definition) === signature)
    .slice(0, mostMeasured)
  const of = (kind: 'training' | 'evaluation') => measured.filter((row) => row.kind === kind).map((row) => row.seconds)
  return { training: of('training'), evaluation: of('evaluation') }
}

function signatureOf(definition: Sweep): string {
  return definition.trainer ?? JSON.stringify(definition.train?.command?.filter((argument) => !argument.includes('${')))
}
