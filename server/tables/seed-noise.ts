/** How far another seed moves a score, from every sweep that trained with the same program. */
import type { SweepRow } from '../../db/queries/sweeps.ts'
import type { SeedNoise } from '../../domain/score/seed-group.ts'
import { pooledSpread, trainerKey } from '../../domain/sweep/axes/seed-groups.ts'
import type { Context } from '../base/context.ts'
import { heldBy } from '../base/process/held.ts'
import { groupOverSeeds, meanOf } from './board-groups.ts'
import type { CheckpointColumns } from './checkpoint-columns.ts'
import { scoreColumns } from './score-columns.ts'

const mostKept = 8
const noiseOf = heldBy<CheckpointColumns, string, { noise: SeedNoise | null }>(mostKept)

/** Of this sweep's trainer, each score against its own sweep's baseline; null where no setting was trained with two seeds. */
export function seedNoise(context: Context, sweep: Pick<SweepRow, 'definition'>): SeedNoise | null {
  const scores = scoreColumns(context, null)
  const { columns } = scores
  const trainer = trainerKey(sweep.definition)
  return noiseOf(columns).take(`${columns.generation} ${columns.changes.length} ${trainer}`, () => {
    const same = new Set(
      columns.homes
        .values()
        .filter((home) => !home.isDeleted && home.sweep !== null && trainerKey(home.sweep.definition) === trainer)
        .map(({ key }) => key),
    )
    const places = columns.runs
      .values()
      .filter(({ home }) => same.has(home))
      .flatMap((run) => run.places)
    const groups = groupOverSeeds(scores, Uint32Array.from([...places].toSorted((a, b) => a - b)), false)
    return { noise: pooledSpread(groups.map((group) => meanOf(scores, group)).filter((mean) => mean !== null)) }
  }).noise
}
