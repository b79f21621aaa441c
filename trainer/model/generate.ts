/**
 * Samples continuations of many prompts at once.
 *
 * With the kernels: a cache of keys and values in slots, one token of every running sequence a step; a sequence that
 * ends hands its slot to the next prompt, so no step is spent on padding. Elsewhere: plain operations that go through
 * the whole sequences again for each token, simple and slow.
 *
 * Each sequence draws from a random stream of its own, so what it becomes does not depend on its neighbours.
 */
import * as tf from '@tensorflow/tfjs'
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs'
import { sequencesAtOnce } from '../../contract/model-room.ts'
import { normalize } from '../kernels/plain.ts'
import { roundUp16 } from '../kernels/registry.ts'
import type { Kernels } from '../kernels/wasm.ts'
import { type RandomStream, randomStream } from '../rng.ts'
import type { Qwen2 } from './qwen2.ts'
import { drawToken, type Filters, filtersAnything } from './sampling.ts'

export type GenerateOptions = {
  maximumNewTokens: number
  /** 0 takes the likeliest token. */
  temperature: number
  /** Which tokens can be drawn; without, all. */
  filters?: Filters
  endOfText: number
  /** Whether the newest of a sequence's tokens ends it, too. */
  stop?: ((tokens: readonly number[]) => boolean) | null
  /** Names the random streams, e.g. [seed, 'rollout', step]; the sequence's index is added. */
  stream: (number | string)[]
  /** The index of the first sequence, where others were continued elsewhere; 0 where all are here. */
  first?: number
  /** Sequences that run side by side. */
  slots?: number
  /** Called between steps; true ends the generation early, with what there is. */
  interrupted?: () => boolean
}

export type Generated = {
  /** New tokens, the end of text included where it was reached. */
  tokens: number[]
  /** Log-probability of each token when it was drawn, at the temperature, under the whole distribution. */
  logProbabilities: number[]
  /** Whether the end of text, or a text that ends it, was reached. */
  finished: boolean
}

type Sequence = Generated & { prompt: readonly number[]; position: number; random: RandomStream }

/** Continues every prompt, in the prompts' order. */
export function generate(model: Qwen2, prompts: readonly (readonly number[])[], options: GenerateOptions): Generated[] {
  for (const [index, prompt] of prompts.entries()) {
    if (prompt.length === 0) throw new Error(`prompt ${index + 1} is empty; expected at least one token`)
  }
  const sequences = prompts.map((prompt, index): Sequence => ({
    prompt,
    position: 0,
    tokens: [],
    logProbabilities: [],
    finished: false,
    random: randomStream(...options.stream, (options.first ?? 0) + index),
  }))
  const { kernels } = model.backend
  if (sequences.length > 0) {
    if (kernels !== null && model.usesKernels) generateWithKernels(model, kernels, sequences, options)
    else generatePlainly(model, sequences, options)
  }
  return sequences.map(({ tokens, logProbabilities, finished }) => ({ tokens, logProbabilities, finished }))
}

/** Takes a drawn token into its sequence. Returns whether the sequence has ended. */
function accept(sequence: Sequence, token: number, logProbability: number, options: GenerateOptions): boolean {
  sequence.tokens.push(token)
  sequence.logProbabilities.push(logProbability)
  sequence.finished = token === options.endOfText || options.stop?.(sequence.tokens) === true
  return sequence.finished || sequence.tokens.length >= options.maximumNewTokens
}

function generateWithKernels(model: Qwen2, kernels: Kernels, sequences: Sequence[], options: GenerateOptions): void {
  const { functions, address, memory, workspace } = kernels
  const { width, heads, keyValueHeads, headWidth, feedForward, vocabulary, normEpsilon } = model.config
  const slots = Math.min(options.slots ?? sequencesAtOnce, sequences.length)
  const longest = Math.max(...sequences.map(({ prompt }) => prompt.length)) + options.maximumNewTokens
  const capacity = Math.ceil(longest / 4) * 4
  const padded = roundUp16(vocabulary)
  const { cosines, sines } = model.ropeTables(capacity)
  tf.tidy(() => {
    const floats = (...shape: number[]) => kernelTensor(kernels, shape)
    const pack = (name: string, depth: number, columns: number, turned = false) => {
      const panels = floats(depth * roundUp16(columns))
      const [row, column] = turned ? [4, 4 * depth] : [4 * columns, 4]
      tf.tidy(() => functions.packPanels(address(model.merged(name)), row, column, depth, columns, address(panels)))
      return panels
    }
    const qkvWidth = (heads + 2 * keyValueHeads) * headWidth
    const packed = model.layers.map((layer, index) => ({
      layer,
      qkv: pack(`layers.${index}.qkvWeight`, width, qkvWidth),
      output: pack(`layers.${index}.outputWeight`, heads * headWidth, width),
      gateUp: pack(`layers.${index}.gateUpWeight`, width, 2 * feedForward),
      down: pack(`layers.${index}.downWeight`, feedForward, width),
      keys: floats(slots * keyValueHeads * headWidth * capacity),
      values: floats(slots * keyValueHeads * headWidth * capacity),
    }))
    const head = pack(model.headName, width, vocabulary, true)
    const x = floats(slots, width)
    const logits = floats(slots, padded)
    const uniforms = floats(slots)
    const logProbabilities = floats(slots)
    const whole = () => kernelTensor(kernels, [slots], 'int32')
    const [tokens, positions, slotOf, chosen] = [whole(), whole(), whole(), whole()]
    const room = Math.max(
      functions.decodeLayerWorkspace(width, heads, keyValueHeads, headWidth, feedForward, capacity),
      functions.decodeHeadWorkspace(width),
    )
    const work = workspace(room)
    // nothing below grows the memory, so views into it stay good
    const { filters = {} } = options
    const filtered = options.temperature > 0 && filtersAnything(filters)
    const integers = (tensor: tf.TensorInfo) => new Int32Array(memory.buffer, address(tensor), slots)
    const reals = (tensor: tf.TensorInfo) => new Float32Array(memory.buffer, address(tensor), slots)
    const view = {
      tokens: integers(tokens),
      positions: integers(positions),
      slotOf: integers(slotOf),
      chosen: integers(chosen),
      uniforms: reals(uniforms),
      logProbabilities: reals(logProbabilities),
      logits: new Float32Array(memory.buffer, address(logits), slots * padded),
    }
    const running: { sequence: Sequence; slot: number }[] = []
    const free = Array.from({ length: slots }, (_, index) => slots - 1 - index)
    let waiting = 0
    for (;;) {
      while (free.length > 0 && waiting < sequences.length)
        running.push({ sequence: sequences[waiting++]!, slot: free.pop()! })
      if (running.length === 0 || options.interrupted?.() === true) return
      for (const [row, { sequence, slot }] of running.entries()) {
        const { prompt, position } = sequence
        view.tokens[row] = position < prompt.length ? prompt[position]! : sequence.tokens[position - prompt.length]!
        view.positions[row] = position
        view.slotOf[row] = slot
        const draws = options.temperature > 0 && position >= prompt.length - 1
        view.uniforms[row] = draws ? sequence.random.uniform() : 0
      }
      const rows = running.length
      functions.embed(address(tokens), address(model.parameter('embedding')), address(x), rows, width)
      for (const { layer, qkv, output, gateUp, down, keys, values } of packed) {
        functions.decodeLayer(
          address(x),
          address(layer.attentionGain),
          address(qkv),
          address(layer.qkvBias),
          address(output),
          address(layer.feedForwardGain),
          address(gateUp),
          address(down),
          address(cosines),
          address(sines),
          address(keys),
          address(values),
          address(slotOf),
          address(positions),
          rows,
          width,
          heads,
          keyValueHeads,
          headWidth,
          feedForward,
          capacity,
          normEpsilon,
          work,
        )
      }
      functions.decodeHead(
        address(x),
        address(model.parameter('finalGain')),
        address(head),
        address(logits),
        rows,
        width,
        vocabulary,
        normEpsilon,
        work,
      )
      if (filtered) {
        for (const [row, { sequence }] of running.entries()) {
          const from = row * padded
          const rowLogits = view.logits.subarray(from, from + vocabulary)
          const seen = [...sequence.prompt, ...sequence.tokens]
          const drawn = drawToken(rowLogits, seen, options.temperature, filters, view.uniforms[row]!)
          view.chosen[row] = drawn[0]
          view.logProbabilities[row] = drawn[1]
        }
      } else {
        functions.sampleTokens(
          address(logits),
          address(uniforms),
          address(chosen),
          address(logProbabilities),
          rows,
          vocabulary,
          padded,
          options.temperature,
        )
      }
      // from the last to the first, so that a row can be taken out by moving the last one into its place
      for (let row = rows - 1; row >= 0; row--) {
        const { sequence, slot } = running[row]!
        const drawn = sequence.position >= sequence.prompt.length - 1
        sequence.position += 1
        if (!drawn || !accept(sequence, view.chosen[row]!, view.logProbabilities[row]!, options)) continue
        free.push(slot)
        running[row] = running.at(-1)!
        running.pop()
      }
    }
  })
}

/** A tensor with undefined contents in the kernels' memory, disposed of with the surrounding tidy. */
function kernelTensor(kernels: Kernels, shape: number[], dtype: 'float32' | 'int32' = 'float32'): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(kernels.makeOutput(shape, dtype))
}

function generatePlainly(model: Qwen2, sequences: Sequence[], options: GenerateOptions): void {
  const slots = options.slots ?? sequencesAtOnce
  for (let first = 0; first < sequences.length; first += slots) {
    let running = sequences.slice(first, first + slots)
    while (running.length > 0 && options.interrupted?.() !== true) {
      const logits = nextLogits(model, running)
      running = running.filter((sequence, row) => {
        const { temperature, filters = {} } = options
        const seen = [...sequence.prompt, ...sequence.tokens]
        const uniform = temperature > 0 ? sequence.random.uniform() : 0
        const [token, logProbability] = drawToken(logits[row]!, seen, temperature, filters, uniform)
        return !accept(sequence, token, logProbability, options)
      })
    }
  }
}

/** Logits of the token after each sequence, by going through all of them from the start. */
function nextLogits(model: Qwen2, running: Sequence[]): Float32Array[] {
  const whole = running.map(({ prompt, tokens }) => [...prompt, ...tokens])
  const length = Math.max(...whole.map((tokens) => tokens.length))
  const batch = whole.length
  const flat = new Int32Array(batch * length)
  for (const [row, tokens] of whole.entries()) flat.set(tokens, row * length)
  return tf.tidy(() => {
    const x = model.hidden(tf.tensor1d(flat, 'int32'), tf.zeros([batch * length], 'int32') as Tensor1D, batch, length)
    const lastRows = tf.tensor1d(
      whole.map((tokens, row) => row * length + tokens.length - 1),
      'int32',
    )
    const last = normalize(
      tf.gather(x, lastRows) as Tensor2D,
      model.parameter('finalGain') as unknown as Tensor1D,
      model.config.normEpsilon,
    )
    const logits = tf.matMul(last, model.headTable as unknown as Tensor2D, false, true)
    const data = logits.dataSync<'float32'>()
    const { vocabulary } = model.config
    return whole.map((_, row) => data.slice(row * vocabulary, (row + 1) * vocabulary))
  })
}
