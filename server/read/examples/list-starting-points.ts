/** What a new sweep may start from: the examples of this project, each a sweep that runs as it stands, and a person's own. */
import path from 'node:path'
import type { StartingPointView, ToChange } from '../../../contract/api/starting-points.ts'
import { listKeptStartingPoints } from '../../../db/queries/starting-points.ts'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import type { Context } from '../../base/context.ts'
import { readSweepText } from '../../formats/read-sweep-file.ts'

const examplesFolder = path.resolve(import.meta.dirname, '../../../examples')
const mostBytes = 1 << 20

type Shipped = { id: string; title: string; description: string; file: string; changes: ToChange[] }

const folder: ToChange = { field: 'directory', words: 'The folder of your own project.' }
const baseline: ToChange = {
  field: 'score/baseline',
  words: 'The accuracies of your base model, or let it be measured first.',
}
const harness: ToChange = {
  field: 'evaluate/command',
  words: 'lm_eval in place of stand-ins/lm_eval, and your tasks.',
}

/** In the order of the gallery. `file` is below `examples/`; its folder is the sweep's. */
export const shippedStartingPoints: readonly Shipped[] = [
  {
    id: 'report-scripts',
    title: 'Two shell scripts',
    description: 'A training script and an evaluation script with arguments, on four GPUs.',
    file: 'report-scripts/sweep.yaml',
    changes: [
      { field: 'train/command', words: 'Your training script, with its own arguments.' },
      { field: 'checkpoint', words: 'Where your script leaves its checkpoints.' },
      { field: 'evaluate/command', words: 'Your evaluation: a command that writes accuracies to ${report}.' },
      baseline,
      folder,
    ],
  },
  {
    id: 'trl-sft',
    title: 'TRL, SFT',
    description: 'trl sft over learning rates and batch sizes, a point after each epoch.',
    file: 'starting-points/trl-sft.yaml',
    changes: [
      { field: 'train/command', words: 'trl in place of stand-ins/trl, your model and your data set.' },
      harness,
      baseline,
      folder,
    ],
  },
  {
    id: 'trl-grpo',
    title: 'TRL, GRPO',
    description: 'trl grpo over learning rates and the weight of the KL, a point every 50 steps.',
    file: 'starting-points/trl-grpo.yaml',
    changes: [
      { field: 'train/command', words: 'trl in place of stand-ins/trl, your model, data set and reward.' },
      harness,
      baseline,
      folder,
    ],
  },
  {
    id: 'verl',
    title: 'verl, GRPO',
    description: 'verl’s main_ppo with overrides name=value; checkpoints of global_step_N.',
    file: 'starting-points/verl.yaml',
    changes: [
      {
        field: 'train/command',
        words: 'python3 -m verl.trainer.main_ppo in place of stand-ins/verl, and your overrides.',
      },
      harness,
      baseline,
      folder,
    ],
  },
  {
    id: 'llama-factory',
    title: 'LLaMA-Factory, SFT',
    description: 'llamafactory-cli train with a file of settings, which the sweep’s values go over.',
    file: 'starting-points/llama-factory.yaml',
    changes: [
      {
        field: 'train/command',
        words: 'llamafactory-cli in place of stand-ins/llamafactory-cli, and your file of settings.',
      },
      harness,
      baseline,
      folder,
    ],
  },
  {
    id: 'lm-eval',
    title: 'lm-evaluation-harness',
    description: 'Models that are there, compared; nothing is trained.',
    file: 'starting-points/lm-eval.yaml',
    changes: [{ field: 'axes/model', words: 'The folders of your models.' }, harness, baseline, folder],
  },
  {
    id: 'built-in-grid',
    title: 'Built-in trainer, a grid',
    description: 'A small language model on this machine: nine trainings in minutes, nothing to install.',
    file: 'short-cot.yaml',
    changes: [
      { field: 'axes/batch_size', words: 'The values that you want to compare; any setting can be an axis.' },
      { field: 'axes/learning_rate', words: 'The values that you want to compare.' },
    ],
  },
  {
    id: 'built-in-curriculum',
    title: 'Built-in trainer, a curriculum',
    description: 'Pretraining, SFT and GRPO rounds, each from a checkpoint of the one before. Opens New curriculum.',
    file: 'curriculum.yaml',
    changes: [],
  },
]

/** Those of this project first, then a person's own by name. */
export function listStartingPoints(context: Context): StartingPointView[] {
  const kept = listKeptStartingPoints(context.database).map(({ id, name, definition, directory }) => ({
    id,
    title: name,
    description: `${definition.trainer ?? definition.train?.command?.slice(0, 2).join(' ') ?? ''}, kept by you`,
    directory,
    changes: [],
    definition,
    curriculum: null,
  }))
  return [...shippedStartingPoints.map(read), ...kept]
}

function read({ file, ...shipped }: Shipped): StartingPointView {
  const absolute = path.join(examplesFolder, file)
  const text = readWholeFile(absolute, 'anywhere', mostBytes) ?? ''
  const directory = path.dirname(absolute)
  if (shipped.id === 'built-in-curriculum') return { ...shipped, directory, definition: null, curriculum: text }
  const { definition } = readSweepText(text)
  if (definition === null) throw new Error(`${absolute} is no sweep`)
  return { ...shipped, directory, definition, curriculum: null }
}
