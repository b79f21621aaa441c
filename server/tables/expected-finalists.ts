import { expectedOfFinalists } from '../../domain/search/finalists-words.ts'
import { seedAxisOf, seedsOf } from '../../domain/sweep/axes/finalist-seeds.ts'
import type { Sweep } from '../../domain/sweep/sweep.ts'
import type { Context } from '../base/context.ts'
import { hoursEach, hoursUnit } from '../base/preparing/finalists-cost.ts'
import { seedNoise } from './seed-noise.ts'

/** What the finalists of a sound sweep would cost at most and tell, in sentences; null where it has none. */
export function expectedFinalists(context: Context, definition: Sweep): string | null {
  const { finalists, objective } = definition
  const axis = finalists === undefined ? null : seedAxisOf(definition)
  if (finalists === undefined || axis === null) return null
  const had = seedsOf(definition, axis).length
  const most = finalists.top * (finalists.seeds - had)
  const { training, evaluation } = hoursEach(context, definition)
  return expectedOfFinalists({
    finalists,
    had,
    hours: training === null ? null : most * (training + (evaluation ?? 0)),
    seedDeviation: objective === undefined ? (seedNoise(context, { definition })?.deviation ?? null) : null,
    unit: hoursUnit(context, definition),
  })
}
