/** The study's GRPO rounds as sweeps of one run each, every one started from the checkpoint picked in the round before. */
import { findCheckpointByStep, insertCheckpoint, saveEvaluation } from '../../../db/queries/checkpoints.ts'
import { findBaselineByName } from '../../../db/queries/baselines.ts'
import { insertJobs, listSweepJobs } from '../../../db/queries/jobs.ts'
import { insertPoints, listPoints, updatePoint } from '../../../db/queries/points.ts'
import { insertSweep, listSweeps } from '../../../db/queries/sweeps.ts'
import { planSweep } from '../../../domain/sweep/plan.ts'
import { type Sweep, sweepSchema } from '../../../domain/sweep/sweep.ts'
import { scorePoint } from '../checkpoints/score-point.ts'
import type { Context } from '../../base/context.ts'
import { fingerprintOf } from '../../base/preparing/same-sweep.ts'
import { refreshSweep } from '../sweeps/refresh-sweep.ts'

export type StudyRounds = {
  baseline: string
  note: string
  baseModel: string
  settings: {
    rollout_batch_size: number
    samples_per_prompt: number
    temperature: number
    train_batch_size: number
    learning_rate: string
    checkpoint_every_steps: number
  }
  clip: { low: number; high: number; clipHigher: number }
  rounds: {
    name: string
    from: { round: string; step: number } | null
    reward: string
    clipHigher: boolean
    pickedStep: number
    results?: Record<string, { accuracy: number }>
    rounded?: boolean
  }[]
  found: { change: string; effect: string }[]
}

type Round = StudyRounds['rounds'][number]

/** Stores the rounds that are not there yet, in their order; gives the ids of all. Call inside a transaction. */
export function loadRounds(
  context: Context,
  study: StudyRounds,
  benchmarks: Record<string, { questions: number }>,
  directory: string,
): number[] {
  const ids = new Map<string, number>()
  for (const round of study.rounds) {
    const known = listSweeps(context.database).find((sweep) => sweep.origin === 'imported' && sweep.name === round.name)
    ids.set(round.name, known?.id ?? loadRound(context, study, round, { benchmarks, directory, ids }))
  }
  return [...ids.values()]
}

function loadRound(
  context: Context,
  study: StudyRounds,
  round: Round,
  given: { benchmarks: Record<string, { questions: number }>; directory: string; ids: Map<string, number> },
): number {
  const { database } = context
  const definition = definitionOf(study, round, given.benchmarks)
  const now = Date.now()
  const sweep = insertSweep(database, {
    name: round.name,
    definition,
    directory: given.directory,
    fingerprint: `imported ${fingerprintOf(definition, given.directory)}`,
    status: 'done',
    origin: 'imported',
    note: noteOf(study, round),
    baselineId: findBaselineByName(database, study.baseline)!.id,
    startedAt: now,
    finishedAt: now,
  })
  const plan = planSweep(definition)
  const run = insertJobs(database, [
    {
      sweepId: sweep.id,
      kind: 'training',
      number: 1,
      params: plan.runs[0]!.params,
      status: 'done',
      slotCount: 1,
      lastStep: round.pickedStep,
      initCheckpointId: startOf(context, round, given.ids),
    },
  ])[0]!
  insertPoints(
    database,
    plan.points.map(({ number, params, key, milestone }) => ({
      sweepId: sweep.id,
      number,
      params,
      key,
      runId: run.id,
      milestone,
    })),
  )
  const checkpoint = insertCheckpoint(database, {
    runId: run.id,
    attempt: 0,
    step: round.pickedStep,
    path: null,
    pickedAt: now,
  })
  const point = listPoints(database, sweep.id)[0]!
  updatePoint(database, point.id, { checkpointId: checkpoint.id, rounded: round.rounded ?? false })
  if (round.results === undefined) {
    updatePoint(database, point.id, {
      status: 'cancelled',
      error: 'The study published no accuracies of this checkpoint.',
    })
    return sweep.id
  }
  for (const [benchmark, { accuracy }] of Object.entries(round.results)) {
    saveEvaluation(database, { checkpointId: checkpoint.id, benchmark, accuracy })
  }
  scorePoint(context, sweep, { ...point, checkpointId: checkpoint.id }, { final: true })
  refreshSweep(context, sweep.id)
  return sweep.id
}

/** The published settings in the words of the built-in GRPO trainer, whose rewards are the study's. */
function definitionOf(study: StudyRounds, round: Round, benchmarks: Record<string, { questions: number }>): Sweep {
  const { settings, clip } = study
  return sweepSchema.parse({
    name: round.name,
    axes: { step: { milestones: [String(round.pickedStep)] } },
    trainer: 'grpo',
    init: round.from === null ? study.baseModel : `${round.from.round}/${round.from.step}`,
    config: {
      learning_rate: Number(settings.learning_rate),
      prompts_per_step: settings.rollout_batch_size,
      samples_per_prompt: settings.samples_per_prompt,
      temperature: settings.temperature,
      minibatches: (settings.rollout_batch_size * settings.samples_per_prompt) / settings.train_batch_size,
      checkpoint_every_steps: settings.checkpoint_every_steps,
      clip_low: clip.low,
      clip_high: round.clipHigher ? clip.clipHigher : clip.high,
      reward: round.reward,
    },
    score: {
      baseline: study.baseline,
      questions: Object.fromEntries(Object.entries(benchmarks).map(([name, { questions }]) => [name, questions])),
    },
  })
}

function noteOf(study: StudyRounds, round: Round): string {
  const last = round === study.rounds.at(-1)
  const found = study.found.map(({ change, effect }) => `${change}: ${effect}`).join('; ')
  return `${study.note}${last ? ` What the study found: ${found}.` : ''}`
}

function startOf(context: Context, { from }: Round, ids: Map<string, number>): number | null {
  if (from === null) return null
  const run = listSweepJobs(context.database, ids.get(from.round)!, 'training')[0]!
  return findCheckpointByStep(context.database, run.id, from.step)?.id ?? null
}
