/**
 * A data folder as years of work would leave it: 100 sweeps in 20 lineages, 10,000 runs, 50,000 checkpoints with their
 * evaluations, picks and tags; curves, samples and notes of some runs. The same rows every time.
 */
import { insertBaseline } from '../db/queries/baselines.ts'
import { insertEvents } from '../db/queries/events.ts'
import type { MetricRow } from '../db/series/index.ts'
import { approximateScore, chancesOfHighest } from '../domain/score/normal-approximation.ts'
import { createRandom, type Random } from '../domain/stats/rng.ts'
import { aggregateRatios } from '../domain/score/score.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import type { Context } from '../server/base/context.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'

export type PagesSize = {
  lineages: number
  /** Sweeps of a lineage: each starts from the checkpoint picked in the one before. */
  generations: number
  seeds: number
  picksASweep: number
  /** Of each sweep, runs with curves, samples and notes. */
  runsWithCurves: number
  steps: number
}

/** 100 sweeps of 100 runs and 500 points. */
export const fullSize: PagesSize = {
  lineages: 20,
  generations: 5,
  seeds: 5,
  picksASweep: 5,
  runsWithCurves: 4,
  steps: 1000,
}

const questions = { AMC23: 40, GSM8k: 1319, MATH500: 500, OlympiadBench: 675 }
const names = Object.keys(questions) as (keyof typeof questions)[]
const study = { AMC23: 0.3, GSM8k: 0.716, MATH500: 0.44, OlympiadBench: 0.096 }
const stronger = { AMC23: 0.5, GSM8k: 0.741, MATH500: 0.613, OlympiadBench: 0.174 }
const milestones = [1, 2, 3, 4, 5]
const day = 24 * 3600 * 1000
const firstDay = Date.UTC(2025, 0, 6)

export type MadePages = { baselines: number[]; sweepIds: number[]; runWithCurves: number; picked: number[] }

/** Fills an empty data folder; about half a minute at full size. */
export function makePages(context: Context, size: PagesSize = fullSize): MadePages {
  const { database } = context
  const baselines = [
    insertBaseline(database, { name: 'study', accuracies: study, note: 'published' }),
    insertBaseline(database, { name: 'stronger', accuracies: stronger, note: 'after round 4' }),
  ].map(({ id }) => id)
  const made: MadePages = { baselines, sweepIds: [], runWithCurves: 0, picked: [] }
  for (let lineage = 0; lineage < size.lineages; lineage++) {
    let start: string | null = null
    for (let generation = 0; generation < size.generations; generation++) {
      const id: number = createSweep(context, {
        definition: definitionOf(lineage, generation, start, size),
        directory: '/',
        paused: true,
      }).id
      made.sweepIds.push(id)
      start = finishSweep(context, { id, lineage, generation, size, made })
    }
  }
  database.$client.exec('analyze')
  return made
}

function definitionOf(lineage: number, generation: number, init: string | null, size: PagesSize): SweepInput {
  const rounds = generation > 0
  return {
    name: rounds ? `math-${lineage + 1}-round-${generation}` : `math-${lineage + 1}-sft`,
    axes: {
      batch_size: ['64', '128', '256', '512'],
      learning_rate: rounds ? ['5e-7', '1e-6', '2e-6', '4e-6', '8e-6'] : ['5e-6', '1e-5', '2e-5', '4e-5', '8e-5'],
      seed: Array.from({ length: size.seeds }, (_, seed) => String(seed + 1)),
      ...(rounds
        ? { step: { milestones: [20, 40, 60, 80, 100].map(String) } }
        : { epoch: { milestones: milestones.map(String) } }),
    },
    ...(init === null ? {} : { init }),
    train: {
      command: ['true', ...(init === null ? [] : ['${init}'])],
      env: {
        REWARD: ['none', 'basic', 'basic', 'quality', 'quality'][generation]!,
        CLIP_HIGH: generation === 4 ? '0.28' : '0.2',
      },
    },
    evaluate: { command: ['true'], report: { accuracies: 'acc' } },
    // every other lineage uses the stored baseline, the others carry their own
    score: { baseline: lineage % 2 === 0 ? 'study' : study, questions },
  }
}

type Given = { id: number; lineage: number; generation: number; size: PagesSize; made: MadePages }

/** The sweep as it stands when all of it was trained and scored; gives the path of the checkpoint that was picked. */
function finishSweep(context: Context, given: Given): string {
  const { id, lineage, generation, size, made } = given
  const { database } = context
  const connection = database.$client
  const random = createRandom(2025, id)
  const points = connection
    .prepare('select id, number, run_id as run, params, milestone from points where sweep_id = ? order by number')
    .all(id) as { id: number; number: number; run: number; params: string; milestone: string }[]
  const began = firstDay + (lineage * size.generations + generation) * 3 * day
  const checkpoint = connection.prepare(
    'insert into checkpoints (run_id, attempt, step, epoch, path, created_at, size_bytes, tags) values (?, 1, ?, ?, ?, ?, ?, ?)',
  )
  const evaluation = connection.prepare(
    'insert into evaluations (checkpoint_id, benchmark, accuracy, correct, total, created_at) values (?, ?, ?, ?, ?, ?)',
  )
  const update = connection.prepare(
    `update points set status = ?, checkpoint_id = ?, score = ?, ratios = ?, error = ?, scored_at = ?, interval_low = ?,
     interval_high = ?, chance_of_best = ? where id = ?`,
  )
  const effects = new Map<number, number>()
  const measured = points.map((point, index) => {
    const effect = effects.get(point.run) ?? 0.04 * random.normal()
    effects.set(point.run, effect)
    const params = JSON.parse(point.params) as Record<string, string>
    const level = levelOf(params, generation, Number(point.milestone)) + effect
    // now and then a benchmark was never run
    const missing = random.uniform() < 0.01 ? names[index % 4]! : null
    return { point, missing, correct: names.map((name) => drawCorrect(random, study[name] * level, questions[name])) }
  })
  const normals = measured.map(({ correct }) =>
    approximateScore(
      'harmonic-mean',
      correct.map((right) => right + 0.5),
      correct.map((right, at) => questions[names[at]!] - right + 0.5),
      names.map((name) => study[name]),
    ),
  )
  const chances = chancesOfHighest(
    normals.map(({ mean }) => mean),
    normals.map(({ deviation }) => deviation),
  )
  const others: number[] = []
  let best = { id: 0, score: -1, path: '' }
  const write = connection.transaction(() => {
    connection
      .prepare(
        "update jobs set status = 'done', attempt = 1, started_at = ?, finished_at = ?, last_step = 100 where sweep_id = ?",
      )
      .run(began, began + day, id)
    connection
      .prepare(
        `insert into attempts (job_id, number, status, slots, claimed_at, started_at, finished_at, exit_code)
         select id, 1, 'done', '["0"]', ?, ?, ?, 0 from jobs where sweep_id = ?`,
      )
      .run(began, began, began + day, id)
    connection
      .prepare(
        "update sweeps set status = 'done', pause_reason = null, created_at = ?, started_at = ?, finished_at = ? where id = ?",
      )
      .run(began, began, began + day, id)
    measured.forEach(({ point, missing, correct }, index) => {
      const rounds = generation > 0
      const place = Number(point.milestone)
      const file = `/checkpoints/${id}/${point.number}`
      const tags = random.uniform() < 0.002 ? ['finalist'] : random.uniform() < 0.002 ? ['keep', 'long answers'] : []
      const at = began + Math.round((index / points.length) * day)
      const saved = Number(
        checkpoint.run(
          point.run,
          rounds ? place : place * 100,
          rounds ? null : place,
          file,
          at,
          3_087_000_000,
          JSON.stringify(tags),
        ).lastInsertRowid,
      )
      const ratios: Record<string, number> = {}
      names.forEach((name, which) => {
        if (name === missing) return
        const right = correct[which]!
        evaluation.run(saved, name, right / questions[name], right, questions[name], at)
        ratios[name] = right / questions[name] / study[name]
      })
      if (missing !== null) {
        const error = `No score: ${missing} is missing: there is no accuracy for it.`
        update.run('failed', saved, null, JSON.stringify(ratios), error, null, null, null, null, point.id)
        return
      }
      const score = aggregateRatios('harmonic-mean', names.map((name) => ratios[name]!).toSorted())
      const { mean, deviation, power } = normals[index]!
      const ends = [-1.96, 1.96].map((z) => Math.max(0, mean + z * deviation) ** power)
      update.run('scored', saved, score, JSON.stringify(ratios), null, at, ends[0], ends[1], chances[index], point.id)
      if (score > 1.05) others.push(saved)
      if (score > best.score) best = { id: saved, score, path: file }
    })
    const pick = connection.prepare('update checkpoints set picked_at = ? where id = ?')
    // a person looks at a few before the one that the next round starts from
    for (const id of others.slice(0, size.picksASweep - 1)) pick.run(began + day, id)
    pick.run(began + 2 * day, best.id)
    const runs = [...new Set(points.map(({ run }) => run))]
    for (const run of runs.slice(0, size.runsWithCurves))
      addCurves(context, run, createRandom(7, run), size.steps, began)
    made.runWithCurves = runs[0]!
  })
  write()
  made.picked.push(best.id)
  return best.path
}

/** A smooth surface over the settings; each round lifts it a little. */
function levelOf(params: Record<string, string>, generation: number, milestone: number): number {
  const batch = Math.log2(Number(params['batch_size'])) - 7.5
  const rate = Math.log2(Number(params['learning_rate']) / (generation > 0 ? 2e-6 : 2e-5))
  const done = generation > 0 ? milestone / 20 : milestone
  return 0.86 + 0.06 * generation - 0.02 * (rate - 0.4 * batch) ** 2 + 0.05 * Math.log(done)
}

function drawCorrect(random: Random, rate: number, total: number): number {
  const chance = Math.min(0.97, Math.max(0.01, rate))
  const drawn = Math.round(total * chance + Math.sqrt(total * chance * (1 - chance)) * random.normal())
  return Math.min(total, Math.max(0, drawn))
}

/** Curves of twelve metrics, 40 samples and a few notes. */
function addCurves(context: Context, run: number, random: Random, steps: number, began: number): void {
  const rows = Array.from({ length: steps }, (_, step): MetricRow => {
    const done = step / steps
    const noise = () => 0.05 * random.normal()
    return {
      step: step + 1,
      time: began / 1000 + step * 7,
      values: {
        loss: 1.2 * Math.exp(-3 * done) + 0.3 + noise(),
        reward: 0.2 + 0.6 * (1 - Math.exp(-4 * done)) + noise(),
        'reward/correct': 0.15 + 0.55 * (1 - Math.exp(-4 * done)) + noise(),
        'reward/format': Math.min(1, 0.5 + done + noise()),
        accuracy: 0.2 + 0.5 * (1 - Math.exp(-4 * done)) + noise(),
        length: Math.round(320 + 180 * done + 40 * random.normal()),
        entropy: 1.4 * Math.exp(-2 * done) + 0.1 + 0.2 * Math.abs(noise()),
        kl: 0.02 * done + Math.abs(noise()) / 50,
        clip_fraction: Math.abs(0.02 + noise() / 10),
        gradient_norm: Math.abs(1 + 4 * noise()),
        learning_rate: 1e-6 * (1 - done),
        tokens: (step + 1) * 32_768,
      },
    }
  })
  context.series.append(run, 1, rows)
  insertEvents(context.database, [
    ...Array.from({ length: 40 }, (_, index) => ({
      jobId: run,
      attempt: 1,
      line: index + 1,
      type: 'sample' as const,
      step: Math.round(((index % 10) * steps) / 10) + 1,
      body: {
        prompt: `What is ${Math.floor(index / 10) + 11} - 7 + 4?`,
        response: `${Math.floor(index / 10) + 11}-7=${Math.floor(index / 10) + 4};`.repeat(12),
        reward: random.uniform(),
      },
    })),
    ...Array.from({ length: 3 }, (_, index) => ({
      jobId: run,
      attempt: 1,
      line: 100 + index,
      type: 'note' as const,
      body: { level: 'info', text: `note ${index + 1}` },
    })),
  ])
}
