import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { advantagesOf } from './advantages.ts'
import { type Backend, startBackend } from './backend.ts'
import { readTrainerConfig } from '../contract/check-settings.ts'
import { type GrpoConfig } from '../contract/trainer-settings.ts'
import { newModelConfig } from '../contract/model-config.ts'
import { generate } from './model/generate.ts'
import { initialWeights, Qwen2 } from './model/qwen2.ts'
import { preparePrompts } from './prompts.ts'
import { overlongPenalty, rollOut, rolloutMetrics, varies } from './rollout.ts'
import { heldOutPrompts } from './tasks/benchmarks.ts'
import { packExamples } from './tasks/examples.ts'
import { arithmeticTokenizer } from './tokenizer.ts'

const tokenizer = arithmeticTokenizer()
const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-rollout-'))
let backend: Backend
beforeAll(async () => {
  backend = (await startBackend(process.env.SWEEPBOARD_BACKEND || 'wasm')).backend
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const configOf = (change: Record<string, unknown>) =>
  readTrainerConfig({
    trainer: 'grpo',
    maximum_new_tokens: 12,
    layers: 1,
    width: 16,
    heads: 2,
    ...change,
  }) as GrpoConfig

function modelOf(config: GrpoConfig): Qwen2 {
  const shape = newModelConfig(config)
  return new Qwen2(shape, initialWeights(shape, 2), backend)
}

test("advantages are rewards minus their mean over the sample's deviation, within the group", () => {
  const [[a, b, c, d], same] = advantagesOf(
    [
      [100, 0, 0, 100],
      [5, 5, 5, 5],
    ],
    'group',
  ) as [number[], number[]]
  expect(a).toBeCloseTo(Math.sqrt(3) / 2, 5)
  expect([b, c, d]).toEqual([-a!, -a!, a])
  expect(same).toEqual([0, 0, 0, 0])
})

test('the overlong penalty grows over the last tokens before the cut-off', () => {
  const rules = { buffer: 10, penalty: 2 }
  expect([50, 90, 95, 100, 120].map((tokens) => overlongPenalty(tokens, 100, rules))).toEqual([0, 0, -1, -2, -2])
})

test('a rollout: groups stand together, rewards are the sums of their parts, and no benchmark is asked', async () => {
  const config = configOf({
    prompts_per_step: 6,
    samples_per_prompt: 3,
    overlong: { buffer: 6, penalty: 1 },
    reward: { correct: 10, unparseable: -1, length: { maximum: 4, threshold: 2, scale: 5 } },
  })
  const model = modelOf(config)
  const prompts = preparePrompts(config, tokenizer)
  const first = await rollOut({ model, tokenizer, workers: null }, config, prompts, 1, 0)
  expect(first.kept).toEqual(first.drawn)
  expect(first.drawn.map((group) => group.length)).toEqual([3, 3, 3, 3, 3, 3])
  for (const group of first.drawn) {
    for (const sample of group) {
      expect(sample.prompt).toBe(group[0]!.prompt)
      expect(heldOutPrompts().has(sample.prompt.text)).toBe(false)
      expect(sample.tokens).toHaveLength(sample.logProbabilities.length)
      const sum = Object.values(sample.reward.parts).reduce((total, part) => total + part, 0)
      expect(sample.reward.total).toBeCloseTo(sum, 12)
      expect(Object.keys(sample.reward.parts)).toEqual(expect.arrayContaining(['length', 'overlong']))
    }
  }
  // the same step gives the same samples, another one others
  const texts = async (step: number, place: number) => {
    const { drawn } = await rollOut({ model, tokenizer, workers: null }, config, prompts, step, place)
    return drawn.flatMap((group) => group.map(({ text }) => text))
  }
  expect(await texts(1, 0)).toEqual(first.drawn.flatMap((group) => group.map(({ text }) => text)))
  expect(await texts(2, 6)).not.toEqual(await texts(1, 0))
  model.dispose()
})

test('dynamic sampling: what was drawn and what was kept are told apart, and where nothing was kept there is no figure of it', async () => {
  const small = { prompts_per_step: 4, samples_per_prompt: 2, maximum_new_tokens: 6, dynamic_sampling: true }
  // an untrained model answers nothing: with the basic reward every group is the same, with one for length few are
  const basic = configOf(small)
  const model = modelOf(basic)
  const nothing = await rollOut({ model, tokenizer, workers: null }, basic, preparePrompts(basic, tokenizer), 1, 0)
  const told = rolloutMetrics(nothing, true)
  expect(told).toMatchObject({ groups_drawn: 12, groups_kept: 0, zero_variance_groups: 1, reward: -1, unparseable: 1 })
  expect(Object.keys(told).filter((name) => name.startsWith('kept/'))).toEqual([])

  const varied = configOf({
    ...small,
    prompts_per_step: 8,
    temperature: 2,
    maximum_new_tokens: 60,
    // a third of the untrained responses ends before the reward for length begins
    reward: { length: { threshold: 55, maximum: 9, scale: 1e9 } },
  })
  const rollout = await rollOut({ model, tokenizer, workers: null }, varied, preparePrompts(varied, tokenizer), 1, 0)
  expect(rollout.kept.length).toBeGreaterThan(0)
  expect(rollout.kept.length).toBeLessThan(rollout.drawn.length)
  for (const { advantage } of rollout.kept.flat()) expect(advantage).not.toBe(0)
  const mean = (groups: typeof rollout.drawn) => {
    const rewards = groups.flat().map(({ reward }) => reward.total)
    return rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length
  }
  const metrics = rolloutMetrics(rollout, true)
  expect(metrics.reward).toBe(mean(rollout.drawn))
  expect(metrics['kept/reward']).toBe(mean(rollout.kept))
  expect(metrics['kept/reward']).not.toBe(metrics.reward)
  expect(metrics.groups_kept).toBe(Math.min(8, rollout.drawn.filter(varies).length))
  model.dispose()
})

test('prompts come in passes: each once before any comes again, in another order each time', () => {
  const data = path.join(folder, 'questions.jsonl')
  const lines = Array.from(
    { length: 7 },
    (_, index) => `${JSON.stringify({ question: `${index}+1=`, answer: index + 1 })}\n`,
  )
  writeFileSync(data, lines.join(''))
  const { perPass, take } = preparePrompts(configOf({ data }), tokenizer)
  expect(perPass).toBe(7)
  const texts = [0, 5, 10].flatMap((place) => take(place, 5, 1, 0).map(({ text }) => text))
  const [first, second] = [texts.slice(0, 7), texts.slice(7, 14)]
  expect(first!.toSorted()).toEqual(lines.map((_, index) => `${index}+1=`))
  expect(second!.toSorted()).toEqual(first!.toSorted())
  expect(second).not.toEqual(first)
  // from a place alone: a run that goes on takes what the uninterrupted one would have taken
  expect(take(3, 4, 9, 0).map(({ text }) => text)).toEqual(first!.slice(3))

  const replaced = preparePrompts(configOf({ data, prompt_order: 'with_replacement' }), tokenizer)
  expect(replaced.perPass).toBe(null)
  const drawn = Array.from({ length: 4 }, (_, step) => replaced.take(0, 7, step, 0).map(({ text }) => text))
  expect(drawn.some((draw) => new Set(draw).size < 7)).toBe(true)
})

test('a prompt that leaves no room for a response in the context is named', () => {
  const data = path.join(folder, 'long.jsonl')
  writeFileSync(
    data,
    `${JSON.stringify({ question: '1+1=', answer: 2 })}\n${JSON.stringify({ question: '1+'.repeat(50), answer: 2 })}\n`,
  )
  expect(() => preparePrompts(configOf({ data }), tokenizer, 112)).not.toThrow()
  expect(() => preparePrompts(configOf({ data }), tokenizer, 111)).toThrow(
    `The prompt "${'1+'.repeat(30)}…" has 100 tokens; expected at most 99, the model's context less maximum_new_tokens`,
  )
})

test('log-probabilities when drawn are those of logits ÷ temperature, as the loss computes them', () => {
  const config = configOf({})
  const model = modelOf(config)
  for (const temperature of [0.5, 1, 1.7]) {
    const prompt = tokenizer.encode('3+4=')
    const [drawn] = generate(model, [prompt], {
      maximumNewTokens: 12,
      temperature,
      endOfText: 1,
      stream: [temperature],
    })
    const rows = packExamples([{ prompt, completion: drawn!.tokens }], { packing: true, rowLength: 32, padding: 0 })
    const now = model.targetLogProbabilities(rows, { temperature }).logProbabilities.dataSync()
    for (const [at, logProbability] of drawn!.logProbabilities.entries()) {
      expect(now[rows.starts[0]! + at]).toBeCloseTo(logProbability, 4)
    }
  }
  model.dispose()
})
