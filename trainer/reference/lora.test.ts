/** Adapters that PEFT wrote, read here with the model that they name: its logits within 1e-3 (record-lora.py), or a sentence. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Backend, startBackend } from '../backend.ts'
import { readModel } from '../checkpoint.ts'
import { normalize } from '../kernels/plain.ts'
import { readModelFolder } from '../model/hugging-face.ts'
import { Qwen2 } from '../model/qwen2.ts'
import { writeSafetensors } from '../safetensors.ts'
import { arithmeticTokenizer } from '../tokenizer.ts'
import { formulaTensors } from './formula.ts'
import recorded from './lora-numbers.json' with { type: 'json' }

const root = mkdtempSync(path.join(tmpdir(), 'sweepboard-lora-'))
let backend: Backend
beforeAll(async () => {
  backend = (await startBackend(process.env.SWEEPBOARD_BACKEND || 'wasm')).backend
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const variants = recorded.variants as Record<
  string,
  { config: Record<string, unknown>; shapes: Record<string, number[]>; logits: number[] }
>

let folders = 0
/** The folder of an adapter, its model beside it. */
function adapterFolder(config: Record<string, unknown>, shapes: Record<string, number[]>): string {
  const folder = path.join(root, String(folders++))
  mkdirSync(path.join(folder, 'base'), { recursive: true })
  mkdirSync(path.join(folder, 'adapter'))
  writeFileSync(path.join(folder, 'base', 'config.json'), JSON.stringify(recorded.config))
  for (const [name, text] of arithmeticTokenizer().files) writeFileSync(path.join(folder, 'base', name), text)
  writeSafetensors(path.join(folder, 'base', 'model.safetensors'), formulaTensors(recorded.shapes))
  const whole = { ...config, base_model_name_or_path: config.base_model_name_or_path === null ? null : '../base' }
  writeFileSync(path.join(folder, 'adapter', 'adapter_config.json'), JSON.stringify(whole))
  writeSafetensors(path.join(folder, 'adapter', 'adapter_model.safetensors'), formulaTensors(shapes))
  return path.join(folder, 'adapter')
}

test.each(Object.keys(variants))("an adapter's logits are PEFT's: %s", (name) => {
  const { config: adapter, shapes, logits: expected } = variants[name]!
  const { config, weights, tokenizer } = readModel(adapterFolder(adapter, shapes))
  expect(tokenizer.vocabulary).toBe(arithmeticTokenizer().vocabulary)
  const model = new Qwen2(config, weights, backend)
  const logits = tf.tidy(() => {
    const { ids, positions } = recorded
    const hidden = model.hidden(tf.tensor1d(ids, 'int32'), tf.zeros([ids.length], 'int32') as Tensor1D, 1, ids.length)
    const last = normalize(hidden, model.parameter('finalGain') as unknown as Tensor1D, config.normEpsilon)
    const all = tf.matMul(last, model.headTable as unknown as Tensor2D, false, true)
    return tf.gather(all, tf.tensor1d(positions, 'int32')).dataSync<'float32'>().slice()
  })
  model.dispose()
  expect(logits).toHaveLength(expected.length)
  expect(Math.max(...expected.map((value, index) => Math.abs(value - logits[index]!)))).toBeLessThan(1e-3)
})

const { config, shapes } = variants['every matrix']!
const [first] = Object.keys(shapes) as [string]
const faults: [string, Record<string, unknown>, Record<string, number[]>, string][] = [
  ['another method', { peft_type: 'IA3' }, {}, 'peft_type is "IA3"; expected LORA'],
  ['DoRA', { use_dora: true }, {}, 'use_dora is true; expected nothing: it is not supported'],
  ['something that PEFT of today does not know', { use_next: 'yes' }, {}, 'use_next is "yes"; expected nothing'],
  [
    'a start that changes the model',
    { init_lora_weights: 'pissa_niter_4' },
    {},
    'init_lora_weights is "pissa_niter_4"; expected a way to begin that leaves the model as it is',
  ],
  ['ranks of their own', { rank_pattern: { q_proj: 2 } }, {}, 'rank_pattern is {"q_proj":2}; expected nothing'],
  ['another rank than its matrices', { r: 5 }, {}, 'has shape [4, 24]; expected [5, 24]'],
  [
    'no model',
    { base_model_name_or_path: null },
    {},
    'base_model_name_or_path is null; expected the folder of a model',
  ],
  [
    'a matrix that is none',
    {},
    { [first.replace('layers.0', 'layers.9')]: [4, 24] },
    'the model has no matrix for the tensor',
  ],
  [
    'an embedding of its own',
    {},
    { 'base_model.model.model.embed_tokens.weight': [37, 24] },
    'is not supported; expected lora_A',
  ],
]
test.each(faults)('an adapter with %s is refused by name', (_name, change, more, sentence) => {
  expect(() => readModelFolder(adapterFolder({ ...config, ...change }, { ...shapes, ...more }))).toThrow(sentence)
})
