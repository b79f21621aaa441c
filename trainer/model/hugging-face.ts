/**
 * Models as Hugging Face folders: config.json, model.safetensors (or shards with an index) and the tokenizer's files.
 * The folder keeps one matrix for each of queries, keys, values, gate and up, as (outputs, inputs); the model keeps them
 * side by side and turned (qwen2.ts). Nothing is rounded on the way.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { firstNotFinite } from '../finite.ts'
import { openSafetensors, type SafetensorsFile, type StoredTensor, writeSafetensors } from '../safetensors.ts'
import type { Tokenizer } from '../tokenizer.ts'
import {
  fromHuggingFace,
  type HuggingFaceConfig,
  type ModelConfig,
  toHuggingFace,
} from '../../contract/model-config.ts'
import { type Additions, baseOfAdapter, isAdapter, readAdapter } from './lora.ts'
import { type ParameterPart, parts } from './parts.ts'
import { parameterShapes } from './qwen2.ts'

type Weights = Map<string, Float32Array>
/** Copies between a folder's tensor (outputs, inputs) and its columns of the model's (inputs, all outputs). */
function copyPart(
  part: ParameterPart,
  stored: Float32Array,
  parameter: Float32Array,
  total: number,
  toModel: boolean,
): void {
  if (part.columns === 0 || part.shape.length === 1) {
    if (toModel) parameter.set(stored, part.column)
    else stored.set(parameter.subarray(part.column, part.column + stored.length))
    return
  }
  const [outputs, inputs] = part.shape as [number, number]
  // some outputs at a time, so that what lies side by side in either is copied while it is in the cache
  for (let first = 0; first < outputs; first += 16) {
    const last = Math.min(outputs, first + 16)
    for (let input = 0; input < inputs; input++) {
      for (let output = first; output < last; output++) {
        const a = output * inputs + input
        const b = input * total + part.column + output
        if (toModel) parameter[b] = stored[a]!
        else stored[a] = parameter[b]!
      }
    }
  }
}

/** The model's weights under the folder's names. */
export function toStoredTensors(config: ModelConfig, weights: Weights): Map<string, StoredTensor> {
  const shapes = parameterShapes(config)
  const result = new Map<string, StoredTensor>()
  for (const part of parts(config)) {
    const data = new Float32Array(part.shape.reduce((product, size) => product * size, 1))
    copyPart(part, data, weights.get(part.parameter)!, shapes.get(part.parameter)!.at(-1)!, false)
    result.set(part.stored, { shape: part.shape, data })
  }
  return result
}

/** Generation settings of the folder that a model came from: they go along with its checkpoints as they are. */
const generationFile = 'generation_config.json'

/** Writes a folder that other tools open, with what the model and its tokenizer came with. */
export function writeModelFolder(
  folder: string,
  config: ModelConfig,
  weights: Weights,
  tokenizer: Tokenizer,
  dtype: 'F32' | 'BF16' = 'F32',
): void {
  mkdirSync(folder, { recursive: true })
  const content = toHuggingFace(config, dtype === 'F32' ? 'float32' : 'bfloat16', tokenizer)
  writeFileSync(path.join(folder, 'config.json'), `${JSON.stringify(content, null, 2)}\n`)
  if (config.generation !== undefined) writeFileSync(path.join(folder, generationFile), config.generation)
  for (const [name, text] of tokenizer.files) writeFileSync(path.join(folder, name), text)
  writeSafetensors(path.join(folder, 'model.safetensors'), toStoredTensors(config, weights), { dtype })
}

/** Finds the file of each tensor: one file, or the shards that model.safetensors.index.json lists. */
function openShards(folder: string): { find: (name: string) => SafetensorsFile; close: () => void } {
  const single = path.join(folder, 'model.safetensors')
  const index = path.join(folder, 'model.safetensors.index.json')
  const opened = new Map<string, SafetensorsFile>()
  const open = (file: string): SafetensorsFile => {
    let shard = opened.get(file)
    if (shard === undefined) {
      if (!existsSync(file)) throw new Error(`${file} is missing, although ${path.basename(index)} lists it`)
      shard = openSafetensors(file)
      opened.set(file, shard)
    }
    return shard
  }
  const close = () => opened.forEach((shard) => shard.close())
  if (existsSync(index)) {
    const places = (JSON.parse(readFileSync(index, 'utf8')) as { weight_map?: Record<string, string> }).weight_map
    if (places === undefined) throw new Error(`${index} has no weight_map`)
    const find = (name: string) => {
      const file = places[name]
      if (file === undefined) throw new Error(`${index} lists no tensor ${name}, which the model needs`)
      return open(path.join(folder, file))
    }
    return { find, close }
  }
  if (!existsSync(single)) throw new Error(`${folder} has neither model.safetensors nor model.safetensors.index.json`)
  return { find: () => open(single), close }
}

/**
 * Reads a model's folder, or that of an adapter (lora.ts) with the model that it names, merged.
 * @throws naming the file and the key or tensor: no such folder, another architecture, a tensor that is missing, of a
 * wrong shape or cut off
 */
export function readModelFolder(folder: string): { config: ModelConfig; weights: Weights } {
  if (!isAdapter(folder)) return readWhole(folder, null)
  const adapter = readAdapter(folder)
  const read = readWhole(baseOfAdapter(folder), adapter)
  adapter.requireAllUsed()
  return read
}

/** The shape of the model in a folder, or of that which an adapter's folder names. Throws as readModelFolder does, of all but its weights. */
export function readModelConfig(folder: string): ModelConfig {
  return readConfig(isAdapter(folder) ? baseOfAdapter(folder) : folder)
}

function readConfig(folder: string): ModelConfig {
  if (!existsSync(folder))
    throw new Error(`${folder} does not exist; expected a Hugging Face folder with config.json and model.safetensors`)
  const configFile = path.join(folder, 'config.json')
  if (!existsSync(configFile)) throw new Error(`${folder} has no config.json; expected a Hugging Face folder`)
  let source: HuggingFaceConfig
  try {
    source = JSON.parse(readFileSync(configFile, 'utf8')) as HuggingFaceConfig
  } catch (error) {
    throw new Error(`${configFile} is not JSON: ${(error as Error).message}`)
  }
  const config = fromHuggingFace(source, configFile)
  const generation = path.join(folder, generationFile)
  if (existsSync(generation)) config.generation = readFileSync(generation, 'utf8')
  return config
}

function readWhole(folder: string, adapter: Additions | null): { config: ModelConfig; weights: Weights } {
  const config = readConfig(folder)
  const shards = openShards(folder)
  try {
    const weights: Weights = new Map()
    for (const [name, shape] of parameterShapes(config)) {
      weights.set(name, new Float32Array(shape.reduce((product, size) => product * size, 1)))
    }
    const shapes = parameterShapes(config)
    for (const part of parts(config)) {
      const shard = shards.find(part.stored)
      if (!shard.names.includes(part.stored))
        throw new Error(`${folder} lacks the tensor ${part.stored}, of shape [${part.shape.join(', ')}]`)
      const shape = shard.shape(part.stored)
      if (shape.join() !== part.shape.join()) {
        throw new Error(
          `${folder}: the tensor ${part.stored} has shape [${shape.join(', ')}]; expected [${part.shape.join(', ')}]`,
        )
      }
      const stored = shard.read(part.stored)
      const fault = firstNotFinite(stored)
      if (fault !== null) throw new Error(`${folder}: the tensor ${part.stored} holds ${fault}; expected numbers`)
      adapter?.addTo(part.stored, part.shape, stored)
      copyPart(part, stored, weights.get(part.parameter)!, shapes.get(part.parameter)!.at(-1)!, true)
    }
    return { config, weights }
  } finally {
    shards.close()
  }
}
