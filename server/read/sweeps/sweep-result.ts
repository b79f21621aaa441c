/** A sweep's outcome in the shape that scripts rely on (docs/cli.md): what `npm run sweep -- --json` prints and the JSON export holds. */
import type { PointView } from '../../../contract/api/points.ts'
import type { MeasuredBaselineView } from '../../../contract/api/baselines.ts'
import type { FinalistsView, WholeSweep } from '../../../contract/api/sweeps.ts'
import type { Objective } from '../../../domain/sweep/objective.ts'
import type { Aggregate, Sweep } from '../../../domain/sweep/sweep.ts'

export type PointResult = {
  params: Record<string, string>
  run: number
  /** Names the run in addresses and commands: /export/runs/RUN_ID/metrics.csv. */
  run_id: number
  attempt: number
  status: PointView['status']
  checkpoint: { path: string | null; step: number | null; epoch: number | null } | null
  accuracies: Record<string, { correct: number | null; total: number | null; accuracy: number | null }>
  score: number | null
  /** Where the value of `objective` was logged that `score` holds. */
  score_step?: number
  /** By metric, of a sweep with several objectives; null where a value is not known. */
  objectives?: Record<string, number | null>
  /** Whether no other point beats it in all of them. */
  on_front?: boolean
  /** Which of the sweep's constraints it breaks; null where it keeps all, absent where there are none. */
  constraint_broken?: string | null
  interval: [number, number] | null
  chance_of_best: number | null
  /** The commit that was trained, where it is known, and whether there were uncommitted changes. */
  code?: { commit: string; changes: boolean | null }
  error: string | null
  /** Where its sweep's evaluations race: how many questions it was asked, and how many there are. */
  questions_asked?: number
  questions?: number
  /** Where a training of an earlier sweep serves it. */
  reused?: true
}

type MeasuredResult = {
  checkpoint: string
  /** Whether an earlier sweep had measured it. */
  reused: boolean
  accuracies: MeasuredBaselineView['results']
  error: string | null
}

export type SweepResult = {
  sweep: { id: number; name: string; status: WholeSweep['status'] }
  /** What the scores compare with; absent where nothing is scored. */
  scoring?: {
    aggregate: Aggregate
    baseline: Record<string, number>
    /** What the measuring of the baseline gave, where the sweep measures it; `error` says why there is none. */
    measured?: MeasuredResult
  }
  /** The metric whose values stand in place of scores: smaller is better where goal is minimize. */
  objective?: Objective
  /** Several: `best` is then the best by the score, or by the first of them. */
  objectives?: Objective[]
  constraints?: string[]
  trainings: number
  /** Slot hours: what all attempts took, live ones as of a few seconds ago, and the most that they may, where there is a budget. */
  gpu_hours: { spent: number; budget: number | null }
  points: PointResult[]
  best: PointResult | null
  /** The points that could not be told from the best, with their further seeds, best first by the mean; absent where the file asks for none. */
  finalists?: {
    way: 'none' | 'seeds' | 'samples' | null
    words: string
    settings: {
      params: Record<string, string>
      seeds: { seed: string; run: number; score: number | null }[]
      mean: number | null
      interval: [number, number] | null
      may_be_best: boolean | null
    }[]
  }
}

type SweepDefinition = Pick<Sweep, 'objectives' | 'constraints'>

/** Points in the plan's order; `best` is the one of the best score. */
export function sweepResult(sweep: WholeSweep): SweepResult {
  const best = sweep.points.find((point) => point.id === sweep.best?.pointId)
  return {
    sweep: { id: sweep.id, name: sweep.name, status: sweep.status },
    ...(sweep.objective !== null && { objective: sweep.objective }),
    ...(sweep.isScored &&
      sweep.objective === null && {
        scoring: {
          aggregate: sweep.score.aggregate,
          baseline: sweep.score.baseline.accuracies,
          ...(sweep.score.measured && { measured: measuredResult(sweep.score.measured) }),
        },
      }),
    ...(sweep.definition.objectives && { objectives: sweep.definition.objectives }),
    ...(sweep.definition.constraints && { constraints: sweep.definition.constraints }),
    trainings: sweep.counts.trainings,
    gpu_hours: { spent: sweep.slotHoursSpent, budget: sweep.definition.budget?.gpu_hours ?? null },
    points: sweep.points.map((point) => pointResult(point, sweep.definition)),
    best: best ? pointResult(best, sweep.definition) : null,
    ...(sweep.finalists && { finalists: finalistsResult(sweep.finalists) }),
  }
}

function finalistsResult({ way, words, settings }: FinalistsView): SweepResult['finalists'] {
  return {
    way,
    words,
    settings: settings.map(({ params, seeds, mean, interval, mayBeBest }) => ({
      params,
      seeds: seeds.map(({ seed, runId, score }) => ({ seed, run: runId, score })),
      mean,
      interval,
      may_be_best: mayBeBest,
    })),
  }
}

function measuredResult({ checkpoint, reused, results, reason }: MeasuredBaselineView): MeasuredResult {
  return { checkpoint, reused, accuracies: results, error: reason }
}

/** One point in that shape. */
export function pointResult(point: PointView, { objectives, constraints }: SweepDefinition = {}): PointResult {
  const { checkpoint } = point
  return {
    params: point.params,
    run: point.runId,
    run_id: point.runId,
    attempt: point.attempt,
    status: point.status,
    checkpoint: checkpoint && { path: checkpoint.path, step: checkpoint.step, epoch: checkpoint.epoch },
    accuracies: Object.fromEntries(
      Object.entries(point.results).map(([name, { correct, total, accuracy }]) => [name, { correct, total, accuracy }]),
    ),
    score: point.score,
    ...(point.scoreStep === null ? {} : { score_step: point.scoreStep }),
    ...(objectives && {
      objectives: Object.fromEntries(objectives.map(({ metric }, at) => [metric, point.objectives[at] ?? null])),
      on_front: point.onFront,
    }),
    ...(constraints && { constraint_broken: point.broken }),
    interval: point.interval,
    chance_of_best: point.chanceOfBest,
    ...(point.commit === null ? {} : { code: { commit: point.commit, changes: point.changes } }),
    error: point.error,
    ...(point.questions === null ? {} : { questions_asked: questionsAsked(point), questions: point.questions }),
    ...(point.reused ? { reused: true as const } : {}),
  }
}

/** All that there are of a point that was finished; of any other what its results rest on so far. */
export function questionsAsked({ asked, questions, score, results }: PointView): number {
  if (asked !== null) return asked
  if (score !== null && questions !== null) return questions
  return Object.values(results).reduce((sum, { total }) => sum + (total ?? 0), 0)
}
