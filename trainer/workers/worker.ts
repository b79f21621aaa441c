/** A worker's thread: a model of its own, which is given the training's weights before each task. */
import { parentPort, workerData } from 'node:worker_threads'
import * as tf from '@tensorflow/tfjs'
import { startBackend } from '../backend.ts'
import { lossOfPairs } from '../dpo.ts'
import { lossOfSamples } from '../grpo.ts'
import { Adapter } from '../model/adapter.ts'
import { Qwen2 } from '../model/qwen2.ts'
import { lossOfExamples } from '../supervised.ts'
import { tokenizerFromFiles } from '../tokenizer.ts'
import { continuationsOf } from './continuations.ts'
import { type Loss, type Replica, sumOfItems } from './loss.ts'
import type { Task, WorkerStart } from './task.ts'
import { layDown, takeUp } from './values.ts'

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

function gradientsOf({ trainer, items, context, size }: Extract<Task, { kind: 'gradients' }>): Record<string, number> {
  const loss = losses[trainer] as unknown as Loss<unknown, unknown, Record<string, number>>
  const { figures, gradients } = sumOfItems(replica, loss, items, context, size)
  for (const [name, variable] of model.trained) layDown(model, gradients[variable.name]!, start.gradients.get(name)!)
  tf.dispose(gradients)
  return figures
}

parentPort!.on('message', (task: Task) => {
  const trained = start.adapter?.values ?? start.weights
  for (const [name, variable] of model.trained) takeUp(model, variable, trained.get(name)!)
  for (const [name, values] of moves ?? []) takeUp(reference!, reference!.parameter(name), values)
  const answer = task.kind === 'gradients' ? gradientsOf(task) : continuationsOf(replica, task.prompts, task.asked)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort!.postMessage(answer)
})
