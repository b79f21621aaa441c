/** Further options of GRPO against what TRL computes (record-options.py). */
import { beforeAll, expect, test } from 'vitest'
import { advantagesByPart } from '../advantages.ts'
import { type Backend, startBackend } from '../backend.ts'
import { newModelConfig } from '../../contract/model-config.ts'
import { readTrainerConfig } from '../../contract/check-settings.ts'
import { parameterShapes, Qwen2 } from '../model/qwen2.ts'
import recorded from './options-numbers.json' with { type: 'json' }

let backend: Backend
beforeAll(async () => {
  backend = (await startBackend(process.env.SWEEPBOARD_BACKEND || 'wasm')).backend
})

test('parts of a reward normalised each on its own, then summed', () => {
  const advantages = advantagesByPart(recorded.parts, recorded.weights).flat()
  expect(advantages).toHaveLength(recorded.advantages.length)
  for (const [index, advantage] of advantages.entries()) {
    expect(advantage).toBeCloseTo(recorded.advantages[index]!, 6)
    // TRL adds 1e-4 to each deviation, here as in verl 1e-6 is
    expect(Math.abs(advantage - recorded.trlAdvantages[index]!)).toBeLessThan(1e-3)
  }
})

test('parts that do not differ anywhere are worth nothing', () => {
  const same = { correct: 100, length: 3 }
  expect(
    advantagesByPart(
      [
        [same, same],
        [same, same],
      ],
      {},
    ).flat(),
  ).toEqual([0, 0, 0, 0])
})

test('a reference moves towards the model, by its share', () => {
  const shape = newModelConfig(readTrainerConfig({ trainer: 'grpo', layers: 1, width: 8, heads: 2 }))
  const filled = (values: readonly number[]) =>
    new Map(
      [...parameterShapes(shape)].map(([name, sizes]) => {
        const size = sizes.reduce((product, one) => product * one, 1)
        return [name, Float32Array.from({ length: size }, (_, index) => values[index % values.length]!)]
      }),
    )
  const reference = new Qwen2(shape, filled(recorded.reference), backend)
  const model = new Qwen2(shape, filled(recorded.model), backend)
  reference.moveTowards(model, recorded.mixup)
  for (const values of reference.weights().values())
    for (const [index, value] of values.slice(0, 6).entries()) expect(value).toBeCloseTo(recorded.moved[index]!, 6)
  // and nothing of the model moves
  expect(model.weights().get('finalGain')![1]).toBeCloseTo(recorded.model[1]!, 6)
  reference.dispose()
  model.dispose()
})
