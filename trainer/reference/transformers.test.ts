/**
 * Folders of transformers 4 and 5 read here, and folders of ours as both of them read them, against recorded numbers
 * (record-transformers.py): the logits within 1e-3 or a refusal that names the key, and the same token ids.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Backend, startBackend } from '../backend.ts'
import { readModel } from '../checkpoint.ts'
import { normalize } from '../kernels/plain.ts'
import { readModelFolder, writeModelFolder } from '../model/hugging-face.ts'
import { Qwen2 } from '../model/qwen2.ts'
import { type StoredTensor, writeSafetensors } from '../safetensors.ts'
import { arithmeticTokenizer, readTokenizer } from '../tokenizer.ts'

type Version = {
  variants: Record<
    string,
    { config: Record<string, unknown>; shapes: Record<string, number[]>; logits: number[] | null }
  >
  arithmetic: { digest: string; size: number; ids: number[][]; decoded: boolean }
  byteLevel: { files: Record<string, string>; texts: string[]; ids: number[][] }
}
const recorded = JSON.parse(readFileSync(new URL('transformers-numbers.json', import.meta.url), 'utf8'))
const { ids, positions, texts } = recorded as { ids: number[]; positions: number[]; texts: string[] }
const versions = ['4.57.6', '5.24.0'].map((name) => [name, recorded[name] as Version] as const)

/** Variants that are refused, and by which key. */
const refused: Record<string, string[]> = {
  'a sliding window': ['layer_types holds "sliding_attention", which is not supported; expected full_attention'],
  'a sliding window in one layer': ['layer_types holds "sliding_attention"'],
  'another activation': ['hidden_act is "gelu"; expected silu'],
  'linear scaling': ['rope_scaling.rope_type is "linear"', 'rope_parameters.rope_type is "linear"'],
  'dynamic scaling': ['rope_scaling.rope_type is "dynamic"', 'rope_parameters.rope_type is "dynamic"'],
  yarn: ['rope_scaling.rope_type is "yarn"', 'rope_parameters.rope_type is "yarn"'],
  'llama3 scaling': ['rope_scaling.rope_type is "llama3"', 'rope_parameters.rope_type is "llama3"'],
  quantized: ['quantization_config is {"quant_method":"bitsandbytes"'],
}

let backend: Backend
const root = mkdtempSync(path.join(tmpdir(), 'sweepboard-transformers-'))
beforeAll(async () => {
  backend = (await startBackend(process.env.SWEEPBOARD_BACKEND || 'wasm')).backend
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

let folders = 0
/** A folder with this config.json, and weights by the recording's formula in the type that it names. */
function folderOf(config: Record<string, unknown>, shapes: Record<string, number[]>): string {
  const folder = path.join(root, String(folders++))
  mkdirSync(folder)
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(config))
  const tensors = new Map<string, StoredTensor>()
  for (const [name, shape] of Object.entries(shapes)) {
    const phase = [...name].reduce((sum, character) => sum + character.charCodeAt(0), 0)
    const wave = (index: number) => Math.sin(0.7 * (index + 1) + phase)
    const length = shape.reduce((product, size) => product * size, 1)
    const value = (index: number) => (name.includes('norm') ? 1 + 0.2 * wave(index) : 0.3 * wave(index))
    tensors.set(name, { shape, data: Float32Array.from({ length }, (_, index) => value(index)) })
  }
  const file = path.join(folder, 'model.safetensors')
  if (config.dtype === 'float16') writeHalf(file, tensors)
  else writeSafetensors(file, tensors, { dtype: config.dtype === 'bfloat16' ? 'BF16' : 'F32' })
  return folder
}

/** The same file in half precision, which this project reads and never writes. */
function writeHalf(file: string, tensors: Map<string, StoredTensor>): void {
  const header: Record<string, unknown> = {}
  const parts: Uint8Array[] = []
  let offset = 0
  for (const [name, { shape, data }] of tensors) {
    const half = new Uint8Array(Float16Array.from(data).buffer)
    header[name] = { dtype: 'F16', shape, data_offsets: [offset, (offset += half.length)] }
    parts.push(half)
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  writeFileSync(file, Buffer.concat([length, text, ...parts]))
}

/** Logits at the recorded positions, one after the other. */
function logitsOf(folder: string): Float32Array {
  const { config, weights } = readModelFolder(folder)
  const model = new Qwen2(config, weights, backend)
  const logits = tf.tidy(() => {
    const count = ids.length
    const hidden = model.hidden(tf.tensor1d(ids, 'int32'), tf.zeros([count], 'int32') as Tensor1D, 1, count)
    const gain = model.parameter('finalGain') as unknown as Tensor1D
    const all = tf.matMul(
      normalize(hidden, gain, config.normEpsilon),
      model.headTable as unknown as Tensor2D,
      false,
      true,
    )
    return tf.gather(all, tf.tensor1d(positions, 'int32')).dataSync<'float32'>().slice()
  })
  model.dispose()
  return logits
}

function expectLogits(folder: string, expected: number[]): void {
  const logits = logitsOf(folder)
  const furthest = Math.max(...expected.map((value, index) => Math.abs(value - logits[index]!)))
  expect(logits).toHaveLength(expected.length)
  expect(furthest).toBeLessThan(1e-3)
}

for (const [at, [version, { variants }]] of versions.entries()) {
  for (const [name, { config, shapes, logits }] of Object.entries(variants)) {
    const reasons = refused[name]
    if (reasons !== undefined) {
      test(`transformers ${version}, ${name}: refused by the key's name`, () => {
        expect(() => readModelFolder(folderOf(config, shapes))).toThrow(reasons[at] ?? reasons[0]!)
      })
      continue
    }
    test(`transformers ${version}, ${name}: its logits, and again from the folder that is written back`, () => {
      const folder = folderOf(config, shapes)
      expectLogits(folder, logits!)
      const read = readModelFolder(folder)
      const back = `${folder}-back`
      writeModelFolder(back, read.config, read.weights, arithmeticTokenizer())
      expectLogits(back, logits!)
      const written = JSON.parse(readFileSync(path.join(back, 'config.json'), 'utf8')) as Record<string, unknown>
      const { dtype: _dtype, rope_scaling: _scaling, ...others } = config
      expect(written).toMatchObject(others)
      // where transformers 4 looks for the rotary base, and where 5 does
      expect(written.rope_theta).toBe((written.rope_parameters as { rope_theta: number }).rope_theta)
      expect([written.dtype, written.torch_dtype]).toEqual(['float32', 'float32'])
    })
  }

  test(`transformers ${version} gives the arithmetic tokenizer's ids for ${texts.length} texts`, () => {
    const { digest, size, ids: theirs, decoded } = versions[at]![1].arithmetic
    const tokenizer = arithmeticTokenizer()
    const hash = createHash('sha256')
    for (const name of ['tokenizer.json', 'tokenizer_config.json']) hash.update(tokenizer.files.get(name)!)
    expect(hash.digest('hex'), 'the files are others than those recorded: record again').toBe(digest)
    expect(size).toBe(tokenizer.vocabulary)
    expect(texts.map((text) => tokenizer.encode(text))).toEqual(theirs)
    expect(decoded).toBe(true)
  })

  test(`a byte-level tokenizer that transformers ${version} saved: its ids, and its files go along as they are`, () => {
    const { files, texts: tricky, ids: theirs } = versions[at]![1].byteLevel
    const folder = folderOf(versions[at]![1].variants.plain!.config, versions[at]![1].variants.plain!.shapes)
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text)
    const { config, weights, tokenizer } = readModel(folder)
    expect(tricky.map((text) => tokenizer.encode(text))).toEqual(theirs)
    const back = `${folder}-back`
    writeModelFolder(back, config, weights, tokenizer)
    for (const [name, text] of Object.entries(files)) expect(readFileSync(path.join(back, name), 'utf8')).toBe(text)
    expect(Object.keys(files)).toEqual(expect.arrayContaining(['chat_template.jinja', 'generation_config.json']))
  })
}

const plain = () => {
  const { config, shapes } = versions[0]![1].variants.plain!
  return { config: { ...config }, shapes }
}
const asked: [string, Record<string, unknown>, string][] = [
  [
    'two rotary bases',
    { rope_parameters: { rope_theta: 500 } },
    'rope_theta is 10000 and rope_parameters.rope_theta is 500; expected one rotary base',
  ],
  [
    'a part of the head rotated',
    { partial_rotary_factor: 0.5 },
    'partial_rotary_factor is 0.5, which is not supported; expected 1',
  ],
  [
    'a base a kind of layer',
    { rope_parameters: { full_attention: { rope_theta: 500 } } },
    'rope_parameters.full_attention is {"rope_theta":500}, which is not supported',
  ],
  ['an older name of scaling', { rope_scaling: { type: 'linear', factor: 2 } }, 'rope_scaling.rope_type is "linear"'],
  [
    'an older sliding window',
    { layer_types: undefined, use_sliding_window: true, max_window_layers: 1 },
    'use_sliding_window is true and max_window_layers 1 of 2 layers',
  ],
  [
    'capped logits',
    { final_logit_softcapping: 30 },
    'final_logit_softcapping is 30, which is not supported: it may change what the model computes',
  ],
  ['scaled attention', { attention_multiplier: 0.1 }, 'attention_multiplier is 0.1, which is not supported'],
]
for (const [name, change, sentence] of asked) {
  test(`a configuration with ${name} is refused by the key's name`, () => {
    const { config, shapes } = plain()
    expect(() => readModelFolder(folderOf({ ...config, ...change }, shapes))).toThrow(sentence)
  })
}

test('keys that say what is so anyway, or nothing about the arithmetic, are no reason to refuse', () => {
  const { config, shapes } = plain()
  const more = {
    hidden_act: 'swish',
    partial_rotary_factor: 1,
    rope_scaling: { rope_type: 'default' },
    attention_bias: true,
    use_mrope: false,
    logit_scale: null,
    _attn_implementation: 'sdpa',
    made_by: 'a person',
  }
  expectLogits(folderOf({ ...config, ...more }, shapes), versions[0]![1].variants.plain!.logits!)
})

test('a checkpoint of an earlier version, whose tokenizer misled transformers 5, is written as today', () => {
  const today = arithmeticTokenizer()
  const earlier = JSON.parse(today.files.get('tokenizer.json')!)
  const folder = path.join(root, 'earlier')
  mkdirSync(folder)
  writeFileSync(
    path.join(folder, 'tokenizer.json'),
    JSON.stringify({ ...earlier, added_tokens: earlier.added_tokens.slice(0, 3) }),
  )
  writeFileSync(
    path.join(folder, 'tokenizer_config.json'),
    JSON.stringify({ tokenizer_class: 'Qwen2Tokenizer', eos_token: '<eos>', pad_token: '<pad>' }),
  )
  expect(readTokenizer(folder).files).toEqual(today.files)
})
