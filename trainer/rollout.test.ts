import { expect, test } from 'vitest'
import { startBackend } from './backend.ts'
import { type GrpoConfig, readConfig } from './config.ts'
import { initialWeights, Qwen2 } from './model/qwen2.ts'
import { groupAdvantages, overlongPenalty, prepareRollouts } from './rollout.ts'
import { newModelConfig } from './loop.ts'
import { heldOutPrompts } from './tasks/benchmarks.ts'
import { arithmeticTokenizer } from './tokenizer.ts'

test('advantages are rewards minus their mean over their deviation, within the group', () => {
  const [a, b, c, d] = groupAdvantages([100, 0, 0, 100])
  expect(a).toBeCloseTo(1, 5)
  expect(b).toBeCloseTo(-1, 5)
  expect([c, d]).toEqual([b, a])
  expect(groupAdvantages([5, 5, 5])).toEqual([0, 0, 0])
})

test('the overlong penalty grows over the last tokens before the cut-off', () => {
  const rules = { buffer: 10, penalty: 2 }
  expect([50, 90, 95, 100, 120].map((tokens) => overlongPenalty(tokens, 100, rules))).toEqual([0, 0, -1, -2, -2])
})

test('a rollout: groups stand together, rewards are the sums of their parts, and no benchmark is asked', async () => {
  const { backend } = await startBackend('wasm')
  const tokenizer = arithmeticTokenizer()
  const config = readConfig({
    trainer: 'grpo',
    prompts_per_step: 6,
    samples_per_prompt: 3,
    maximum_new_tokens: 12,
    overlong: { buffer: 6, penalty: 1 },
    reward: { correct: 10, unparseable: -1, length: { maximum: 4, threshold: 2, scale: 5 } },
    layers: 1,
    width: 16,
    heads: 2,
  }) as GrpoConfig
  const shape = newModelConfig(config, tokenizer)
  const model = new Qwen2(shape, initialWeights(shape, 2), backend)
  const rollOut = prepareRollouts(config, tokenizer)
  const { samples, zeroVarianceShare } = rollOut(model, 1)
  expect(samples).toHaveLength(18)
  for (const [index, sample] of samples.entries()) {
    expect(sample.prompt).toBe(samples[index - (index % 3)]!.prompt)
    expect(heldOutPrompts().has(sample.prompt.text)).toBe(false)
    expect(sample.tokens).toHaveLength(sample.logProbabilities.length)
    const sum = Object.values(sample.reward.parts).reduce((total, part) => total + part, 0)
    expect(sample.reward.total).toBeCloseTo(sum, 12)
    expect(Object.keys(sample.reward.parts)).toEqual(expect.arrayContaining(['length', 'overlong']))
  }
  expect(zeroVarianceShare).toBeGreaterThanOrEqual(0)
  // the same step gives the same samples, another one others
  expect(rollOut(model, 1).samples.map(({ text }) => text)).toEqual(samples.map(({ text }) => text))
  expect(rollOut(model, 2).samples.map(({ prompt }) => prompt.text)).not.toEqual(
    samples.map(({ prompt }) => prompt.text),
  )
  model.dispose()
})

test('dynamic sampling draws again for groups whose rewards are all the same', async () => {
  const { backend } = await startBackend('wasm')
  const tokenizer = arithmeticTokenizer()
  const small = {
    trainer: 'grpo',
    prompts_per_step: 4,
    samples_per_prompt: 2,
    maximum_new_tokens: 6,
    layers: 1,
    width: 16,
    heads: 2,
  }
  // an untrained model answers nothing: with the basic reward every group is the same, with one for length few are
  const basic = readConfig({ ...small, dynamic_sampling: true }) as GrpoConfig
  const shape = newModelConfig(basic, tokenizer)
  const model = new Qwen2(shape, initialWeights(shape, 2), backend)
  expect(prepareRollouts(basic, tokenizer)(model, 1)).toEqual({ samples: [], zeroVarianceShare: 1 })
  const varied = readConfig({
    ...small,
    dynamic_sampling: true,
    temperature: 2,
    maximum_new_tokens: 60,
    reward: { length: { threshold: 0, maximum: 9, scale: 9 } },
  }) as GrpoConfig
  const { samples } = prepareRollouts(varied, tokenizer)(model, 1)
  expect(samples.length % 2).toBe(0)
  for (const { advantage } of samples) expect(advantage).not.toBe(0)
  model.dispose()
})
