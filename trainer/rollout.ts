/** Rollouts of GRPO: prompts, their answered samples, rewards and advantages within each group. */
import { advantagesByPart, advantagesOf, spread } from './advantages.ts'
import type { GrpoConfig, rewardParts } from '../contract/trainer-settings.ts'
import type { Generated } from './model/generate.ts'
import type { Prompt, Prompts } from './prompts.ts'
import { type Reward, rewardOf } from './rewards/reward.ts'
import { beforeStop } from './stop.ts'
import { type Answerer, continuations } from './workers/continuations.ts'

/** An answer to a prompt. Its advantage is 0 where its group is not learned from. */
export type Sample = Generated & { prompt: Prompt; text: string; reward: Reward; advantage: number }

/** A step's answers: one group of samples a prompt. */
export type Rollout = {
  /** Every group that was drawn: what the model does. */
  drawn: Sample[][]
  /** Those that are learned from: all, or with dynamic sampling those whose rewards differ, at most as many as asked. */
  kept: Sample[][]
}

/** With dynamic sampling, prompts are drawn at most so many times a step. */
const mostDraws = 3

/** DAPO's soft penalty: 0 up to `buffer` tokens before the limit, then linear down to -penalty at the limit. */
export function overlongPenalty(tokens: number, limit: number, rules: { buffer: number; penalty: number }): number {
  const into = tokens - (limit - rules.buffer)
  return into <= 0 ? 0 : -rules.penalty * Math.min(1, into / rules.buffer)
}

const rewardsOf = (group: Sample[]) => group.map(({ reward }) => reward.total)

/** The part of a reward under the name that it has a weight by. */
const partName = (name: string) => (name === 'unparseable' ? 'correct' : name)
const weightOf = (name: string, { reward_weights: weights }: AnswerSettings) =>
  weights?.[partName(name) as (typeof rewardParts)[number]] ?? 1

/** What each sample of the groups is worth beside the others. */
function advantages(groups: Sample[][], config: GrpoConfig): number[][] {
  if (config.reward_aggregation === 'sum_then_normalize')
    return advantagesOf(groups.map(rewardsOf), config.scale_rewards)
  const parts = ({ reward }: Sample) =>
    Object.fromEntries(Object.entries(reward.parts).map(([name, part]) => [partName(name), part]))
  return advantagesByPart(
    groups.map((group) => group.map(parts)),
    config.reward_weights ?? {},
  )
}

/** What says how prompts are answered, and what answers are worth. */
export type AnswerSettings = Pick<
  GrpoConfig,
  | 'samples_per_prompt'
  | 'maximum_new_tokens'
  | 'stop'
  | 'temperature'
  | 'top_k'
  | 'top_p'
  | 'min_p'
  | 'repetition_penalty'
  | 'reward'
  | 'reward_weights'
  | 'overlong'
>

/** Answers every prompt and rewards the answers: a group of samples each. */
export async function answer(
  answerer: Answerer,
  config: AnswerSettings,
  prompts: Prompt[],
  stream: (number | string)[],
): Promise<Sample[][]> {
  const { tokenizer } = answerer
  const repeated = prompts.flatMap((prompt) => Array.from({ length: config.samples_per_prompt }, () => prompt))
  const asked = {
    maximumNewTokens: config.maximum_new_tokens,
    temperature: config.temperature,
    filters: {
      topK: config.top_k,
      topP: config.top_p,
      minP: config.min_p,
      repetitionPenalty: config.repetition_penalty,
    },
    stop: config.stop,
    stream,
  }
  const responses = await continuations(
    answerer,
    repeated.map(({ tokens }) => tokens),
    asked,
  )
  const samples = responses.map((response, index): Sample => {
    const prompt = repeated[index]!
    const text = beforeStop(tokenizer.decode(response.tokens), config.stop)
    const said = { text, tokens: response.tokens.length, finished: response.finished }
    const reward = rewardOf(config.reward, said, prompt.answer)
    if (config.overlong !== undefined)
      reward.parts.overlong = overlongPenalty(said.tokens, config.maximum_new_tokens, config.overlong)
    reward.total = Object.entries(reward.parts).reduce((sum, [name, part]) => sum + weightOf(name, config) * part, 0)
    return { ...response, prompt, text, reward, advantage: 0 }
  })
  return prompts.map((_, index) =>
    samples.slice(index * config.samples_per_prompt, (index + 1) * config.samples_per_prompt),
  )
}

/** Whether a group's rewards differ, so that it gives a gradient. */
export function varies(group: Sample[]): boolean {
  const rewards = rewardsOf(group)
  return spread(rewards).deviation > 0 && rewards.some((reward) => reward !== rewards[0])
}

/**
 * The rollout of a step.
 * @param place how many prompts the run has taken before
 */
export async function rollOut(
  answerer: Answerer,
  config: GrpoConfig,
  prompts: Prompts,
  step: number,
  place: number,
): Promise<Rollout> {
  const wanted = config.prompts_per_step
  const drawn: Sample[][] = []
  let kept: Sample[][] = []
  // dynamic sampling draws again for groups whose rewards are all the same; otherwise one draw is all
  for (let attempt = 0; attempt < (config.dynamic_sampling ? mostDraws : 1) && kept.length < wanted; attempt++) {
    const asked = prompts.take(place + drawn.length, wanted, step, attempt)
    const groups = await answer(answerer, config, asked, [config.seed, 'rollout', step, attempt])
    drawn.push(...groups)
    kept.push(...(config.dynamic_sampling ? groups.filter(varies) : groups))
  }
  kept = kept.slice(0, wanted)
  const worth = advantages(kept, config)
  for (const [index, group] of kept.entries()) {
    for (const [at, sample] of group.entries()) sample.advantage = worth[index]![at]!
  }
  return { drawn, kept }
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/**
 * What a step's samples say of the model: rewards by part and how responses end, over all that was drawn. What was kept of it
 * stands under names of its own, and there is no figure where nothing was.
 */
export function rolloutMetrics({ drawn, kept }: Rollout, dynamicSampling: boolean): Record<string, number> {
  const samples = drawn.flat()
  const share = (of: Sample[], fits: (sample: Sample) => boolean) => mean(of.map((sample) => (fits(sample) ? 1 : 0)))
  const isCorrect = ({ reward }: Sample) => reward.outcome === 'correct'
  const parts = new Set(samples.flatMap(({ reward }) => Object.keys(reward.parts)))
  const lengths = samples.map(({ tokens }) => tokens.length)
  const learned = kept.flat()
  return {
    reward: mean(rewardsOf(samples)),
    reward_deviation: mean(drawn.map((group) => spread(rewardsOf(group)).deviation)),
    ...Object.fromEntries(
      [...parts].map((name) => [`reward/${name}`, mean(samples.map(({ reward }) => reward.parts[name] ?? 0))]),
    ),
    accuracy: share(samples, isCorrect),
    unparseable: share(samples, ({ reward }) => reward.outcome === 'unparseable'),
    truncated: share(samples, ({ finished }) => !finished),
    response_length: mean(lengths),
    response_length_shortest: Math.min(...lengths),
    response_length_longest: Math.max(...lengths),
    zero_variance_groups: drawn.filter((group) => !varies(group)).length / drawn.length,
    ...(dynamicSampling && {
      groups_drawn: drawn.length,
      groups_kept: kept.length,
      ...(learned.length > 0 && {
        'kept/reward': mean(rewardsOf(learned)),
        'kept/accuracy': share(learned, isCorrect),
      }),
    }),
  }
}
