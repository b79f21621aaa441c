import { expect, test } from 'vitest'
import { fromHuggingFace, newModelConfig } from './model-config.ts'
import {
  answeringRoomProblem,
  adapterParameterCount,
  parameterCount,
  roomyTraining,
  trainingRoomProblem,
} from './model-room.ts'
import { readTrainerConfig } from './check-settings.ts'

const whole = readTrainerConfig({ trainer: 'sft' })

test('parameters are counted as they are made, and the room they take is told in words', () => {
  const shape = newModelConfig(readTrainerConfig({ trainer: 'sft', layers: 2, width: 8, heads: 2, feed_forward: 16 }))
  // embedding, two layers of gains, queries, keys and values with biases, output and three matrices, and the last gain
  expect(parameterCount(shape)).toBe(64 * 8 + 2 * (8 + 8 * 24 + 24 + 64 + 8 + 3 * 8 * 16) + 8)
  expect(parameterCount({ ...shape, tieEmbeddings: false })).toBe(parameterCount(shape) + 64 * 8)
  const bytes = parameterCount(shape) * 16
  expect(trainingRoomProblem(shape, false, { bytes, words: 'it has' }, whole)).toBe(null)
  expect(trainingRoomProblem(shape, true, { bytes, words: 'it has' }, whole)).toBe(
    'A model of 1,880 parameters takes 0.0 GiB to train (weights, gradients, two moments, and the weights it started from), and it has 0.0 GiB: 0.0 GiB are missing',
  )
})

/** The shapes of the study's models. */
const qwen = (hidden: number, layers: number, heads: number, inner: number) =>
  fromHuggingFace(
    {
      model_type: 'qwen2',
      vocab_size: 151936,
      hidden_size: hidden,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      num_key_value_heads: 2,
      intermediate_size: inner,
      tie_word_embeddings: true,
    },
    'config.json',
  )

test('what Qwen2.5-0.5B and Math-1.5B lack to be trained and to answer is said in GiB', () => {
  const small = qwen(896, 24, 14, 4864)
  const larger = qwen(1536, 28, 12, 8960)
  expect([parameterCount(small), parameterCount(larger)]).toEqual([494_032_768, 1_543_714_304])
  const wasm = { bytes: 4 * 2 ** 30, words: 'the wasm back end holds', laidOutAgain: true }
  const machine = { bytes: 24 * 2 ** 30, words: 'this machine has', laidOutAgain: false }
  expect(trainingRoomProblem(small, false, wasm, whole)).toBe(
    'A model of 494,032,768 parameters takes 7.4 GiB to train (weights, gradients, two moments), and the wasm back end holds 4.0 GiB: 3.4 GiB are missing',
  )
  expect(trainingRoomProblem(larger, false, machine, whole)).toBeNull()
  expect(trainingRoomProblem(larger, true, machine, whole)).toContain('4.8 GiB are missing')
  // of an adapter: 7 matrices a layer, rank times both of their ends
  const lora = (trainer: string) => readTrainerConfig({ trainer, lora_rank: 8 })
  expect(adapterParameterCount(small, lora('sft'))).toBe(
    24 * 8 * (2 * (896 + 896) + 2 * (896 + 128) + 3 * (896 + 4864)),
  )
  expect(trainingRoomProblem(small, false, wasm, lora('sft'))).toBeNull()
  expect(trainingRoomProblem(small, false, wasm, lora('grpo'))).toMatch(
    /GiB to train an adapter to .*: 0\.\d GiB are missing$/,
  )
  expect(trainingRoomProblem(larger, false, wasm, lora('sft'))).toMatch(/: 3\.\d GiB are missing$/)
  expect(trainingRoomProblem(larger, true, machine, lora('dpo'))).toBeNull()
  expect(roomyTraining(small, false, wasm, whole)).toBe('a smaller model, or an adapter (lora_rank)')
  expect(roomyTraining(larger, false, wasm, whole)).toBe('a smaller model')
  expect(roomyTraining(small, false, wasm, lora('grpo'))).toBe('a smaller model')
  const asked = (sequences: number) => ({ sequences, tokens: 1024 })
  expect(answeringRoomProblem(small, asked(1), wasm)).toBeNull()
  expect(answeringRoomProblem(small, asked(500), wasm)).toMatch(/GiB to answer .*: \d\.\d GiB are missing$/)
  expect(answeringRoomProblem(larger, asked(1), wasm)).toContain('7.6 GiB are missing')
  expect(answeringRoomProblem(larger, asked(500), machine)).toBeNull()
})

test('weights that a library takes over are there twice until it has', () => {
  const larger = qwen(1536, 28, 12, 8960)
  const native = (bytes: number) => ({ bytes, words: 'this machine has', takenOver: true })
  const machine = native(24 * 2 ** 30)
  // measured: 12.9 GiB at most for an adapter, 13.0 to answer; a whole training took all of 24 GiB
  const lora = readTrainerConfig({ trainer: 'sft', lora_rank: 8 })
  expect(trainingRoomProblem(larger, false, machine, lora)).toBeNull()
  expect(trainingRoomProblem(larger, false, native(8 * 2 ** 30), lora)).toMatch(
    /^A model of 1,543,714,304 parameters takes 11\.6 GiB to train an adapter to \(.*, and weights once more until the library has taken them over\), and this machine has 8\.0 GiB: 3\.6 GiB are missing$/,
  )
  expect(trainingRoomProblem(larger, false, machine, whole)).toContain(': 4.8 GiB are missing')
  const asked = { sequences: 1, tokens: 100 }
  expect(answeringRoomProblem(larger, asked, machine)).toBeNull()
  expect(answeringRoomProblem(larger, asked, native(8 * 2 ** 30))).toContain(': 3.5 GiB are missing')
})

test('workers need room for models of their own, told for all of them together', () => {
  const shape = newModelConfig(readTrainerConfig({ trainer: 'sft', layers: 16, width: 1024, heads: 16 }))
  const count = parameterCount(shape)
  const by = (workers: number, machine: number, more = {}) => {
    const memory = { bytes: 4 * 2 ** 30, words: 'the wasm back end holds', machine }
    return trainingRoomProblem(shape, false, memory, readTrainerConfig({ trainer: 'sft', workers, ...more }))
  }
  // its own four; for the other one weights, gradients and those that it hands over; and the weights that both read
  const two = 4 * count * (4 + 3 + 1)
  expect(by(2, two)).toBeNull()
  expect(by(1, 4 * count * 4)).toBeNull()
  expect(by(2, two - 1)).toMatch(
    /by 2 workers, with their own and shared ones, and this machine has \d\.\d GiB: 0\.0 GiB are missing$/,
  )
  expect(by(3, two)).toMatch(/: 2\.\d GiB are missing$/)
  expect(by(3, two, { lora_rank: 8 })).toBeNull()
  const asked = { sequences: 100, tokens: 64, workers: 3 }
  const memory = { bytes: 4 * 2 ** 30, words: 'the wasm back end holds', laidOutAgain: false }
  expect(answeringRoomProblem(shape, asked, { ...memory, machine: 4 * count * 4 })).toBeNull()
  expect(answeringRoomProblem(shape, asked, { ...memory, machine: 4 * count * 3 })).toMatch(
    /by 3 workers, with shared weights/,
  )
})
