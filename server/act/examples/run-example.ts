// oxlint-disable-next-line no-restricted-imports -- a file of this project
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { listSweeps } from '../../../db/queries/sweeps.ts'
import type { Context } from '../../base/context.ts'
import { startCurriculum } from '../curricula/change-curriculum.ts'
import { createSweep } from '../sweeps/create-sweep.ts'
import { studyName } from './load-study.ts'

const examplesFolder = path.resolve(import.meta.dirname, '../../../examples')

export type ExampleView = {
  name: 'short-cot' | 'cs2916-2025' | 'curriculum'
  title: string
  description: string
  minutes: number | null
  loaded: boolean
}

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
    {
      name: 'curriculum',
      title: 'Run the curriculum',
      description:
        'Pretraining, a terse model and five GRPO rounds on this machine, each from the checkpoint that a rule picked before it.',
      minutes: 2,
      loaded: names.has('curriculum-pretrain'),
    },
  ]
}

/** Starts an example sweep as a new one, or the example curriculum where it stands; gives the address of its page. */
export async function runExample(context: Context, name: 'short-cot' | 'curriculum'): Promise<{ address: string }> {
  const text = readFileSync(path.join(examplesFolder, `${name}.yaml`), 'utf8')
  const given = { text, directory: examplesFolder }
  if (name === 'curriculum') return { address: `/curricula/${(await startCurriculum(context, given)).id}` }
  return { address: `/sweeps/${createSweep(context, given).id}` }
}
