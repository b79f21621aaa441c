/**
 * LoRA adapters as PEFT writes them: adapter_config.json and adapter_model.safetensors, two small matrices A and B for a matrix W of the
 * model that the adapter was trained on. They are merged where a folder is read: W + B A · alpha / r. What is trained here (adapter.ts) is
 * written in the same way.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { firstNotFinite } from '../finite.ts'
import type { LoraSettings } from '../../contract/trainer-settings.ts'
import { openSafetensors, type StoredTensor, writeSafetensors } from '../safetensors.ts'

const configName = 'adapter_config.json'
const weightsName = 'adapter_model.safetensors'

/** Whether a folder is an adapter alone. */
export function isAdapter(folder: string): boolean {
  return existsSync(path.join(folder, configName)) && !existsSync(path.join(folder, 'config.json'))
}

type AdapterConfig = { base: string; scale: number; rank: number }

/** What may stand there, as it is when nothing is asked for by it. */
const nothing = new Set<unknown>([null, undefined, false, 'none', 0])
/**
 * Keys that are read here, or change nothing of what is computed from the matrices: how they were trained, and where. Whatever else asks for
 * something is refused by its name, as a later version of PEFT may add to what is computed.
 */
const understood = new Set([
  'peft_type',
  'base_model_name_or_path',
  'r',
  'lora_alpha',
  'use_rslora',
  'init_lora_weights',
  'target_modules',
  'exclude_modules',
  'layers_to_transform',
  'layers_pattern',
  'lora_dropout',
  'ensure_weight_tying',
  'inference_mode',
  'task_type',
  'auto_mapping',
  'revision',
  'peft_version',
  'megatron_core',
  'qalora_group_size',
])
/** Ways to begin that leave the model's own matrices as they are; PiSSA, OLoRA, CorDA and LoftQ change them. */
const leavesModel = new Set<unknown>([true, false, null, undefined, 'gaussian', 'orthogonal', 'eva'])

function readConfig(folder: string): AdapterConfig {
  const file = path.join(folder, configName)
  let source: Record<string, unknown>
  try {
    source = Object(JSON.parse(readFileSync(file, 'utf8'))) as Record<string, unknown>
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`)
  }
  const wrong = (key: string, expected: string) =>
    new Error(`${file}: ${key} is ${JSON.stringify(source[key])}; expected ${expected}`)
  if (source.peft_type !== 'LORA') throw wrong('peft_type', 'LORA')
  for (const [key, value] of Object.entries(source)) {
    const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0
    if (!understood.has(key) && !nothing.has(value) && !isEmpty) throw wrong(key, 'nothing: it is not supported')
  }
  if (!leavesModel.has(source.init_lora_weights))
    throw wrong('init_lora_weights', 'a way to begin that leaves the model as it is, such as true or "gaussian"')
  const { r: rank, lora_alpha: alpha, base_model_name_or_path: base } = source
  if (typeof rank !== 'number' || !(rank >= 1)) throw wrong('r', 'a number of 1 or more')
  if (typeof alpha !== 'number' || !Number.isFinite(alpha)) throw wrong('lora_alpha', 'a number')
  if (typeof base !== 'string' || base === '') throw wrong('base_model_name_or_path', 'the folder of a model')
  const found = [path.resolve(folder, base), path.resolve(base)].find((place) => existsSync(place))
  if (found === undefined || isAdapter(found))
    throw wrong('base_model_name_or_path', 'a folder that is here, of the model that the adapter was trained on')
  return { base: found, rank, scale: alpha / (source.use_rslora === true ? Math.sqrt(rank) : rank) }
}

/** The folder of the model that an adapter was trained on. Throws naming the file and key that does not fit. */
export function baseOfAdapter(folder: string): string {
  return readConfig(folder).base
}

/** What is added to the tensors of the model's folder, by their names: each (outputs, inputs). */
export type Additions = {
  /** Adds to a tensor what the adapter has for it. */
  addTo(name: string, shape: readonly number[], values: Float32Array): void
  /** @throws where the adapter has matrices for a tensor that was not read */
  requireAllUsed(): void
}

const start = 'base_model.model.'

/** The tensors of an adapter by their names in the model. */
function readTensors(folder: string): Map<string, { shape: number[]; values: Float32Array }> {
  const file = path.join(folder, weightsName)
  if (!existsSync(file)) throw new Error(`${folder} has no ${weightsName}; expected one beside ${configName}`)
  const opened = openSafetensors(file)
  const tensors = new Map<string, { shape: number[]; values: Float32Array }>()
  try {
    for (const name of opened.names) {
      if (!name.startsWith(start) || !/\.lora_[AB]\.weight$/.test(name))
        throw new Error(`${file}: the tensor ${name} is not supported; expected lora_A and lora_B of matrices`)
      const values = opened.read(name)
      const fault = firstNotFinite(values)
      if (fault !== null) throw new Error(`${file}: the tensor ${name} holds ${fault}; expected numbers`)
      tensors.set(name.slice(start.length), { shape: opened.shape(name), values })
    }
  } finally {
    opened.close()
  }
  return tensors
}

/** Rows as columns. */
function turned(values: Float32Array, rows: number, columns: number): Float32Array {
  return values.map((_, index) => values[(index % rows) * columns + Math.floor(index / rows)]!)
}

/** The matrices of an adapter that was written here, by the names and shapes of adapter.ts, and the folder of its model. */
export function readMatrices(folder: string): { base: string; values: Map<string, Float32Array> } {
  const { base } = readConfig(folder)
  const values = new Map<string, Float32Array>()
  for (const [name, { shape, values: stored }] of readTensors(folder)) {
    const [rows, columns] = shape as [number, number]
    values.set(name.replace(/\.weight$/, ''), name.includes('.lora_B.') ? turned(stored, rows, columns) : stored)
  }
  return { base, values }
}

/**
 * Writes an adapter's two files.
 * @param matrices by the names of adapter.ts, with shapes
 * @param base the folder of the model that it was trained on
 */
export function writeAdapter(
  folder: string,
  matrices: ReadonlyMap<string, StoredTensor>,
  settings: LoraSettings,
  base: string,
): void {
  mkdirSync(folder, { recursive: true })
  const tensors = new Map<string, StoredTensor>()
  for (const [name, { shape, data }] of matrices) {
    const [rows, columns] = shape as [number, number]
    const isTurned = name.endsWith('.lora_B')
    const stored = isTurned ? { shape: [columns, rows], data: turned(data, rows, columns) } : { shape, data }
    tensors.set(`${start}${name}.weight`, stored)
  }
  writeSafetensors(path.join(folder, weightsName), tensors)
  const config = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: base,
    r: settings.lora_rank,
    lora_alpha: settings.lora_alpha,
    lora_dropout: 0,
    target_modules: settings.lora_target_modules,
    use_rslora: settings.use_rslora,
    bias: 'none',
    fan_in_fan_out: false,
    init_lora_weights: true,
    inference_mode: true,
  }
  writeFileSync(path.join(folder, configName), `${JSON.stringify(config, null, 2)}\n`)
}

/** Reads an adapter. Throws naming the file, and the key or tensor that does not fit. */
export function readAdapter(folder: string): Additions {
  const { scale, rank } = readConfig(folder)
  const file = path.join(folder, weightsName)
  const tensors = readTensors(folder)
  const unused = new Set(tensors.keys())
  const part = (module: string, which: 'A' | 'B', expected: number[]) => {
    const name = `${module}.lora_${which}.weight`
    const tensor = tensors.get(name)
    unused.delete(name)
    if (tensor?.shape.join() !== expected.join())
      throw new Error(
        `${file}: the tensor ${start}${name} ${tensor === undefined ? 'is missing' : `has shape [${tensor.shape.join(', ')}]`}; expected [${expected.join(', ')}]`,
      )
    return tensor.values
  }
  return {
    addTo(name, shape, values) {
      const module = name.replace(/\.weight$/, '')
      if (!tensors.has(`${module}.lora_A.weight`) && !tensors.has(`${module}.lora_B.weight`)) return
      const [outputs, inputs] = shape as [number, number]
      const a = part(module, 'A', [rank, inputs])
      const b = part(module, 'B', [outputs, rank])
      for (let output = 0; output < outputs; output++) {
        for (let one = 0; one < rank; one++) {
          const factor = scale * b[output * rank + one]!
          for (let input = 0; input < inputs; input++)
            values[output * inputs + input]! += factor * a[one * inputs + input]!
        }
      }
    },
    requireAllUsed() {
      const [left] = unused
      if (left !== undefined) throw new Error(`${file}: the model has no matrix for the tensor ${start}${left}`)
    },
  }
}
