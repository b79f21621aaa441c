/**
 * Registers the compiled kernels with TensorFlow.js, so that they run, are profiled and are recorded like its own.
 * Everything here is [rows, width] with rows = batch * length; shapes are checked by the callers in fused.ts.
 */
import * as tf from '@tensorflow/tfjs'
import type { Kernels } from './wasm.ts'

export type AttentionShape = {
  batch: number
  length: number
  heads: number
  keyValueHeads: number
  headWidth: number
  epsilon: number
}

type Inputs = Record<string, tf.TensorInfo>
type Attributes = Record<string, number>

/** A length rounded up to whole panels of 16, as the kernels pad probabilities. */
export function roundUp16(count: number): number {
  return (count + 15) & ~15
}

/** The named input's or attribute's value: a missing one is a defect of this folder. */
function of<Value>(record: Record<string, Value>, name: string): Value {
  const value = record[name]
  if (value === undefined) throw new Error(`kernel input ${name} is missing`)
  return value
}

/** Registers every kernel under its name on the wasm back end. */
export function registerKernels(kernels: Kernels): void {
  const { functions, address, makeOutput, workspace } = kernels
  const register = (
    kernelName: string,
    run: (inputs: Inputs, attributes: Attributes) => tf.TensorInfo | tf.TensorInfo[],
  ) => {
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) => run(inputs as Inputs, (attrs ?? {}) as Attributes),
    })
  }

  /** Room for a weight's gradient and its address; of one that nobody asks for, hardly any room, and 0. */
  const weightGradient = (attributes: Attributes, asked: string, shape: number[]): [tf.TensorInfo, number] => {
    if (attributes[asked] === 0) return [makeOutput([1]), 0]
    const gradient = makeOutput(shape)
    return [gradient, address(gradient)]
  }

  // the wasm back end copies where the others share: what the backward pass keeps is not worth a copy each step
  tf.unregisterKernel('Identity', 'wasm')
  register('Identity', (inputs) => {
    const { dataId, shape, dtype } = of(inputs, 'x')
    kernels.addReference(dataId)
    return { dataId, shape, dtype }
  })

  register('SweepboardEmbed', (inputs) => {
    const tokens = of(inputs, 'tokens')
    const table = of(inputs, 'table')
    const [rows, width] = [tokens.shape[0]!, table.shape[1]!]
    const out = makeOutput([rows, width])
    functions.embed(address(tokens), address(table), address(out), rows, width)
    return out
  })

  register('SweepboardEmbedGradient', (inputs, attributes) => {
    const tokens = of(inputs, 'tokens')
    const gradient = of(inputs, 'gradient')
    const [rows, width] = gradient.shape as [number, number]
    const vocabulary = of(attributes, 'vocabulary')
    const out = makeOutput([vocabulary, width])
    functions.embedGradient(address(tokens), address(gradient), address(out), rows, width, vocabulary)
    return out
  })

  register('SweepboardAttentionBlock', (inputs, attributes) => {
    const x = of(inputs, 'x')
    const { batch, length, heads, keyValueHeads, headWidth, epsilon } = attributes as AttentionShape
    const [rows, width] = x.shape as [number, number]
    const out = makeOutput([rows, width])
    const scales = makeOutput([rows])
    const qkv = makeOutput([rows, (heads + 2 * keyValueHeads) * headWidth])
    const attended = makeOutput([rows, heads * headWidth])
    const probabilities = makeOutput([batch, heads, length, roundUp16(length)])
    functions.attentionBlock(
      address(x),
      address(of(inputs, 'gain')),
      address(of(inputs, 'qkvWeight')),
      address(of(inputs, 'qkvBias')),
      address(of(inputs, 'outputWeight')),
      address(of(inputs, 'cosines')),
      address(of(inputs, 'sines')),
      address(of(inputs, 'segmentStart')),
      address(out),
      address(scales),
      address(qkv),
      address(attended),
      address(probabilities),
      batch,
      length,
      width,
      heads,
      keyValueHeads,
      headWidth,
      epsilon,
      workspace(functions.attentionBlockWorkspace(length, width, heads, keyValueHeads, headWidth)),
    )
    return [out, scales, qkv, attended, probabilities]
  })

  register('SweepboardAttentionBlockGradient', (inputs, attributes) => {
    const x = of(inputs, 'x')
    const { batch, length, heads, keyValueHeads, headWidth } = attributes as AttentionShape
    const [rows, width] = x.shape as [number, number]
    const inner = heads * headWidth
    const qkvWidth = (heads + 2 * keyValueHeads) * headWidth
    const dx = makeOutput([rows, width])
    const dGain = makeOutput([width])
    const dQkvBias = makeOutput([qkvWidth])
    const [dQkvWeight, qkvAddress] = weightGradient(attributes, 'firstAsked', [width, qkvWidth])
    const [dOutputWeight, outputAddress] = weightGradient(attributes, 'secondAsked', [inner, width])
    functions.attentionBlockGradient(
      address(x),
      address(of(inputs, 'gain')),
      address(of(inputs, 'qkvWeight')),
      address(of(inputs, 'outputWeight')),
      address(of(inputs, 'cosines')),
      address(of(inputs, 'sines')),
      address(of(inputs, 'scales')),
      address(of(inputs, 'qkv')),
      address(of(inputs, 'attended')),
      address(of(inputs, 'probabilities')),
      address(of(inputs, 'gradient')),
      address(dx),
      address(dGain),
      qkvAddress,
      address(dQkvBias),
      outputAddress,
      batch,
      length,
      width,
      heads,
      keyValueHeads,
      headWidth,
      workspace(functions.attentionBlockGradientWorkspace(length, width, heads, keyValueHeads, headWidth)),
    )
    return [dx, dGain, dQkvWeight, dQkvBias, dOutputWeight]
  })

  register('SweepboardFeedForwardBlock', (inputs, attributes) => {
    const x = of(inputs, 'x')
    const [rows, width] = x.shape as [number, number]
    const hidden = of(inputs, 'downWeight').shape[0]!
    const out = makeOutput([rows, width])
    const scales = makeOutput([rows])
    const gateUp = makeOutput([rows, 2 * hidden])
    functions.feedForwardBlock(
      address(x),
      address(of(inputs, 'gain')),
      address(of(inputs, 'gateUpWeight')),
      address(of(inputs, 'downWeight')),
      address(out),
      address(scales),
      address(gateUp),
      rows,
      width,
      hidden,
      of(attributes, 'epsilon'),
      workspace(functions.feedForwardBlockWorkspace(width, hidden)),
    )
    return [out, scales, gateUp]
  })

  register('SweepboardFeedForwardBlockGradient', (inputs, attributes) => {
    const x = of(inputs, 'x')
    const [rows, width] = x.shape as [number, number]
    const hidden = of(inputs, 'downWeight').shape[0]!
    const dx = makeOutput([rows, width])
    const dGain = makeOutput([width])
    const [dGateUpWeight, gateUpAddress] = weightGradient(attributes, 'firstAsked', [width, 2 * hidden])
    const [dDownWeight, downAddress] = weightGradient(attributes, 'secondAsked', [hidden, width])
    functions.feedForwardBlockGradient(
      address(x),
      address(of(inputs, 'gain')),
      address(of(inputs, 'gateUpWeight')),
      address(of(inputs, 'downWeight')),
      address(of(inputs, 'scales')),
      address(of(inputs, 'gateUp')),
      address(of(inputs, 'gradient')),
      address(dx),
      address(dGain),
      gateUpAddress,
      downAddress,
      rows,
      width,
      hidden,
      workspace(functions.feedForwardBlockGradientWorkspace(width, hidden)),
    )
    return [dx, dGain, dGateUpWeight, dDownWeight]
  })

  register('SweepboardHead', (inputs, attributes) => {
    const x = of(inputs, 'x')
    const [rows, width] = x.shape as [number, number]
    const vocabulary = of(inputs, 'table').shape[0]!
    // first row: log-probabilities of the targets; second row: entropies
    const out = makeOutput([2, rows])
    const scales = makeOutput([rows])
    const probabilities = makeOutput([rows, roundUp16(vocabulary)])
    functions.head(
      address(x),
      address(of(inputs, 'gain')),
      address(of(inputs, 'table')),
      address(of(inputs, 'targets')),
      address(out),
      address(out) + 4 * rows,
      address(scales),
      address(probabilities),
      rows,
      width,
      vocabulary,
      of(attributes, 'epsilon'),
      workspace(functions.headWorkspace(width, vocabulary)),
    )
    return [out, scales, probabilities]
  })

  register('SweepboardHeadGradient', (inputs, attributes) => {
    const x = of(inputs, 'x')
    const table = of(inputs, 'table')
    const [rows, width] = x.shape as [number, number]
    const vocabulary = table.shape[0]!
    const dx = makeOutput([rows, width])
    const dGain = makeOutput([width])
    const [dTable, tableAddress] = weightGradient(attributes, 'tableAsked', [vocabulary, width])
    functions.headGradient(
      address(x),
      address(of(inputs, 'gain')),
      address(table),
      address(of(inputs, 'targets')),
      address(of(inputs, 'scales')),
      address(of(inputs, 'probabilities')),
      address(of(inputs, 'gradient')),
      address(dx),
      address(dGain),
      tableAddress,
      rows,
      width,
      vocabulary,
      workspace(functions.headGradientWorkspace(width, vocabulary)),
    )
    return [dx, dGain, dTable]
  })

  register('SweepboardAddLowRank', (inputs, attributes) => {
    const weight = of(inputs, 'weight')
    const [depth, columns] = weight.shape as [number, number]
    const out = makeOutput([depth, columns])
    const target = address(out)
    const bytes = 4 * depth * columns
    new Uint8Array(kernels.memory.buffer).copyWithin(target, address(weight), address(weight) + bytes)
    for (let part = 0; `down${part}` in inputs; part++) {
      const [down, up] = [of(inputs, `down${part}`), of(inputs, `up${part}`)]
      const [rank, outputs] = up.shape as [number, number]
      const column = target + 4 * of(attributes, `column${part}`)
      functions.addLowRank(column, columns, address(down), address(up), depth, outputs, rank, of(attributes, 'scale'))
    }
    return out
  })

  register('SweepboardLowRankGradient', (inputs, attributes) => {
    const gradient = of(inputs, 'gradient')
    const [down, up] = [of(inputs, 'down'), of(inputs, 'up')]
    const [depth, columns] = gradient.shape as [number, number]
    const [rank, outputs] = up.shape as [number, number]
    const [dDown, dUp] = [makeOutput([rank, depth]), makeOutput([rank, outputs])]
    functions.lowRankGradient(
      address(gradient) + 4 * of(attributes, 'column'),
      columns,
      address(down),
      address(up),
      address(dDown),
      address(dUp),
      depth,
      outputs,
      rank,
      of(attributes, 'scale'),
    )
    return [dDown, dUp]
  })
}
