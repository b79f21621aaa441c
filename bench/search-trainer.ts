/**
 * Tables of the built-in trainer's own trainings, for `npm run bench -- search`: a small model that has learned some arithmetic is trained
 * further in every cell of a grid, and asked held-out questions after each epoch. Some seven minutes of processor time, once: every
 * curve is kept in the bench's folder (bench/python.ts), and an interrupted run goes on where it was.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { readTrainerConfig } from '../contract/check-settings.ts'
import type { Job } from '../contract/trainer.ts'
import { type Backend, startBackend } from '../trainer/backend.ts'
import type { Reporter } from '../trainer/report.ts'
import { runTraining } from '../trainer/run-training.ts'
import type { Table } from './search-data.ts'

type Settings = Record<string, unknown>

/** How many questions each benchmark is asked of. */
const asked = { 'level-1': 40, 'level-2': 200 }
const common = {
  trainer: 'sft',
  benchmarks: Object.keys(asked),
  evaluated_questions: Math.max(...Object.values(asked)),
  maximum_new_tokens: 40,
  seed: 1,
}
const shape = { layers: 2, width: 48, heads: 2 }
/** All levels, and not long enough. */
const beginning = { ...common, ...shape, dataset_size: 6000, batch_size: 16, learning_rate: 4e-3, epochs: 5 }
/** Two of them, with other examples. */
const further = { ...common, levels: [1, 1, 0, 0], seed: 2, epochs: 9 }

const grids: { name: string; settings: Settings; axes: Record<string, string[]> }[] = [
  {
    name: 'built-in trainer, 3 × 3',
    settings: { ...further, dataset_size: 1000 },
    axes: { batch_size: ['8', '16', '32'], learning_rate: ['1e-3', '2e-3', '4e-3'] },
  },
  {
    name: 'built-in trainer, 6 × 4 × 2',
    settings: { ...further, dataset_size: 1000 },
    axes: {
      learning_rate: ['2.5e-4', '5e-4', '1e-3', '2e-3', '4e-3', '8e-3'],
      batch_size: ['8', '16', '32', '64'],
      schedule: ['cosine', 'constant'],
    },
  },
  {
    name: 'built-in trainer, 8 × 4 × 3',
    settings: { ...further, dataset_size: 600 },
    axes: {
      learning_rate: ['1e-4', '2e-4', '4e-4', '8e-4', '1.6e-3', '3.2e-3', '6.4e-3', '1.28e-2'],
      batch_size: ['8', '16', '32', '64'],
      beta2: ['0.9', '0.95', '0.99'],
    },
  },
]

/** Computes what the folder lacks, and says so; the others are read from it. */
export async function trainerTables(folder: string): Promise<Table[]> {
  const file = path.join(folder, 'trainer-curves.jsonl')
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  const known = new Map(
    // a line that a kill cut off is computed again
    lines
      .filter((line) => line.endsWith('}'))
      .map((line) => {
        const { settings, curve } = JSON.parse(line) as { settings: Settings; curve: number[] }
        return [JSON.stringify(settings), curve]
      }),
  )
  let opened: { backend: Backend; start: string } | null = null
  const tables: Table[] = []
  for (const { name, settings, axes } of grids) {
    const curves: number[][] = []
    for (const cell of cellsOf(axes)) {
      const key = JSON.stringify({ ...settings, ...cell })
      let curve = known.get(key)
      if (curve === undefined) {
        opened ??= await open(folder)
        curve = (await train(opened.backend, folder, { ...settings, ...cell }, opened.start)).curve
        appendFileSync(file, `\n${JSON.stringify({ settings: { ...settings, ...cell }, curve })}`)
        console.error(`${name}: ${curves.length + 1}`)
      }
      curves.push(curve)
    }
    tables.push({ name, axes, curves })
  }
  return tables
}

/** The first axis slowest; numbers as numbers. */
function cellsOf(axes: Record<string, string[]>): Settings[] {
  return Object.entries(axes).reduce<Settings[]>(
    (cells, [name, values]) =>
      cells.flatMap((cell) =>
        values.map((value) => ({ ...cell, [name]: Number.isNaN(Number(value)) ? value : Number(value) })),
      ),
    [{}],
  )
}

async function open(folder: string): Promise<{ backend: Backend; start: string }> {
  const { backend } = await startBackend(process.env.SWEEPBOARD_BACKEND)
  const { saved } = await train(backend, path.join(folder, 'start'), beginning, null)
  return { backend, start: path.join(folder, 'start', 'run', saved) }
}

/** The share of the questions that is right after each epoch, and where the model was saved, in the folder's `run`. */
async function train(
  backend: Backend,
  folder: string,
  settings: Settings,
  init: string | null,
): Promise<{ curve: number[]; saved: string }> {
  const runFolder = path.join(folder, 'run')
  rmSync(runFolder, { recursive: true, force: true })
  mkdirSync(runFolder, { recursive: true })
  const stepsPerEpoch = Math.ceil(Number(settings.dataset_size) / Number(settings.batch_size))
  const config = readTrainerConfig({ ...settings, evaluate_every_steps: stepsPerEpoch })
  const curve: number[] = []
  let saved = ''
  const report: Reporter = {
    event(event) {
      if (event.type === 'checkpoint') saved = event.path
    },
    metrics(_, values) {
      if (values['eval/level-1'] === undefined) return
      const right = Object.entries(asked).reduce((sum, [name, count]) => sum + values[`eval/${name}`]! * count, 0)
      curve.push(right / Object.values(asked).reduce((sum, count) => sum + count, 0))
    },
    note() {},
    close() {},
  }
  const job: Job = {
    kind: 'training',
    run: 1,
    attempt: 1,
    sweep: { id: 1, name: 'bench' },
    params: {},
    config: {},
    milestones: null,
    init,
    resume: null,
    evaluation: null,
    runFolder,
    eventsFile: '',
    slots: [],
  }
  await runTraining(job, config, backend, report, { requested: false })
  return { curve, saved }
}
