/**
 * What the built-in trainer's recipes reach, for three seeds each: supervised training on short chains of thought, GRPO
 * from a terse model, DPO and best-of-n from the same, and rounds whose reward asks for length or for one language. By hand:
 * `node bench/recipes.ts` (about 6 minutes of processor time), or one of its tables by name, `node bench/recipes.ts peers`; the
 * figures in docs/trainer.md are its output.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Backend, startBackend } from '../trainer/backend.ts'
import { readModel } from '../trainer/checkpoint.ts'
import { readTrainerConfig } from '../contract/check-settings.ts'
import type { MetricsEvent, TrainerEvent } from '../contract/trainer.ts'
import { answerQuestions } from '../trainer/answering.ts'
import { Qwen2 } from '../trainer/model/qwen2.ts'
import { openReporter } from '../trainer/report.ts'
import { mixesLanguages } from '../trainer/rewards/reward.ts'
import { runTraining } from '../trainer/run-training.ts'
import { arithmeticBenchmarks } from '../trainer/tasks/benchmarks.ts'
import { printTable } from './table.ts'
import { trainingJob } from '../trainer/training-job.ts'

const seeds = [1, 2, 3]
const root = mkdtempSync(path.join(tmpdir(), 'sweepboard-recipes-'))
let runs = 0

type Trained = { checkpoint: string; seconds: number; metrics: MetricsEvent[] }

/** Trains in a folder of its own; seconds are of processor time. */
async function train(backend: Backend, config: Record<string, unknown>, init: string | null = null): Promise<Trained> {
  const runFolder = path.join(root, String(runs++))
  const eventsFile = `${runFolder}.jsonl`
  const job = trainingJob({ sweep: { id: 1, name: 'recipes' }, config, init, runFolder, eventsFile })
  const report = openReporter(eventsFile)
  const checked = readTrainerConfig(config)
  const before = process.cpuUsage()
  const never = { requested: false }
  await runTraining(job, checked, backend, report, never)
  const { user, system } = process.cpuUsage(before)
  report.close()
  const events = readFileSync(eventsFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TrainerEvent)
  const last = events.findLast((event) => event.type === 'checkpoint')!
  return {
    checkpoint: path.join(runFolder, last.path),
    seconds: (user + system) / 1e6,
    metrics: events.filter((event) => event.type === 'metrics'),
  }
}

/** Accuracies of the four levels in per cent, mean length of the responses and the share that mixes languages. */
async function evaluate(backend: Backend, checkpoint: string, maximumNewTokens = 64): Promise<string[]> {
  const { config, weights, tokenizer } = readModel(checkpoint)
  const model = new Qwen2(config, weights, backend)
  const settings = readTrainerConfig({ trainer: 'sft', maximum_new_tokens: maximumNewTokens })
  const levels = []
  for (const { questions } of arithmeticBenchmarks())
    levels.push(await answerQuestions({ model, tokenizer, workers: null }, questions, settings))
  model.dispose()
  const all = levels.flat()
  const accuracies = levels.map((items) =>
    ((100 * items.filter(({ correct }) => correct).length) / items.length).toFixed(1),
  )
  const length = all.reduce((sum, { response }) => sum + tokenizer.encode(response).length, 0) / all.length
  const mixed = all.filter(({ response }) => mixesLanguages(response)).length / all.length
  return [accuracies.join(' / '), length.toFixed(1), `${(100 * mixed).toFixed(0)} %`]
}

/** Prints the tables. */
async function run(): Promise<void> {
  const { backend } = await startBackend(process.env.SWEEPBOARD_BACKEND)
  const head = ['', 'levels 1 / 2 / 3 / 4, %', 'tokens a response', 'mixed languages', 'processor s']
  const row = async (name: string, { checkpoint, seconds }: Trained, maximumNewTokens?: number) => [
    name,
    ...(await evaluate(backend, checkpoint, maximumNewTokens)),
    seconds.toFixed(0),
  ]

  const isAsked = (table: string) => process.argv.length < 3 || process.argv.includes(table)
  const supervised: string[][] = []
  let worked: Trained | null = null
  for (const seed of isAsked('supervised') ? seeds : seeds.slice(0, 1)) {
    const trained = await train(backend, { trainer: 'sft', seed })
    worked ??= trained
    supervised.push(await row(`sft, seed ${seed}`, trained))
  }
  printTable('Supervised training with its defaults', [head, ...supervised])

  const mostlyDirect = {
    trainer: 'sft',
    steps: 100,
    learning_rate: 1e-3,
    batch_size: 32,
    solutions: { short: 0.3, direct: 0.7 },
  }
  const terse = await train(backend, mostlyDirect, worked!.checkpoint)
  const rounds = [await row('terse model', terse)]
  const changes = [{}, { learning_rate: 2e-4 }, { learning_rate: 2e-4, clip_high: 0.28 }]
  for (const change of isAsked('rounds') ? changes : []) {
    for (const seed of seeds) {
      const trained = await train(backend, { trainer: 'grpo', seed, ...change }, terse.checkpoint)
      const name = Object.entries(change).map(([key, value]) => `, ${key} ${value}`)
      rounds.push(await row(`grpo${name.join('')}, seed ${seed}`, trained))
    }
  }
  printTable('GRPO with its defaults, and with Clip-Higher, from a model that mostly answers at once', [
    head,
    ...rounds,
  ])

  const peers = [await row('terse model', terse)]
  for (const trainer of isAsked('peers') ? ['dpo', 'best_of_n', 'grpo'] : []) {
    for (const seed of seeds)
      peers.push(await row(`${trainer}, seed ${seed}`, await train(backend, { trainer, seed }, terse.checkpoint)))
  }
  printTable('DPO, best of n and GRPO with their defaults, from the same model', [head, ...peers])
  if (!isAsked('rewards')) return rmSync(root, { recursive: true, force: true })

  const mixture = { solutions: { short: 1, long: 1 }, chinese_share: 0.5, row_length: 128 }
  const mixed = await train(backend, { trainer: 'sft', steps: 1500, ...mixture }, worked!.checkpoint)
  const rewards = {
    'basic reward': 'basic',
    'length, up to 30 from 20 tokens on': {
      unparseable: -10,
      cut_off_is_unparseable: true,
      length: { maximum: 30, threshold: 20, scale: 40 },
    },
    'language, 5': { unparseable: -10, cut_off_is_unparseable: true, language: { bonus: 5 } },
  }
  const quality = [await row('short and long solutions, words of both languages', mixed, 128)]
  for (const [name, reward] of Object.entries(rewards)) {
    const trained = await train(backend, { trainer: 'grpo', maximum_new_tokens: 128, reward }, mixed.checkpoint)
    quality.push(await row(`grpo, ${name}`, trained, 128))
  }
  printTable('What a reward for length or for one language changes', [head, ...quality])
  rmSync(root, { recursive: true, force: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await run()
