/**
 * A training step of LoRA adapters against PyTorch's and PEFT's recorded numbers (record-lora-training.py): losses, gradients and
 * matrices after AdamW, on the compiled kernels, which merge, and on plain operations, which take the low-rank path; and the adapter
 * that is written against PEFT's own.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as tf from '@tensorflow/tfjs'
import type { Scalar, Tensor1D } from '@tensorflow/tfjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Backend, startBackend } from '../backend.ts'
import type { LoraSettings } from '../../contract/trainer-settings.ts'
import { plainOperations } from '../kernels/plain.ts'
import { Adapter } from '../model/adapter.ts'
import { readModelFolder } from '../model/hugging-face.ts'
import { readMatrices, writeAdapter } from '../model/lora.ts'
import { Qwen2 } from '../model/qwen2.ts'
import { AdamW } from '../optimizer.ts'
import { openSafetensors, writeSafetensors } from '../safetensors.ts'
import { surrogateLoss } from '../surrogate.ts'
import { formulaTensors } from './formula.ts'
import lora from './lora-numbers.json' with { type: 'json' }
import recorded from './lora-training-numbers.json' with { type: 'json' }

type Step = {
  loss: number
  gradientNorm: number
  gradients: Record<string, { norm: number; first: number[] }>
  after: Record<string, number[]>
  reference: number[]
}
type Variant = {
  config: Record<string, unknown>
  settings: { r: number; lora_alpha: number; target_modules: string[]; use_rslora?: boolean }
  shapes: Record<string, number[]>
  supervised: Step
  grpo: Step & { old: number[] }
}
const variants = recorded.variants as unknown as Record<string, Variant>
const [batch, length] = [2, 11]
const rows = {
  tokens: Int32Array.from(recorded.tokens),
  targets: Int32Array.from(recorded.targets),
  segmentStart: new Int32Array(batch * length),
  batch,
  length,
}

const root = mkdtempSync(path.join(tmpdir(), 'sweepboard-lora-training-'))
let backend: Backend
beforeAll(async () => {
  backend = (await startBackend(process.env.SWEEPBOARD_BACKEND || 'wasm')).backend
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const settingsOf = ({ r, lora_alpha, target_modules, use_rslora = false }: Variant['settings']): LoraSettings => ({
  lora_rank: r,
  lora_alpha,
  lora_target_modules: target_modules as LoraSettings['lora_target_modules'],
  use_rslora,
  lora_checkpoints: 'adapter',
})

let folders = 0
/** The variant's model with the recording's adapter, read from a folder of PEFT's layout. */
function open({ config, settings, shapes, supervised }: Variant, on: Backend): Qwen2 {
  const folder = path.join(root, String(folders++))
  mkdirSync(path.join(folder, 'base'), { recursive: true })
  writeFileSync(path.join(folder, 'base', 'config.json'), JSON.stringify(config))
  writeSafetensors(path.join(folder, 'base', 'model.safetensors'), formulaTensors(shapes))
  const base = readModelFolder(path.join(folder, 'base'))
  const { width, heads, headWidth, keyValueHeads, feedForward } = base.config
  const inputs: Record<string, number> = { o_proj: heads * headWidth, down_proj: feedForward }
  const keyValues = keyValueHeads * headWidth
  const outputs: Record<string, number> = { q_proj: heads * headWidth, k_proj: keyValues, v_proj: keyValues }
  const matrices = Object.keys(supervised.gradients).map((name): [string, number[]] => {
    const module = name.split('.').at(-3)!
    const wide = module === 'gate_proj' || module === 'up_proj' ? feedForward : (outputs[module] ?? width)
    return [name, name.includes('lora_A') ? [settings.r, inputs[module] ?? width] : [wide, settings.r]]
  })
  const adapter = { peft_type: 'LORA', base_model_name_or_path: 'base', ...settings }
  writeFileSync(path.join(folder, 'adapter_config.json'), JSON.stringify(adapter))
  writeSafetensors(path.join(folder, 'adapter_model.safetensors'), formulaTensors(Object.fromEntries(matrices)))
  const { base: named, values } = readMatrices(folder)
  const read = new Adapter(base.config, settingsOf(settings), values, named, on)
  return new Qwen2(base.config, base.weights, on, read)
}

/** Values of the adapter's matrices under PEFT's names, as the folder that is written has them. */
function stored(model: Qwen2, valuesOf: (name: string) => Float32Array): Map<string, Float32Array> {
  const { settings, base, parameters } = model.adapter!
  const folder = path.join(root, String(folders++))
  const matrices = [...parameters].map(([name, { shape }]) => [name, { shape, data: valuesOf(name) }] as const)
  writeAdapter(folder, new Map(matrices), settings, base)
  const file = openSafetensors(path.join(folder, 'adapter_model.safetensors'))
  const result = new Map(file.names.map((name) => [name, file.read(name)]))
  file.close()
  return result
}

/** Within 1 in 10,000 of the recorded value, or of the largest one beside it. */
function expectClose(values: ArrayLike<number>, expected: readonly number[], what: string): void {
  const scale = Math.max(...expected.map(Math.abs), 1e-3)
  for (const [index, value] of expected.entries())
    expect(Math.abs(values[index]! - value), `${what}[${index}]: ${values[index]} against ${value}`).toBeLessThan(
      1e-4 * scale,
    )
}

const losses = {
  supervised: (chosen: Tensor1D) => tf.neg(tf.mean(chosen)) as Scalar,
  grpo: (chosen: Tensor1D, { grpo }: Variant, reference: Tensor1D) => {
    const { advantages, weights } = recorded
    const given = { old: tf.tensor1d(grpo.old), advantages: tf.tensor1d(advantages), weights: tf.tensor1d(weights) }
    const counted = weights.reduce((sum, weight) => sum + weight, 0)
    const shares = tf.div(tf.tensor1d(weights), counted) as Tensor1D
    const config = { clip_low: 0.2, clip_high: 0.28, kl_coefficient: 0.05 }
    return surrogateLoss(chosen, { ...given, shares, reference, samples: null }, config)
  },
}

for (const [name, variant] of Object.entries(variants)) {
  for (const kind of ['supervised', 'grpo'] as const) {
    test.each(['as it is', 'on plain operations'])(`one ${kind} step of ${name} is PEFT's: %s`, (where) => {
      const plain = { ...backend, operations: plainOperations, kernels: null }
      const on = where === 'as it is' ? backend : plain
      const model = open(variant, on)
      const { [kind]: expected } = variant
      const reference = tf.tidy(() => model.base.targetLogProbabilities(rows).logProbabilities.clone())
      expectClose(reference.dataSync(), expected.reference, 'log-probability without the adapter')
      const frozen = model.weights()
      const settings = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, gradientClip: 1 }
      const optimizer = new AdamW(model.trained, settings, on.kernels)
      const { value, grads } = tf.variableGrads(
        () => losses[kind](model.targetLogProbabilities(rows).logProbabilities, variant, reference),
        [...model.trained.values()],
      )
      expectClose([value.dataSync()[0]!], [expected.loss], 'loss')
      const gradients = stored(model, (name) => grads[model.trained.get(name)!.name]!.dataSync<'float32'>())
      expect([...gradients.keys()].toSorted()).toEqual(Object.keys(expected.gradients).toSorted())
      for (const [name, { norm, first }] of Object.entries(expected.gradients)) {
        expectClose([Math.hypot(...gradients.get(name)!)], [norm], `norm of the gradient of ${name}`)
        expectClose(gradients.get(name)!, first, `gradient of ${name}`)
      }
      expectClose([optimizer.update(grads, 0.01)], [expected.gradientNorm], 'gradient norm')
      const after = stored(model, (name) => model.trained.get(name)!.dataSync<'float32'>())
      for (const [name, values] of Object.entries(expected.after)) {
        // a gradient near 0 still moves its weight by the whole learning rate, in a direction that rounding may decide
        const isSure = expected.gradients[name]!.first.every((gradient) => Math.abs(gradient) > 1e-5)
        if (isSure) expectClose(after.get(name)!, values, `${name} after the step`)
      }
      expect(model.weights()).toEqual(frozen)
      // what was made before is not kept: the matrices are updated in place
      const again = tf.tidy(
        () => losses[kind](model.targetLogProbabilities(rows).logProbabilities, variant, reference).dataSync()[0]!,
      )
      expect(again).not.toBeCloseTo(expected.loss, 3)
      const merged = new Qwen2(model.config, model.mergedWeights(), on)
      const [apart, together] = [model, merged].map((one) => one.targetLogProbabilities(rows).logProbabilities)
      expectClose(apart!.dataSync(), [...together!.dataSync()], 'log-probability merged')
      merged.dispose()
      model.dispose()
    })
  }
}

test.each(Object.keys(lora.variants))("an adapter's folder that is written is PEFT's own: %s", (name) => {
  const { config, shapes } = (
    lora.variants as Record<string, { config: Record<string, unknown>; shapes: Record<string, number[]> }>
  )[name]!
  const tensors = formulaTensors(shapes)
  const theirs = path.join(root, String(folders++))
  mkdirSync(path.join(theirs, '..', 'base'), { recursive: true })
  mkdirSync(theirs)
  writeFileSync(path.join(theirs, 'adapter_config.json'), JSON.stringify(config))
  writeSafetensors(path.join(theirs, 'adapter_model.safetensors'), tensors)
  const { base, values } = readMatrices(theirs)
  const matrices = [...values].map(([key, data]) => {
    const [rows, columns] = shapes[`base_model.model.${key}.weight`]!
    return [key, { data, shape: key.endsWith('lora_B') ? [columns!, rows!] : [rows!, columns!] }] as const
  })
  const ours = path.join(root, String(folders++))
  writeAdapter(ours, new Map(matrices), settingsOf(config as Variant['settings']), base)
  const file = openSafetensors(path.join(ours, 'adapter_model.safetensors'))
  expect(file.names.toSorted()).toEqual([...tensors.keys()].toSorted())
  for (const [key, { shape, data }] of tensors) {
    expect(file.shape(key)).toEqual(shape)
    expect(file.read(key)).toEqual(data)
  }
  file.close()
  const { target_modules: targets, ...written } = JSON.parse(
    readFileSync(path.join(ours, 'adapter_config.json'), 'utf8'),
  )
  expect(config).toMatchObject({ ...written, base_model_name_or_path: '../base' })
  expect(targets.toSorted()).toEqual((config.target_modules as string[]).toSorted())
  expect(written.base_model_name_or_path).toBe(path.join(root, 'base'))
})
