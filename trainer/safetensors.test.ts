import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { defaultFeedForward, type ModelConfig, toHuggingFace } from '../contract/model-config.ts'
import { readModelFolder, toStoredTensors, writeModelFolder } from './model/hugging-face.ts'
import { initialWeights } from './model/qwen2.ts'
import { openSafetensors, type StoredTensor, writeSafetensors } from './safetensors.ts'
import { arithmeticTokenizer, readTokenizer } from './tokenizer.ts'

const root = mkdtempSync(path.join(tmpdir(), 'sweepboard-folders-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const config: ModelConfig = {
  vocabulary: 64,
  width: 16,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headWidth: 4,
  feedForward: defaultFeedForward(16),
  ropeBase: 10000,
  normEpsilon: 1e-6,
  tieEmbeddings: true,
  maximumLength: 64,
}

let folders = 0
function modelFolder(dtype: 'F32' | 'BF16' = 'F32'): string {
  const folder = path.join(root, `model-${folders++}`)
  writeModelFolder(folder, config, initialWeights(config, 1), arithmeticTokenizer(), dtype)
  return folder
}

/** Writes the folder's tensors once more, after a change. */
function rewrite(folder: string, change: (tensors: Map<string, StoredTensor>) => void): void {
  const tensors = toStoredTensors(config, initialWeights(config, 1))
  change(tensors)
  writeSafetensors(path.join(folder, 'model.safetensors'), tensors)
}

test('F32 and BF16 come back, rounded to nearest even', () => {
  const file = path.join(root, 'values.safetensors')
  const data = Float32Array.from([1, -2.5, Math.PI, 1.00390625, 1.01171875, -0, Infinity, -Infinity, 3.4e38])
  writeSafetensors(file, new Map([['a', { shape: [3, 3], data }]]))
  const exact = openSafetensors(file)
  expect(exact.read('a')).toEqual(data)
  expect(exact.shape('a')).toEqual([3, 3])
  exact.close()
  writeSafetensors(
    file,
    new Map([
      ['a', { shape: [9], data }],
      ['nan', { shape: [1], data: Float32Array.of(Number.NaN) }],
    ]),
    { dtype: 'BF16' },
  )
  const rounded = openSafetensors(file)
  // 1 + 1/256 lies half-way and goes to the even 1; 1 + 3/256 to 1 + 4/256
  expect([...rounded.read('a')]).toEqual([1, -2.5, 3.140625, 1, 1.015625, -0, Infinity, -Infinity, Infinity])
  expect(rounded.read('nan')[0]).toBeNaN()
  rounded.close()
})

test('a model folder comes back bit for bit, and its tokenizer with it', () => {
  const folder = modelFolder()
  const read = readModelFolder(folder)
  expect(read.config).toMatchObject({ ...config })
  expect(read.weights).toEqual(initialWeights(config, 1))
  expect(readTokenizer(folder).encode('1+2=')).toEqual(arithmeticTokenizer().encode('1+2='))
  const half = readModelFolder(modelFolder('BF16')).weights.get('embedding')!
  expect(half[0]).toBeCloseTo(initialWeights(config, 1).get('embedding')![0]!, 3)
})

test('a sharded folder is read through its index', () => {
  const folder = modelFolder()
  const tensors = [...toStoredTensors(config, initialWeights(config, 1))]
  const shards = [tensors.slice(0, 7), tensors.slice(7)]
  const places: Record<string, string> = {}
  for (const [index, shard] of shards.entries()) {
    const name = `model-0000${index + 1}-of-00002.safetensors`
    writeSafetensors(path.join(folder, name), new Map(shard))
    for (const [tensor] of shard) places[tensor] = name
  }
  rmSync(path.join(folder, 'model.safetensors'))
  const index = path.join(folder, 'model.safetensors.index.json')
  writeFileSync(index, JSON.stringify({ metadata: {}, weight_map: places }))
  expect(readModelFolder(folder).weights).toEqual(initialWeights(config, 1))
  rmSync(path.join(folder, 'model-00002-of-00002.safetensors'))
  expect(() => readModelFolder(folder)).toThrow('model-00002-of-00002.safetensors is missing')
})

test('a tensor that is missing is named', () => {
  const folder = modelFolder()
  rewrite(folder, (tensors) => tensors.delete('model.layers.1.self_attn.k_proj.bias'))
  expect(() => readModelFolder(folder)).toThrow('lacks the tensor model.layers.1.self_attn.k_proj.bias, of shape [8]')
})

test('a tensor of a wrong shape is named, with both shapes', () => {
  const folder = modelFolder()
  rewrite(folder, (tensors) => tensors.set('model.norm.weight', { shape: [8], data: new Float32Array(8) }))
  expect(() => readModelFolder(folder)).toThrow('the tensor model.norm.weight has shape [8]; expected [16]')
})

test('a truncated file is named', () => {
  const folder = modelFolder()
  const file = path.join(folder, 'model.safetensors')
  const size = readFileSync(file).length
  truncateSync(file, size - 10)
  expect(() => readModelFolder(folder)).toThrow(
    `${file} ends at ${size - 10} bytes; expected at least ${size}: it is truncated`,
  )
  truncateSync(file, 40)
  expect(() => readModelFolder(folder)).toThrow('it is truncated or no safetensors file')
  truncateSync(file, 3)
  expect(() => readModelFolder(folder)).toThrow('truncated')
})

test('another architecture is named', () => {
  const folder = modelFolder()
  writeFileSync(
    path.join(folder, 'config.json'),
    JSON.stringify({
      ...toHuggingFace(config, 'float32', arithmeticTokenizer()),
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
    }),
  )
  expect(() => readModelFolder(folder)).toThrow(
    'the architecture is "LlamaForCausalLM" (model_type "llama"); expected Qwen2ForCausalLM',
  )
  writeFileSync(
    path.join(folder, 'config.json'),
    JSON.stringify({ ...toHuggingFace(config, 'float32', arithmeticTokenizer()), hidden_size: '16' }),
  )
  expect(() => readModelFolder(folder)).toThrow('hidden_size is "16"; expected a number above 0')
  writeFileSync(path.join(folder, 'config.json'), '{')
  expect(() => readModelFolder(folder)).toThrow('config.json is not JSON')
})

test('a folder that is none is named', () => {
  expect(() => readModelFolder(path.join(root, 'nowhere'))).toThrow(`${path.join(root, 'nowhere')} does not exist`)
  expect(() => readModelFolder(root)).toThrow('has no config.json')
})

test('a tensor beyond 2 GiB of a file is read', () => {
  const file = path.join(root, 'large.safetensors')
  const first = 3 * 2 ** 30
  const header = Buffer.from(
    JSON.stringify({
      a: { dtype: 'F32', shape: [first / 4], data_offsets: [0, first] },
      b: { dtype: 'BF16', shape: [2], data_offsets: [first, first + 4] },
    }),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  writeFileSync(file, Buffer.concat([length, header]))
  // what lies between is a hole, which takes no room on the disk
  const handle = openSync(file, 'r+')
  writeSync(handle, Uint8Array.from([0x80, 0x3f, 0x00, 0xc0]), 0, 4, 8 + header.length + first)
  closeSync(handle)
  const opened = openSafetensors(file)
  expect(opened.read('b')).toEqual(Float32Array.from([1, -2]))
  opened.close()
})
