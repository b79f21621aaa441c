/** A worker's thread: a model of its own, which is given the training's weights before each task. */
import { parentPort, workerData } from 'node:worker_threads'
import * as tf from '@tensorflow/tfjs'
import type { Variable } from '@tensorflow/tfjs'
import { startBackend } from '../backend.ts'
import { lossOfPairs } from '../dpo.ts'
import { lossOfSamples } from '../grpo.ts'
import { Adapter } from '../model/adapter.ts'
import { Qwen2 } from '../model/qwen2.ts'
import { lossOfExamples } from '../supervised.ts'
import { tokenizerFromFiles } from '../tokenizer.ts'
import { continuationsOf } from './continuations.ts'
import { type Loss, type Replica, sumOfItems } from './loss.ts'
import type { SharedValues, Task, WorkerStart } from './task.ts'

const losses = {
  sft: lossOfExamples,
  pretrain: lossOfExamples,
  best_of_n: lossOfExamples,
  grpo: lossOfSamples,
  dpo: lossOfPairs,
} as const

const start = workerData as WorkerStart
const { backend } = await startBackend(start.backend, start.kernels)
const adapter =
  start.adapter === null
    ? null
    : new Adapter(start.shape, start.adapter.settings, start.adapter.values, 'as the training has it', backend)
const model = new Qwen2(start.shape, start.weights, backend, adapter)
const moves = start.reference === null || start.reference === 'base' ? null : start.reference
const still = start.reference === 'base' ? model.base : null
const reference = moves === null ? still : new Qwen2(start.shape, moves, backend)
const replica: Replica = { model, reference, tokenizer: tokenizerFromFiles(start.tokenizerFiles, 'the tokenizer') }

/** Gives variables the values that the training has laid down for them. */
function assign(variables: ReadonlyMap<string, Variable>, values: SharedValues): void {
  for (const [name, variable] of variables)
    tf.tidy(() => variable.assign(tf.tensor(values.get(name)!.slice(), variable.shape)))
}

function gradientsOf({ trainer, items, context, size }: Extract<Task, { kind: 'gradients' }>): Record<string, number> {
  const loss = losses[trainer] as unknown as Loss<unknown, unknown, Record<string, number>>
  const { figures, gradients } = sumOfItems(replica, loss, items, context, size)
  for (const [name, variable] of model.trained)
    start.gradients.get(name)!.set(gradients[variable.name]!.dataSync<'float32'>())
  tf.dispose(gradients)
  return figures
}

parentPort!.on('message', (task: Task) => {
  assign(model.trained, start.adapter?.values ?? start.weights)
  if (moves !== null) assign(reference!.parameters, moves)
  const answer = task.kind === 'gradients' ? gradientsOf(task) : continuationsOf(replica, task.prompts, task.asked)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort!.postMessage(answer)
})
