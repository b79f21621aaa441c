import { readFileSync } from 'node:fs'
import path from 'node:path'
import { listSweeps, type SweepRow } from '../../db/queries/sweeps.ts'
import type { Context } from '../context.ts'
import { createSweep } from '../sweeps/create-sweep.ts'
import { studyName } from './load-study.ts'

const examplesFolder = path.resolve(import.meta.dirname, '../../examples')

export type ExampleView = { name: string; title: string; description: string; minutes: number | null; loaded: boolean }

/** What an empty home page offers. */
export function listExamples(context: Context): ExampleView[] {
  const names = new Set(listSweeps(context.database).map((sweep) => sweep.name))
  return [
    {
      name: 'short-cot',
      title: 'Run the example',
      description: 'Trains nine small language models on this machine and scores 18 checkpoints on four benchmarks.',
      minutes: 5,
      loaded: names.has('short-cot'),
    },
    {
      name: 'cs2916-2025',
      title: 'Load the study',
      description:
        'The published grid of a course project on Qwen2.5-Math-1.5B: 18 scores, five GRPO rounds and three baselines, nothing to run.',
      minutes: null,
      loaded: names.has(studyName),
    },
  ]
}

/** Starts an example sweep as a new one. */
export function runExample(context: Context, name: 'short-cot'): SweepRow {
  const text = readFileSync(path.join(examplesFolder, `${name}.yaml`), 'utf8')
  return createSweep(context, { text, directory: examplesFolder })
}
