/** What checkpoints were measured to do when they were evaluated again: beside their evaluation, never in its place. */
import { scoringOf } from '../../../domain/sweep/scoring.ts'
import type { JobRow } from '../../../db/queries/jobs.ts'
import { listRepeatEvaluations, type RepeatEvaluationRow } from '../../../db/queries/repeat-evaluations.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { poolMeasurements, type RepeatedAccuracy } from '../../../domain/score/again.ts'
import type { Counts } from '../../../domain/score/counted-points.ts'
import { scoreResults } from '../../../domain/score/score.ts'
import { uncertaintyOf } from '../../../domain/score/uncertainty.ts'
import type { JobView } from '../../../contract/api/jobs.ts'
import type { CheckpointRepeats, RepeatedResult, RepeatedScore } from '../../../contract/api/repeats.ts'
import type { Context } from '../../base/context.ts'
import { ownValue } from '../../../domain/own-value.ts'

/**
 * By checkpoint; only those that were evaluated again. `jobs`: those of the run, others are passed over. `describeJob`: as
 * pages show a job.
 */
export function describeRepeats(
  context: Context,
  given: {
    sweep: SweepRow
    baseline: Record<string, number>
    checkpointIds: number[]
    jobs: JobRow[]
    describeJob: (job: JobRow) => JobView
  },
): Map<number, CheckpointRepeats> {
  const asked = given.jobs.filter((job) => job.again !== null && !(job.status === 'cancelled' && job.attempt === 0))
  const jobsOf = Map.groupBy(asked, (job) => job.checkpointId!)
  const rows = Map.groupBy(listRepeatEvaluations(context.database, given.checkpointIds), (row) => row.checkpointId)
  const found = new Map<number, CheckpointRepeats>()
  for (const id of given.checkpointIds) {
    const jobs = jobsOf.get(id) ?? []
    const measured = rows.get(id) ?? []
    if (jobs.length === 0 && measured.length === 0) continue
    found.set(id, {
      builtIn: given.sweep.definition.trainer !== undefined,
      scores: scoreRepeats(given.sweep, given.baseline, measured),
      jobs: jobs
        .toSorted((a, b) => b.id - a.id)
        .map((job) => ({
          ...given.describeJob(job),
          again: job.again!,
          readyAt: job.readyAt,
          finishedAt: job.finishedAt,
        })),
    })
  }
  return found
}

/**
 * Measurements at one temperature are of one thing, the chance of a right answer at that temperature, and are taken together;
 * those at another are of another. The one measured last comes first.
 */
export function scoreRepeats(
  sweep: SweepRow,
  baseline: Record<string, number>,
  rows: RepeatEvaluationRow[],
): RepeatedScore[] {
  return countRepeats(sweep, baseline, rows).map(({ measured }) => measured)
}

/** As `scoreRepeats`, each with the questions it is as sure as, by benchmark: what comparing checkpoints rests on. */
export function countRepeats(
  sweep: SweepRow,
  baseline: Record<string, number>,
  rows: RepeatEvaluationRow[],
): { measured: RepeatedScore; counts: Record<string, Counts | null> }[] {
  const byTemperature = Map.groupBy(rows.toReversed(), (row) => row.temperature)
  return [...byTemperature].flatMap(([temperature, group]) => {
    const pooled = new Map<string, RepeatedAccuracy & { samples: number; measurements: number }>()
    for (const [benchmark, all] of Map.groupBy(group.toReversed(), (row) => row.benchmark)) {
      const usable = all.flatMap(({ accuracy, questions, outcomes, samples }) =>
        accuracy === null ? [] : [{ accuracy, questions, outcomes, samples }],
      )
      const one = poolMeasurements(usable)
      if (one === null) continue
      const samples = usable.reduce((sum, measured) => sum + measured.samples, 0)
      pooled.set(benchmark, { ...one, samples, measurements: usable.length })
    }
    return pooled.size === 0 ? [] : [scoreOf(sweep, baseline, temperature, pooled)]
  })
}

function scoreOf(
  sweep: SweepRow,
  baseline: Record<string, number>,
  temperature: number,
  pooled: Map<string, RepeatedAccuracy & { samples: number; measurements: number }>,
): { measured: RepeatedScore; counts: Record<string, Counts | null> } {
  const { aggregate } = scoringOf(sweep.definition)
  const names = [...new Set([...Object.keys(baseline), ...pooled.keys()])].filter((name) => pooled.has(name))
  const results = Object.fromEntries(
    names.map((name): [string, RepeatedResult] => {
      const { effective: _effective, ...measured } = pooled.get(name)!
      const ratio = ownValue(baseline, name) === undefined ? null : measured.accuracy / ownValue(baseline, name)!
      return [name, { ...measured, ratio }]
    }),
  )
  const accuracies = Object.fromEntries(names.map((name) => [name, { accuracy: ownValue(results, name)!.accuracy }]))
  const { score, error } = scoreResults({ aggregate, baseline, results: accuracies })
  const counts = Object.fromEntries(names.map((name) => [name, pooled.get(name)!.effective]))
  const counted = names
    .filter((name) => score === null || Object.hasOwn(baseline, name))
    .map((name) => ownValue(results, name)!.samples)
  const measured = {
    temperature,
    samples: [Math.min(...counted), Math.max(...counted)] satisfies [number, number],
    results,
    score,
    interval: uncertaintyOf({ aggregate, baseline, points: [{ score, counts }] })[0]!.interval,
    error,
  }
  return { measured, counts }
}
