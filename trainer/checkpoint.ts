/**
 * Checkpoints: a Hugging Face folder with two more files, optimizer.safetensors (the optimizer's moments) and
 * trainer.json (how far the run was), from which a run goes on as if it had never stopped; and reference.safetensors, where the model
 * that a divergence is measured from moves.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { TrainerConfig } from '../contract/trainer-settings.ts'
import { firstNotFinite, notFinite } from './finite.ts'
import type { Adapter } from './model/adapter.ts'
import { isAdapter, readMatrices, writeAdapter } from './model/lora.ts'
import { readModelFolder, writeModelFolder } from './model/hugging-face.ts'
import { parameterShapes, type Qwen2 } from './model/qwen2.ts'
import type { AdamW, Moments } from './optimizer.ts'
import { openSafetensors, type StoredTensor, writeSafetensors } from './safetensors.ts'
import { readTokenizer, type Tokenizer } from './tokenizer.ts'
import type { ModelConfig } from '../contract/model-config.ts'

/**
 * Which meaning settings have: 1 (where trainer.json says nothing) until the cosine began after the warm-up, advantages were
 * divided by the sample's deviation and prompts came in passes.
 */
export const definitions = 2

const referenceFile = 'reference.safetensors'
/** Where a checkpoint with a merged adapter has the adapter itself. */
const adapterFolder = 'adapter'

const tensorsOf = (weights: Map<string, Float32Array>, shapes: Map<string, number[]>) =>
  new Map([...weights].map(([name, data]): [string, StoredTensor] => [name, { shape: shapes.get(name)!, data }]))

/** What trainer.json holds. */
export type TrainerState = {
  definitions: number
  trainer: string
  step: number
  epoch: number | null
  /** Updates that the optimizer made: more than steps where a step makes several. */
  updates: number
  /** Tokens learned from so far. */
  tokens: number
  /** Prompts taken from their order so far; 0 where a trainer takes none. */
  prompts: number
  config: TrainerConfig
}

/**
 * Writes the folder beside its place and renames it there, so that a checkpoint is whole or absent.
 * @throws where a parameter or one of its moments is no number: then nothing is written
 */
export function writeCheckpoint(
  folder: string,
  model: Qwen2,
  optimizer: AdamW,
  tokenizer: Tokenizer,
  state: TrainerState,
  reference: Qwen2 | null = null,
): void {
  const { adapter } = model
  const trained = adapter?.weights() ?? model.weights()
  const saved = optimizer.moments()
  for (const [name, values] of trained) {
    const fault = firstNotFinite(values)
    if (fault !== null) throw notFinite(`The parameter ${name} holds ${fault} at step ${state.step}`, state.config)
    const { first, second } = saved.get(name)!
    const momentFault = firstNotFinite(first) ?? firstNotFinite(second)
    if (momentFault !== null)
      throw notFinite(`A moment of the parameter ${name} holds ${momentFault} at step ${state.step}`, state.config)
  }
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  if (adapter === null) writeModelFolder(partial, model.config, trained, tokenizer)
  else writeAdapted(partial, model, adapter, trained, tokenizer)
  const moments = new Map<string, StoredTensor>()
  const shapes = parameterShapes(model.config)
  for (const [name, { first, second }] of saved) {
    const { shape } = model.trained.get(name)!
    moments.set(`${name}.first`, { shape, data: first })
    moments.set(`${name}.second`, { shape, data: second })
  }
  writeSafetensors(path.join(partial, 'optimizer.safetensors'), moments)
  if (reference !== null) writeSafetensors(path.join(partial, referenceFile), tensorsOf(reference.weights(), shapes))
  writeFileSync(path.join(partial, 'trainer.json'), `${JSON.stringify(state, null, 2)}\n`)
  rmSync(folder, { recursive: true, force: true })
  renameSync(partial, folder)
}

/** A folder of an adapter with its tokenizer, or of the model with the adapter merged, which stands in a folder of its own in it. */
function writeAdapted(
  folder: string,
  model: Qwen2,
  adapter: Adapter,
  trained: Map<string, Float32Array>,
  tokenizer: Tokenizer,
): void {
  const isMerged = adapter.settings.lora_checkpoints === 'merged'
  if (isMerged) writeModelFolder(folder, model.config, model.mergedWeights(), tokenizer)
  const shapes = new Map([...adapter.parameters].map(([name, { shape }]) => [name, shape]))
  writeAdapter(
    isMerged ? path.join(folder, adapterFolder) : folder,
    tensorsOf(trained, shapes),
    adapter.settings,
    adapter.base,
  )
  if (!isMerged) for (const [name, text] of tokenizer.files) writeFileSync(path.join(folder, name), text)
}

export type LoadedModel = { config: ModelConfig; weights: Map<string, Float32Array>; tokenizer: Tokenizer }

/** A model to start from or to evaluate: any Hugging Face folder of the architecture. */
export function readModel(folder: string): LoadedModel {
  return { ...readModelFolder(folder), tokenizer: readTokenizer(folder) }
}

/** A checkpoint to go on from. Throws, naming the file, where the folder is a model without a run's state. */
export function readCheckpoint(folder: string): LoadedModel & {
  /** What is trained in place of the weights, and the folder of these. */
  adapter: { values: Map<string, Float32Array>; base: string } | null
  moments: Moments
  state: TrainerState
  /** Weights of the model that a divergence is measured from, where it had moved. */
  reference: Map<string, Float32Array> | null
} {
  const adapter = [folder, path.join(folder, adapterFolder)].find(isAdapter)
  const matrices = adapter === undefined ? null : readMatrices(adapter)
  const model = readModel(matrices?.base ?? folder)
  const stateFile = path.join(folder, 'trainer.json')
  if (!existsSync(stateFile))
    throw new Error(`${folder} has no trainer.json, so a run cannot go on from it; it can serve as init`)
  const state = {
    definitions: 1,
    prompts: 0,
    ...(JSON.parse(readFileSync(stateFile, 'utf8')) as Partial<TrainerState>),
  } as TrainerState
  const file = openSafetensors(path.join(folder, 'optimizer.safetensors'))
  const moments: Moments = new Map()
  try {
    for (const name of matrices?.values.keys() ?? parameterShapes(model.config).keys()) {
      moments.set(name, { first: file.read(`${name}.first`), second: file.read(`${name}.second`) })
    }
  } finally {
    file.close()
  }
  return { ...model, adapter: matrices, moments, state, reference: readReference(folder, model.config) }
}

function readReference(folder: string, config: ModelConfig): Map<string, Float32Array> | null {
  const file = path.join(folder, referenceFile)
  if (!existsSync(file)) return null
  const opened = openSafetensors(file)
  try {
    return new Map([...parameterShapes(config).keys()].map((name) => [name, opened.read(name)]))
  } finally {
    opened.close()
  }
}
