/** The trainers learn: a small model in a few seconds, measured on questions that it has not seen. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startBackend } from './backend.ts'
import { readTrainerConfig } from '../contract/check-settings.ts'
import { type GrpoConfig, type SupervisedConfig } from '../contract/trainer-settings.ts'
import type { Job, MetricsEvent, TrainerEvent } from '../contract/trainer.ts'
import { runGrpo } from './grpo.ts'
import { openReporter } from './report.ts'
import { runSupervised } from './supervised.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-learning-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function jobOf(name: string, init: string | null): Job {
  const runFolder = path.join(folder, name)
  return {
    kind: 'training',
    run: 1,
    attempt: 1,
    sweep: { id: 1, name },
    params: {},
    config: {},
    milestones: null,
    init,
    resume: null,
    evaluation: null,
    runFolder,
    eventsFile: `${runFolder}.jsonl`,
    slots: ['0'],
  }
}

function metrics(job: Job): Record<string, number>[] {
  return readFileSync(job.eventsFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TrainerEvent)
    .filter((event): event is MetricsEvent => event.type === 'metrics')
    .map(({ values }) => values as Record<string, number>)
}

const mean = (rows: Record<string, number>[], name: string) =>
  rows.reduce((sum, row) => sum + row[name]!, 0) / rows.length

test('supervised loss falls, and a reward for length then makes responses longer', async () => {
  const { backend } = await startBackend(process.env.SWEEPBOARD_BACKEND || 'wasm')
  const sft = jobOf('sft', null)
  const config = {
    trainer: 'sft',
    layers: 1,
    width: 32,
    heads: 2,
    levels: [1, 1, 0, 0],
    dataset_size: 2000,
    batch_size: 32,
    steps: 250,
    learning_rate: 4e-3,
    solutions: { short: 1, long: 1 },
  }
  const report = openReporter(sft.eventsFile)
  await runSupervised(sft, readTrainerConfig(config) as SupervisedConfig, backend, report, { requested: false })
  report.close()
  const learned = metrics(sft)
  expect(mean(learned.slice(-10), 'loss')).toBeLessThan(1.2)
  expect(mean(learned.slice(0, 3), 'loss')).toBeGreaterThan(3)

  const grpo = jobOf('grpo', path.join(sft.runFolder, 'checkpoints', 'step-250'))
  const round = {
    trainer: 'grpo',
    levels: [1, 1, 0, 0],
    steps: 15,
    learning_rate: 3e-4,
    reward: { correct: 0, unparseable: 0, length: { maximum: 10, threshold: 0, scale: 20 } },
  }
  const roundReport = openReporter(grpo.eventsFile)
  await runGrpo(grpo, readTrainerConfig(round) as GrpoConfig, backend, roundReport, { requested: false })
  roundReport.close()
  const rewarded = metrics(grpo)
  expect(mean(rewarded.slice(-3), 'response_length')).toBeGreaterThan(
    1.3 * mean(rewarded.slice(0, 3), 'response_length'),
  )
  expect(mean(rewarded.slice(-3), 'reward/length')).toBeGreaterThan(mean(rewarded.slice(0, 3), 'reward/length'))
  for (const name of [
    'entropy',
    'clip_fraction_low',
    'clip_fraction_high',
    'zero_variance_groups',
    'gradient_norm',
    'accuracy',
    'tokens_per_second',
  ]) {
    expect(
      rewarded.every((row) => Number.isFinite(row[name])),
      name,
    ).toBe(true)
  }
}, 60_000)
