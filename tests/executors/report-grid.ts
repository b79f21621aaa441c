/** The report's grid on a cluster: the example's scripts, whose evaluation gives what the study published of each point. */
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'vitest'
import { listAttempts } from '../../db/queries/attempts.ts'
import { listSweepJobs } from '../../db/queries/jobs.ts'
import type { Place } from '../../domain/life/place.ts'
import study from '../../examples/cs2916-2025/study.json' with { type: 'json' }
import { createSweep } from '../../server/act/sweeps/create-sweep.ts'
import { openTestServer } from '../harness.ts'

const examples = path.join(import.meta.dirname, '../../examples')
const [sweep] = study.sweeps
const baseline = study.baselines.find(({ name }) => name === sweep!.baseline)!.accuracies

/** Of a point whose score alone is known: accuracies that give it. */
function accuraciesOf(point: (typeof study.sweeps)[number]['points'][number]): Record<string, number> {
  const counts = 'results' in point ? (point.results as Record<string, { correct: number; total: number }>) : null
  return Object.fromEntries(
    Object.entries(baseline).map(([name, accuracy]) => {
      const own = counts?.[name]
      return [name, own ? own.correct / own.total : accuracy * (point as { score: number }).score]
    }),
  )
}

/**
 * Runs 9 trainings of 4 GPUs and 18 evaluations of 1, and expects every point scored as published and nothing started twice. `executor`: the
 * key of the sweep file, as a line of YAML. Gives where each ran, and for how many seconds all of it.
 */
export async function runReportGrid(
  environment: Record<string, string>,
  executor: string,
): Promise<{ places: Place[]; seconds: number }> {
  const directory = mkdtempSync(path.join(tmpdir(), 'sweepboard-grid-'))
  cpSync(path.join(examples, 'report-scripts'), directory, { recursive: true })
  const published = path.join(directory, 'published')
  mkdirSync(published)
  for (const point of sweep!.points) {
    const { batch_size: batch, learning_rate: rate, epoch } = point.params
    writeFileSync(path.join(published, `${batch} ${rate} ${epoch}`), JSON.stringify({ acc: accuraciesOf(point) }))
  }
  writeFileSync(
    path.join(directory, 'scripts/eval_para.sh'),
    'set -e\necho "stand-in evaluation"\nsource "$1/settings"\ncp "published/$batch $learning_rate $epoch" "$2.partial"\nmv "$2.partial" "$2"\n',
  )
  const text = readFileSync(path.join(directory, 'sweep.yaml'), 'utf8')
    .replace('"${gpu}"', '"0"')
    .concat(`executor: ${executor}\n`)
  const server = openTestServer({ SWEEPBOARD_GPUS: '4', EPOCH_SECONDS: '0.02', ...environment })
  try {
    const begunAt = performance.now()
    const { id } = createSweep(server.context, { text, directory })
    const { points } = await server.finished(id)
    const seconds = (performance.now() - begunAt) / 1000
    console.log(`the report's grid took ${seconds.toFixed(1)} s`)

    expect(points.map(({ status, error }) => error ?? status)).toEqual(Array(18).fill('scored'))
    const best = points.reduce((one, other) => (other.score! > one.score! ? other : one))
    expect(best.params).toEqual({ batch_size: '512', learning_rate: '2e-5', epoch: '6' })
    // the published one, to the last digit
    expect(best.score).toBe(1.0758890919394155)
    const jobs = listSweepJobs(server.context.database, id)
    expect(jobs.map(({ attempt }) => attempt)).toEqual(Array(27).fill(1))
    const logs = globSync(path.join(server.dataFolder, 'runs/*/1/stdout.log')).map((file) => readFileSync(file, 'utf8'))
    expect(logs.filter((log) => log.startsWith('stand-in training'))).toHaveLength(9)
    expect(logs.filter((log) => log.match(/^stand-in/gm)?.length !== 1)).toEqual([])
    const places = jobs.map((job) => listAttempts(server.context.database, job.id)[0]!.place!)
    expect(new Set(places.map(({ job }) => job)).size).toBe(27)
    return { places, seconds }
  } finally {
    await server.close()
    rmSync(directory, { recursive: true, force: true })
  }
}
