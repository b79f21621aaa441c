/** How much memory a model of a shape takes, to train and to answer, and the sentence where that is not there. */
import type { ModelConfig } from './model-config.ts'
import type { LoraSettings, TrainerConfig } from './trainer-settings.ts'

/** Parameters of a model of this shape. */
export function parameterCount(config: ModelConfig): number {
  const { width, heads, keyValueHeads, headWidth, feedForward, vocabulary } = config
  const attention = heads * headWidth
  const qkv = (heads + 2 * keyValueHeads) * headWidth
  const layer = 2 * width + (width + 1) * qkv + attention * width + 3 * width * feedForward
  return config.layers * layer + width + vocabulary * width * (config.tieEmbeddings ? 1 : 2)
}

/** Parameters of a LoRA adapter to a model of this shape. */
export function adapterParameterCount(config: ModelConfig, lora: LoraSettings): number {
  const { width, heads, keyValueHeads, headWidth, feedForward } = config
  const [attention, keyValues] = [heads * headWidth, keyValueHeads * headWidth]
  const ends = {
    q_proj: width + attention,
    k_proj: width + keyValues,
    v_proj: width + keyValues,
    o_proj: attention + width,
    gate_proj: width + feedForward,
    up_proj: width + feedForward,
    down_proj: feedForward + width,
  }
  const sum = [...new Set(lora.lora_target_modules)].reduce((total, name) => total + ends[name], 0)
  return config.layers * lora.lora_rank * sum
}

/** Bytes that the wasm back end can hold in all. */
export const wasmMemory = 4 * 2 ** 30

/** What a back end has to hold a model in. */
export type ModelMemory = {
  /** For one thread, and what has them in words. */
  bytes: number
  words: string
  /** Bytes for all threads together; `bytes` where they are not told. */
  machine?: number
  /** Whether the kernels lay weights out once more. */
  laidOutAgain?: boolean
  /** Whether weights are there twice until a library has taken them over. */
  takenOver?: boolean
}

/** Settings that say what a training holds. */
type RoomSettings = LoraSettings & Pick<TrainerConfig, 'trainer' | 'workers'>

/**
 * What stands against training a model of this shape in so much memory: its weights, gradients and two moments in single
 * precision, and the weights it started from where the loss needs them; or its weights, and an adapter with gradients and moments. What
 * passes through it comes on top. null where they fit.
 */
export function trainingRoomProblem(
  config: ModelConfig,
  withReference: boolean,
  memory: ModelMemory,
  settings: RoomSettings,
): string | null {
  const count = parameterCount(config)
  const { frozen, trained, aside, words } =
    settings.lora_rank > 0 ? adapterRoom(config, settings, memory) : wholeRoom(count, withReference, memory)
  const own = 4 * (frozen + 4 * trained + aside)
  const alone = roomProblem(count, words, own, memory)
  if (alone !== null || settings.workers === 1) return alone
  // what another worker has of its own, the gradients that it hands over, and the weights that all read
  const others = 4 * ((settings.workers - 1) * (frozen + 3 * trained + aside) + frozen + trained)
  const machine = { bytes: memory.machine ?? memory.bytes, words: 'this machine has' }
  return roomProblem(
    count,
    `${words} by ${settings.workers} workers, with their own and shared ones`,
    own + others,
    machine,
  )
}

/** Floats that a training holds: weights that stay, values that are trained, and what the kernels lay out beside them. */
type Room = { frozen: number; trained: number; aside: number; words: string }

const onceMore = ', and weights once more until the library has taken them over'

function wholeRoom(count: number, withReference: boolean, { takenOver = false }: ModelMemory): Room {
  const frozen = withReference ? count : 0
  const of = `weights, gradients, two moments${withReference ? ', and the weights it started from' : ''}${takenOver ? onceMore : ''}`
  return { frozen, trained: count, aside: takenOver ? count + frozen : 0, words: `to train (${of})` }
}

function adapterRoom(config: ModelConfig, settings: RoomSettings, { laidOutAgain, takenOver }: ModelMemory): Room {
  const frozen = parameterCount(config)
  const trained = adapterParameterCount(config, settings)
  const words = 'to train an adapter to (weights, the adapter, its gradients and moments'
  if (takenOver) return { frozen, trained, aside: frozen, words: `${words}${onceMore})` }
  if (!laidOutAgain) return { frozen, trained, aside: 0, words: `${words})` }
  const { width, feedForward, vocabulary } = config
  // the last table is laid out for the kernels, and one layer at a time is merged and laid out; a quarter more than that stays aside
  const work = 1.25 * (width * vocabulary + 2 * 3 * width * feedForward)
  // a rollout has all of them laid out
  const answers = settings.trainer === 'grpo' || settings.trainer === 'best_of_n'
  const aside = work + (answers ? frozen : 0)
  return { frozen, trained, aside, words: `${words}, and what the kernels lay out once more)` }
}

/** What could be asked for in place of a training that has no room, the end of a sentence. */
export function roomyTraining(
  config: ModelConfig,
  withReference: boolean,
  memory: ModelMemory,
  settings: RoomSettings,
): string {
  const adapted = { ...settings, lora_rank: 8 }
  const isRoom = settings.lora_rank === 0 && trainingRoomProblem(config, withReference, memory, adapted) === null
  return isRoom ? 'a smaller model, or an adapter (lora_rank)' : 'a smaller model'
}

/**
 * What stands against answering with a model of this shape in so much memory: its weights, once more as the wasm back end's kernels lay
 * them out, and keys and values of the sequences that run side by side. null where they fit.
 * @param sequences that are asked, tokens of the longest of them, its prompt included, and threads that they are shared out to
 */
export function answeringRoomProblem(
  config: ModelConfig,
  { sequences, tokens, workers = 1 }: { sequences: number; tokens: number; workers?: number },
  memory: ModelMemory,
): string | null {
  const count = parameterCount(config)
  const problem = (words: string, needed: number) => {
    const alone = roomProblem(count, words, needed, memory)
    if (alone !== null || workers === 1) return alone
    const machine = { bytes: memory.machine ?? memory.bytes, words: 'this machine has' }
    return roomProblem(
      count,
      `${words} by ${workers} workers, with shared weights`,
      workers * needed + 4 * count,
      machine,
    )
  }
  if (memory.takenOver) return problem(`to answer (weights${onceMore})`, count * 8)
  if (!memory.laidOutAgain) return problem('to answer (weights)', count * 4)
  // a table that serves both ends is laid out for the head alone
  const table = config.vocabulary * config.width
  const again = count - table + (config.tieEmbeddings ? table : 0)
  const { layers, keyValueHeads, headWidth, vocabulary } = config
  const aside = Math.min(sequencesAtOnce, sequences) * (2 * layers * keyValueHeads * headWidth * tokens + vocabulary)
  const words = 'to answer (weights, the same laid out for the kernels, keys and values)'
  return problem(words, 4 * (count + again + aside))
}

/** Sequences that are generated side by side. */
export const sequencesAtOnce = 256

function roomProblem(count: number, purpose: string, needed: number, memory: ModelMemory): string | null {
  if (needed <= memory.bytes) return null
  const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`
  return (
    `A model of ${count.toLocaleString('en')} parameters takes ${gibibytes(needed)} ${purpose}, and ${memory.words} ` +
    `${gibibytes(memory.bytes)}: ${gibibytes(needed - memory.bytes)} are missing`
  )
}
