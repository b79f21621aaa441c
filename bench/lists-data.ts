/** A sweep of many points, as it stands when all of them were trained, evaluated and scored. */
import type { Context } from '../server/base/context.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { createRandom } from '../domain/stats/rng.ts'

/** Axes of 100,000 points: 20 × 50 × 10 × 10. */
export const axes = {
  batch_size: [
    '8',
    '16',
    '32',
    '48',
    '64',
    '96',
    '128',
    '160',
    '192',
    '224',
    '256',
    '320',
    '384',
    '448',
    '512',
    '640',
    '768',
    '896',
    '1024',
    '2048',
  ],
  learning_rate: { log: ['1e-6', '1e-2', 50] },
  weight_decay: { range: ['0', '0.9', 10] },
  epoch: { milestones: ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'] },
} as const

/** The benchmarks, with as many questions as the published study's. */
export const questions = { AMC23: 40, GSM8k: 1319, MATH500: 500, OlympiadBench: 675 }
const baseline = { AMC23: 0.3, GSM8k: 0.716, MATH500: 0.44, OlympiadBench: 0.096 }

const metricNames = ['loss', 'grad_norm', 'tokens', ...Array.from({ length: 7 }, (_, at) => `train/metric_${at}`)]

/** The sweep file, as a person would hand it in. */
export function manyPointsFile(name: string): string {
  return JSON.stringify({
    name,
    axes,
    train: { command: ['true'] },
    evaluate: { command: ['true'], report: { accuracies: 'acc' } },
    score: { baseline, questions },
  })
}

/** Makes the sweep from its file, paused; gives its id and how long that took. */
export function createManyPoints(context: Context, name: string): { id: number; seconds: number } {
  const startedAt = performance.now()
  const { id } = createSweep(context, { text: manyPointsFile(name), directory: '/', paused: true })
  return { id, seconds: (performance.now() - startedAt) / 1000 }
}

/** Makes a sweep of as many runs as points, 100,000 of them, paused; gives its id. */
export function createManyRuns(context: Context, name: string): number {
  const { epoch: _epoch, ...rest } = axes
  const definition = { ...JSON.parse(manyPointsFile(name)), axes: { ...rest, seed: { range: ['1', '10', 10] } } }
  return createSweep(context, { definition, directory: '/', paused: true }).id
}

/** Lets each training of the sweep have written ten metrics at two steps. */
export function writeMetrics(context: Context, sweepId: number): void {
  const random = createRandom(2, 1)
  const runIds = context.database.$client
    .prepare("select id from jobs where sweep_id = ? and kind = 'training'")
    .pluck()
    .all(sweepId) as number[]
  for (let from = 0; from < runIds.length; from += 1000) {
    context.database.$client.transaction(() => {
      for (const runId of runIds.slice(from, from + 1000)) {
        const rows = [1, 2].map((step) => ({
          step,
          time: null,
          values: Object.fromEntries(metricNames.map((metric) => [metric, 1 + random.normal()])),
        }))
        context.series.append(runId, 1, rows)
      }
    })()
  }
}

/** Gives a share of the points checkpoints, evaluations and scores, drawn from a smooth surface with noise. */
export function scorePoints(context: Context, sweepId: number, share = 1): void {
  const connection = context.database.$client
  const random = createRandom(1, 1)
  const points = connection
    .prepare('select id, number, run_id as run, milestone from points where sweep_id = ? order by number')
    .all(sweepId) as { id: number; number: number; run: number; milestone: string }[]
  const checkpoint = connection.prepare(
    "insert into checkpoints (run_id, attempt, step, epoch, path) values (?, 1, ?, ?, '/checkpoints/' || ? || '/' || ?)",
  )
  const evaluation = connection.prepare(
    'insert into evaluations (checkpoint_id, benchmark, accuracy, correct, total) values (?, ?, ?, ?, ?)',
  )
  const point = connection.prepare(
    "update points set status = 'scored', checkpoint_id = ?, score = ?, ratios = ?, scored_at = 0 where id = ?",
  )
  connection.transaction(() => {
    for (const { id, number, run, milestone } of points) {
      if (random.uniform() >= share) continue
      const height = 0.5 + 0.35 * Math.sin(number / 7001) + 0.1 * Math.sin(number / 313)
      const { lastInsertRowid } = checkpoint.run(run, Number(milestone) * 100, Number(milestone), run, milestone)
      let sum = 0
      const ratios: Record<string, number> = {}
      for (const [benchmark, total] of Object.entries(questions)) {
        const usual = baseline[benchmark as keyof typeof baseline]
        const correct = Math.min(
          total,
          Math.max(1, Math.round(total * usual * (0.6 + height * 0.6 + 0.1 * random.uniform()))),
        )
        evaluation.run(lastInsertRowid, benchmark, correct / total, correct, total)
        ratios[benchmark] = correct / total / usual
        sum += 1 / ratios[benchmark]
      }
      point.run(lastInsertRowid, 4 / sum, JSON.stringify(ratios), id)
    }
  })()
}
