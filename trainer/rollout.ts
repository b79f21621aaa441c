/** Rollouts of GRPO: prompts, their answered samples, rewards and advantages within each group. */
import type { GrpoConfig } from './config.ts'
import { generate, type Generated } from './model/generate.ts'
import type { Qwen2 } from './model/qwen2.ts'
import { type Reward, rewardOf } from './rewards/reward.ts'
import { randomStream } from './rng.ts'
import { arithmeticProblem } from './tasks/arithmetic.ts'
import { heldOutPrompts } from './tasks/benchmarks.ts'
import { readQuestions } from './tasks/examples.ts'
import { encodePrompt, type Tokenizer } from './tokenizer.ts'

/** A question as the model reads it, and its right answer. */
type Prompt = { text: string; tokens: number[]; answer: string }
export type Sample = Generated & { prompt: Prompt; text: string; reward: Reward; advantage: number }

export type Rollout = {
  samples: Sample[]
  /** Share of the groups drawn whose rewards were all the same. */
  zeroVarianceShare: number
}

/** DAPO's soft penalty: 0 up to `buffer` tokens before the limit, then linear down to -penalty at the limit. */
export function overlongPenalty(tokens: number, limit: number, rules: { buffer: number; penalty: number }): number {
  const into = tokens - (limit - rules.buffer)
  return into <= 0 ? 0 : -rules.penalty * Math.min(1, into / rules.buffer)
}

/** Rewards minus their mean, over their deviation; all 0 where they do not differ. */
export function groupAdvantages(rewards: readonly number[]): number[] {
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length
  const deviation = Math.sqrt(rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / rewards.length)
  if (deviation < 1e-8) return rewards.map(() => 0)
  return rewards.map((reward) => (reward - mean) / (deviation + 1e-6))
}

/**
 * Prepares the rollouts of a run: each step's prompts come from the arithmetic task (benchmarks' questions left out) or
 * from the config's file.
 */
export function prepareRollouts(config: GrpoConfig, tokenizer: Tokenizer): (model: Qwen2, step: number) => Rollout {
  const heldOut = heldOutPrompts()
  const pool =
    config.data === undefined
      ? null
      : readQuestions(config.data).map(({ prompt, answer }) => ({
          text: prompt,
          tokens: encodePrompt(tokenizer, config.prompt_template, prompt),
          answer,
        }))

  /** The prompts of a step; `attempt` names further draws of the same step. */
  function drawPrompts(step: number, attempt: number): Prompt[] {
    const random = randomStream(config.seed, 'prompts', step, attempt)
    const drawn: Prompt[] = []
    while (drawn.length < config.prompts_per_step) {
      if (pool !== null) {
        drawn.push(pool[random.integer(0, pool.length - 1)]!)
        continue
      }
      const problem = arithmeticProblem(random.weighted(config.levels) + 1, random)
      if (heldOut.has(problem.prompt)) continue
      drawn.push({
        text: problem.prompt,
        tokens: encodePrompt(tokenizer, config.prompt_template, problem.prompt),
        answer: String(problem.answer),
      })
    }
    return drawn
  }

  /** Answers every prompt and rewards the answers: one group of samples a prompt. */
  function answer(model: Qwen2, prompts: Prompt[], step: number, attempt: number): Sample[][] {
    const repeated = prompts.flatMap((prompt) => Array.from({ length: config.samples_per_prompt }, () => prompt))
    const responses = generate(
      model,
      repeated.map(({ tokens }) => tokens),
      {
        maximumNewTokens: config.maximum_new_tokens,
        temperature: config.temperature,
        endOfText: tokenizer.endOfText,
        stream: [config.seed, 'rollout', step, attempt],
      },
    )
    const samples = responses.map((response, index): Sample => {
      const prompt = repeated[index]!
      const text = tokenizer.decode(response.tokens)
      const said = { text, tokens: response.tokens.length, finished: response.finished }
      const reward = rewardOf(config.reward, said, prompt.answer)
      if (config.overlong !== undefined) {
        reward.parts.overlong = overlongPenalty(said.tokens, config.maximum_new_tokens, config.overlong)
        reward.total += reward.parts.overlong
      }
      return { ...response, prompt, text, reward, advantage: 0 }
    })
    return prompts.map((_, index) => {
      const group = samples.slice(index * config.samples_per_prompt, (index + 1) * config.samples_per_prompt)
      const advantages = groupAdvantages(group.map(({ reward }) => reward.total))
      for (const [place, sample] of group.entries()) sample.advantage = advantages[place]!
      return group
    })
  }

  return (model, step) => {
    const groups: Sample[][] = []
    let drawn = 0
    let zeroVariance = 0
    // dynamic sampling draws again for groups without variance; otherwise one draw is all
    const attempts = config.dynamic_sampling ? 3 : 1
    for (let attempt = 0; attempt < attempts && groups.length < config.prompts_per_step; attempt++) {
      for (const group of answer(model, drawPrompts(step, attempt), step, attempt)) {
        const varies = group.some(({ advantage }) => advantage !== 0)
        drawn += 1
        if (!varies) zeroVariance += 1
        if (varies || !config.dynamic_sampling) groups.push(group)
      }
    }
    return { samples: groups.slice(0, config.prompts_per_step).flat(), zeroVarianceShare: zeroVariance / drawn }
  }
}
