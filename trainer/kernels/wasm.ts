/**
 * Loads build/kernels.wasm into the linear memory of TensorFlow.js's wasm back end, so that kernels work on tensors in
 * place. Tensors are addressed by `memoryOffset`, which the back end keeps for each data id.
 */
import { existsSync, readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs'
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'

/** The compiled functions; addresses and counts are whole numbers. Their meaning stands in assembly/. */
export type KernelExports = Record<KernelName, (...values: number[]) => number>
type KernelName =
  | 'setSpill'
  | 'packPanels'
  | 'multiply'
  | 'attentionBlock'
  | 'attentionBlockGradient'
  | 'attentionBlockWorkspace'
  | 'attentionBlockGradientWorkspace'
  | 'feedForwardBlock'
  | 'feedForwardBlockGradient'
  | 'feedForwardBlockWorkspace'
  | 'feedForwardBlockGradientWorkspace'
  | 'embed'
  | 'embedGradient'
  | 'head'
  | 'headGradient'
  | 'headWorkspace'
  | 'headGradientWorkspace'
  | 'sampleTokens'
  | 'decodeLayer'
  | 'decodeLayerWorkspace'
  | 'decodeHead'
  | 'decodeHeadWorkspace'
  | 'addLowRank'
  | 'lowRankGradient'
  | 'adamW'
  | 'sumOfSquares'

export type Kernels = {
  functions: KernelExports
  memory: WebAssembly.Memory
  /** What other threads can make their own of. */
  module: WebAssembly.Module
  /** Where a tensor's data stands in the memory, in bytes. */
  address: (tensor: tf.TensorInfo) => number
  /** Counts one more tensor that shares the data. */
  addReference: (data: tf.TensorInfo['dataId']) => void
  /** A new tensor whose contents are undefined. */
  makeOutput: (shape: number[], dtype?: 'float32' | 'int32') => tf.TensorInfo
  /** Address of room for at least so many floats, shared by all kernels and good until the next call. */
  workspace: (floats: number) => number
}

const file = fileURLToPath(new URL('../../build/kernels.wasm', import.meta.url))

/**
 * V8 can pair 128-bit operations into 256-bit ones (measured on an AVX2 machine: 92 GFLOP/s for the matrix product
 * against 57 at best without). The flag is experimental, so it is set only for the pinned major version of Node, whose
 * results the tests compare with plain TensorFlow.js; SWEEPBOARD_WIDE_VECTORS=0 leaves it off.
 * Everything is compiled by the optimizing compiler before it runs: no slow start, and no change of code in mid-run.
 */
function compile(source: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  const wide =
    process.arch === 'x64' && process.versions.node.startsWith('24.') && process.env.SWEEPBOARD_WIDE_VECTORS !== '0'
  if (wide) setFlagsFromString('--experimental-wasm-revectorize')
  setFlagsFromString('--no-liftoff')
  setFlagsFromString('--no-wasm-lazy-compilation')
  try {
    return new WebAssembly.Module(source)
  } finally {
    setFlagsFromString('--liftoff')
    setFlagsFromString('--wasm-lazy-compilation')
    if (wide) setFlagsFromString('--no-experimental-wasm-revectorize')
  }
}

/**
 * Loads the kernels beside the running wasm back end. Throws where they were not built.
 * @param compiled by another thread: the flags above are the whole process's, so one thread alone sets them
 */
export function loadKernels(compiled: WebAssembly.Module | null = null): Kernels {
  if (!existsSync(file)) {
    throw new Error(`The trainer's kernels are not built: ${file} is missing. Run "node scripts/build-kernels.mjs".`)
  }
  const backend = tf.backend() as BackendWasm
  const memory = (backend.wasm as unknown as { asm: { memory: WebAssembly.Memory } }).asm.memory
  const abort = () => {
    throw new Error('A kernel aborted')
  }
  const module = compiled ?? compile(readFileSync(file))
  const instance = new WebAssembly.Instance(module, { env: { memory, abort } })
  const functions = instance.exports as KernelExports
  const offsets = (backend as unknown as { dataIdMap: { get(id: object): { memoryOffset: number } } }).dataIdMap
  const address = (tensor: tf.TensorInfo) => offsets.get(tensor.dataId).memoryOffset
  functions.setSpill(address(tf.keep(tf.zeros([64]))))
  let room: tf.Tensor | null = null
  return {
    functions,
    memory,
    module,
    address,
    addReference: (data) => backend.incRef(data),
    makeOutput: (shape, dtype = 'float32') => backend.makeOutput(shape, dtype),
    workspace(floats) {
      if (room === null || room.size < floats) {
        room?.dispose()
        // a quarter more, so that lengths that grow step by step do not ask again each time
        room = tf.keep(tf.zeros([Math.ceil(floats * 1.25)]))
      }
      return address(room)
    },
  }
}
