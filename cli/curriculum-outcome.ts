/** The outcome of a curriculum: a table for a person, JSON for a script. */
import type { PickRule } from '../domain/sweep/rounds/pick-rule.ts'
import { type PointResult, pointResult, type SweepResult, sweepResult } from '../server/read/sweeps/sweep-result.ts'
import type { PointView } from '../contract/api/points.ts'
import type { WholeSweep } from '../contract/api/sweeps.ts'
import { shortened } from './leaderboard.ts'
import { formatDuration, plural } from '../domain/words.ts'
import { type TextColumn, intervalText, percentText, printable, tableLines } from './text.ts'
import { ownValue } from '../domain/own-value.ts'

export type StageOutcome = {
  name: string
  /** The stage whose picked checkpoint it started from. */
  from: string | null
  sweep: WholeSweep
  /** null where the stage has not come to its end. */
  picked: { point: PointView; rule: PickRule; reason: string } | null
  /** The stored baseline that its picked checkpoint became. */
  baseline: string | null
}

type PickedResult = PointResult & { rule: PickRule; reason: string }

/** Its name and how many stages its file has. */
type Size = { name: string; stages: number }

export type CurriculumResult = {
  curriculum: Size
  /** Those that were started. */
  stages: ({ name: string; from: string | null; picked: PickedResult | null; baseline: string | null } & SweepResult)[]
  /** What the last stage picked; null where it has not come to its end. */
  picked: PickedResult | null
}

/** In the shape that scripts rely on (docs/curriculum.md). */
export function curriculumResult(curriculum: Size, stages: readonly StageOutcome[]): CurriculumResult {
  const results = stages.map(({ name, from, sweep, picked, baseline }) => ({
    name,
    from,
    picked: picked && { ...pointResult(picked.point), rule: picked.rule, reason: picked.reason },
    baseline,
    ...sweepResult(sweep),
  }))
  return {
    curriculum,
    stages: results,
    picked: results.length === curriculum.stages ? (results.at(-1)?.picked ?? null) : null,
  }
}

/** `step 40`; `run 2, step 40` where the sweep has several trainings. */
export function pickedName({ checkpoint, runNumber }: PointView, sweep: WholeSweep): string {
  const { step = null, epoch = null } = checkpoint ?? {}
  const place = step === null ? (epoch === null ? null : `epoch ${epoch}`) : `step ${step}`
  if (place === null) return `run ${runNumber}`
  return sweep.counts.trainings === 1 ? place : `run ${runNumber}, ${place}`
}

/** A line a stage with its picked checkpoint, then how the last one compares with its baseline. */
export function curriculumTable(curriculum: Size, stages: readonly StageOutcome[]): string {
  const done = stages.filter(({ picked }) => picked !== null)
  const seconds = done.reduce((sum, { sweep }) => sum + ((sweep.finishedAt ?? 0) - (sweep.startedAt ?? 0)) / 1000, 0)
  const took = done.length > 0 ? ` in ${formatDuration(seconds)}` : ''
  const head = `${printable(curriculum.name)}: ${done.length} of ${plural(curriculum.stages, 'stage')} done${took}`
  if (done.length === 0) return `${head}\n`
  const benchmarks = [...new Set(done.flatMap(({ picked }) => Object.keys(picked!.point.results)))]
  const columns: TextColumn<StageOutcome>[] = [
    { title: 'stage', of: ({ name }) => shortened(name) },
    { title: 'sweep', right: true, of: ({ sweep }) => String(sweep.id) },
    { title: 'picked', of: ({ picked, sweep }) => pickedName(picked!.point, sweep) },
    { title: 'score', right: true, of: ({ picked }) => picked!.point.score!.toFixed(3) },
    { title: '95 % interval', of: ({ picked }) => intervalText(picked!.point.interval) },
    ...benchmarks.map((name) => ({
      title: `${shortened(name)} %`,
      right: true,
      of: ({ picked }: StageOutcome) => percentText(ownValue(picked!.point.results, name)?.accuracy),
    })),
    { title: 'rule', of: ({ picked }) => picked!.rule },
  ]
  return `${[head, '', ...tableLines(columns, done), '', againstBaseline(done.at(-1)!)].join('\n')}\n`
}

function againstBaseline({ sweep, picked }: StageOutcome): string {
  const { name, accuracies } = sweep.score.baseline
  const below = Object.entries(accuracies).filter(
    ([benchmark, baseline]) => !((ownValue(picked!.point.results, benchmark)?.accuracy ?? 0) > baseline),
  )
  const against = name === null ? 'its baseline' : `the baseline ${printable(name)}`
  if (below.length === 0) return `Every benchmark of the last stage is above ${against}.`
  const names = below.map(([benchmark]) => printable(benchmark)).join(', ')
  return `Not above ${against} in the last stage: ${names}.`
}
