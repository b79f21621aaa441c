/** Presses every button a person has, one after the other, for as long as the process lives: it is killed in the middle of one. */
import { setTimeout as delay } from 'node:timers/promises'
import { listSweeps } from '../../db/queries/sweeps.ts'
import { SweepboardError } from '../../domain/errors.ts'
import { isSweepFinished } from '../../domain/life/run-status.ts'
import { createRandom } from '../../domain/stats/rng.ts'
import type { SweepInput } from '../../domain/sweep/sweep.ts'
import { setSweepBaseline } from '../../server/act/baselines/set-sweep-baseline.ts'
import { evaluateAgain } from '../../server/act/checkpoints/evaluate-again.ts'
import { pickCheckpoint } from '../../server/act/checkpoints/pick-checkpoint.ts'
import { removeSweep, restoreSweep } from '../../server/act/sweeps/change-sweep.ts'
import { createSweep } from '../../server/act/sweeps/create-sweep.ts'
import type { Context } from '../../server/base/context.ts'

/** So many sweeps are alive at a time. */
const alive = 3
/** Evaluations that are asked for again wait in such a number at most, and sweeps are so many: the end is to come. */
const mostAgain = 4
const mostSweeps = 400

/** Presses until the process ends. `sweepOf`: the sweep to make, of so many trainings. */
export async function pressButtons(
  context: Context,
  {
    seed,
    directory,
    sweepOf,
  }: { seed: number; directory: string; sweepOf: (name: string, trainings: number) => SweepInput },
): Promise<void> {
  const random = createRandom(seed)
  const below = (count: number) => Math.floor(random.uniform() * count)
  const rows = <Row>(sql: string) => context.database.$client.prepare(sql).all() as Row[]
  const anyId = (sql: string) => {
    const found = rows<{ id: number }>(sql)
    return found.length === 0 ? null : found[below(found.length)]!.id
  }
  const anyCheckpoint = () => anyId('select id from checkpoints where problem is null')
  const buttons: Record<string, () => void> = {
    create() {
      const sweeps = listSweeps(context.database)
      if (sweeps.length >= mostSweeps || sweeps.filter(({ status }) => !isSweepFinished(status)).length >= alive) return
      createSweep(context, { definition: sweepOf(`sweep ${sweeps.length + 1}`, 4 + below(8)), directory })
    },
    extend() {
      const sweeps = listSweeps(context.database)
      if (sweeps.length >= mostSweeps || sweeps.filter(({ status }) => !isSweepFinished(status)).length >= alive) return
      if (sweeps.length === 0) return
      const { name } = sweeps[below(sweeps.length)]!
      createSweep(context, { definition: sweepOf(name, 12), directory })
    },
    pick() {
      const id = anyCheckpoint()
      if (id !== null) pickCheckpoint(context, { id, picked: random.uniform() < 0.5 })
    },
    baseline() {
      const id = anyId('select id from sweeps where deleted_at is null')
      if (id !== null && below(4) === 0) setSweepBaseline(context, { id, accuracies: { B: 0.25 + below(3) / 8 } })
    },
    again() {
      const waiting = rows("select id from jobs where again is not null and status != 'done'").length
      const id = anyCheckpoint()
      if (id !== null && waiting < mostAgain)
        evaluateAgain(context, { checkpointIds: [id], benchmarks: [], samples: 1, temperature: 0 })
    },
    delete() {
      const id = anyId("select id from sweeps where deleted_at is null and status = 'done'")
      if (id !== null) removeSweep(context, id)
    },
    undo() {
      const id = anyId('select id from sweeps where deleted_at is not null')
      if (id !== null) restoreSweep(context, id)
    },
  }
  for (;;) {
    const names = Object.keys(buttons)
    try {
      buttons[names[below(names.length)]!]!()
    } catch (error) {
      // refused with a sentence, as a person would be
      if (!(error instanceof SweepboardError)) throw error
    }
    await delay(20)
  }
}
