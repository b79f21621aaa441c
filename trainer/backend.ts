/**
 * Which TensorFlow.js back end serves the trainer, tried in this order: tfjs-node-gpu, tfjs-node (both only where they
 * were installed: `npm run setup -- --native`), wasm with the project's own kernels, cpu. SWEEPBOARD_BACKEND forces one:
 * `tfjs-node-gpu`, `tfjs-node`, `wasm`, `stock-wasm` (without the kernels, to compare) or `cpu`.
 */
import { createRequire } from 'node:module'
import path from 'node:path'
import { totalmem } from 'node:os'
import util from 'node:util'
import * as tf from '@tensorflow/tfjs'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { type ModelMemory, wasmMemory } from '../contract/model-room.ts'
import { fusedOperations } from './kernels/fused.ts'
import type { Operations } from './kernels/operations.ts'
import { plainOperations } from './kernels/plain.ts'
import { registerKernels } from './kernels/registry.ts'
import { type Kernels, loadKernels } from './kernels/wasm.ts'

export const backendNames = ['tfjs-node-gpu', 'tfjs-node', 'wasm', 'stock-wasm', 'cpu'] as const
export type BackendName = (typeof backendNames)[number]

/** Whether SWEEPBOARD_BACKEND=tfjs-node can be tried on this machine. */
export function nativeBackendInstalled(): boolean {
  return findNative('tfjs-node', true) !== null
}

export type Backend = {
  name: BackendName
  /** One phrase for the run's page, e.g. "wasm with own kernels". */
  description: string
  operations: Operations
  /** The compiled kernels, where they serve. */
  kernels: Kernels | null
}

/** What a model and what is done with it have to fit. */
export function memoryOf({ name, description, kernels }: Backend): ModelMemory {
  const machine = {
    bytes: totalmem(),
    words: 'this machine has',
    machine: totalmem(),
    laidOutAgain: kernels !== null,
    takenOver: name.startsWith('tfjs-node'),
  }
  const isWasm = name === 'wasm' || name === 'stock-wasm'
  return isWasm && wasmMemory < machine.bytes
    ? { ...machine, bytes: wasmMemory, words: `${description} holds` }
    : machine
}

const require = createRequire(import.meta.url)
/** Where scripts/build-native-backend.mjs puts tfjs-node. */
const requireBuilt = createRequire(new URL('../build/native/package.json', import.meta.url))

/** The file of a native back end's package; null where there is none. One that was built here serves only if forced. */
function findNative(name: 'tfjs-node-gpu' | 'tfjs-node', forced: boolean): string | null {
  for (const { resolve } of forced ? [require, requireBuilt] : [require]) {
    try {
      return resolve(`@tensorflow/${name}`)
    } catch {
      // looked for in the next place
    }
  }
  return null
}

/** tfjs-node registers itself as the back end "tensorflow" when it is loaded. */
async function startNative(name: 'tfjs-node-gpu' | 'tfjs-node'): Promise<Backend> {
  // the binding calls two helpers that newer versions of Node lack or warn about
  const helpers = util as unknown as Record<string, unknown>
  helpers.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined
  helpers.isArray = Array.isArray
  const file = findNative(name, true)
  if (file === null) throw new Error(`@tensorflow/${name} is not installed (npm run setup -- --native)`)
  // the C library reports its start-up on stderr, where a job's errors belong
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  require(file)
  await tf.setBackend('tensorflow')
  await tf.ready()
  return { name, description: `${name} (TensorFlow's C library)`, operations: plainOperations, kernels: null }
}

async function startWasm(withKernels: boolean, compiled: WebAssembly.Module | null): Promise<Backend> {
  const folder = path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))
  setWasmPaths(`${path.join(folder, 'dist')}${path.sep}`)
  // the module's loader adds process-wide handlers that abort on any rejection: they are taken off again
  const events = ['unhandledRejection', 'uncaughtException'] as const
  const before = events.map((event) => process.listeners(event as 'uncaughtException'))
  await tf.setBackend('wasm')
  await tf.ready()
  for (const [index, event] of events.entries()) {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (!before[index]!.includes(listener)) process.removeListener(event, listener)
    }
  }
  if (tf.getBackend() !== 'wasm') throw new Error('the wasm back end did not start')
  if (!withKernels) {
    return { name: 'stock-wasm', description: 'wasm without own kernels', operations: plainOperations, kernels: null }
  }
  const kernels = loadKernels(compiled)
  registerKernels(kernels)
  return { name: 'wasm', description: 'wasm with own kernels', operations: fusedOperations, kernels }
}

async function start(name: BackendName, compiled: WebAssembly.Module | null): Promise<Backend> {
  if (name === 'tfjs-node-gpu' || name === 'tfjs-node') return startNative(name)
  if (name === 'wasm' || name === 'stock-wasm') return startWasm(name === 'wasm', compiled)
  await tf.setBackend('cpu')
  await tf.ready()
  // the first write on this back end prints an advertisement for tfjs-node, except under test
  tf.env().set('IS_TEST', true)
  tf.zeros([1]).dispose()
  tf.env().set('IS_TEST', false)
  return { name: 'cpu', description: 'plain JavaScript (cpu)', operations: plainOperations, kernels: null }
}

function isBackendName(name: string): name is BackendName {
  return (backendNames as readonly string[]).includes(name)
}

/**
 * Starts the forced back end, or the first that loads.
 * @param compiled the kernels, where another thread has compiled them
 * @returns the back end, and one line for each that was passed over although it is installed
 * @throws where a forced one is unknown or does not load, saying why
 */
export async function startBackend(
  forced?: string,
  compiled: WebAssembly.Module | null = null,
): Promise<{ backend: Backend; passedOver: string[] }> {
  if (forced !== undefined && forced !== '') {
    if (!isBackendName(forced)) {
      throw new Error(`SWEEPBOARD_BACKEND is "${forced}"; expected one of ${backendNames.join(', ')}`)
    }
    try {
      return { backend: await start(forced, compiled), passedOver: [] }
    } catch (error) {
      throw new Error(`SWEEPBOARD_BACKEND asks for ${forced}, which does not load: ${firstLine(error)}`)
    }
  }
  const passedOver: string[] = []
  for (const name of ['tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu'] as const) {
    if ((name === 'tfjs-node-gpu' || name === 'tfjs-node') && findNative(name, false) === null) continue
    try {
      return { backend: await start(name, compiled), passedOver }
    } catch (error) {
      passedOver.push(`The back end ${name} does not load: ${firstLine(error)}`)
    }
  }
  throw new Error(`No back end loads. ${passedOver.join(' ')}`)
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!
}
