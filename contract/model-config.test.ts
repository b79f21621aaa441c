import { expect, test } from 'vitest'
import { newModelConfig, parameterCount, trainingRoomProblem } from './model-config.ts'
import { readConfig } from './check-settings.ts'

test('parameters are counted as they are made, and the room they take is told in words', () => {
  const shape = newModelConfig(readConfig({ trainer: 'sft', layers: 2, width: 8, heads: 2, feed_forward: 16 }))
  // embedding, two layers of gains, queries, keys and values with biases, output and three matrices, and the last gain
  expect(parameterCount(shape)).toBe(64 * 8 + 2 * (8 + 8 * 24 + 24 + 64 + 8 + 3 * 8 * 16) + 8)
  expect(parameterCount({ ...shape, tieEmbeddings: false })).toBe(parameterCount(shape) + 64 * 8)
  const bytes = parameterCount(shape) * 16
  expect(trainingRoomProblem(shape, false, { bytes, words: 'it has' })).toBe(null)
  expect(trainingRoomProblem(shape, true, { bytes, words: 'it has' })).toBe(
    'A model of 1,880 parameters takes 0.0 GiB to train (weights, gradients, two moments, and the weights it started from), and it has 0.0 GiB',
  )
})
