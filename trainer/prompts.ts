/** Which prompts a GRPO run answers, and in which order. */
import type { GrpoConfig } from '../contract/trainer-settings.ts'
import { type RandomStream, randomStream } from './rng.ts'
import { arithmeticProblem } from './tasks/arithmetic.ts'
import { heldOutPrompts } from './tasks/benchmarks.ts'
import { readQuestions } from './tasks/questions.ts'
import { encodePrompt, type PromptFormat, type Tokenizer } from './tokenizer.ts'

/** A question as the model reads it, and its right answer. */
export type Prompt = { text: string; tokens: number[]; answer: string }

export type Prompts = {
  /** Prompts of a pass; null where they are drawn with replacement, so that there are no passes. */
  perPass: number | null
  /**
   * `count` prompts from a place in the order of passes: how many were taken before, over the whole run.
   * @param step,attempt name the draw where prompts are drawn with replacement
   */
  take(place: number, count: number, step: number, attempt: number): Prompt[]
}

/** What says which prompts there are. */
type PromptSettings = Pick<
  GrpoConfig,
  'seed' | 'data' | 'dataset_size' | 'levels' | 'maximum_new_tokens' | keyof PromptFormat
>

/** Prompts of the config's file, or a draw of the arithmetic task with the benchmarks' questions left out. */
function sourceOf(config: PromptSettings, tokenizer: Tokenizer, context: number) {
  const encode = (text: string, answer: string): Prompt => ({
    text,
    tokens: encodePrompt(tokenizer, config, text, context - config.maximum_new_tokens),
    answer,
  })
  const heldOut = heldOutPrompts()
  const problem = (random: RandomStream): Prompt => {
    for (;;) {
      const { prompt, answer } = arithmeticProblem(random.weighted(config.levels) + 1, random)
      if (!heldOut.has(prompt)) return encode(prompt, String(answer))
    }
  }
  const file =
    config.data === undefined ? null : readQuestions(config.data).map(({ prompt, answer }) => encode(prompt, answer))
  return { file, problem }
}

/**
 * All prompts that a run has: of the config's file, or `dataset_size` of the arithmetic task.
 * @param context tokens that the model was made for
 * @throws where a prompt leaves no room in it for a response
 */
export function allPrompts(config: PromptSettings, tokenizer: Tokenizer, context = Infinity): Prompt[] {
  const { file, problem } = sourceOf(config, tokenizer, context)
  const random = randomStream(config.seed, 'prompts')
  return file ?? Array.from({ length: config.dataset_size }, () => problem(random))
}

/**
 * Prepares the prompts: they are taken in passes over all of them, shuffled anew for each pass, or drawn with replacement.
 * @param chosen those that are left of all, where some were left out
 */
export function preparePrompts(
  config: GrpoConfig,
  tokenizer: Tokenizer,
  context = Infinity,
  chosen: Prompt[] | null = null,
): Prompts {
  if (config.prompt_order === 'with_replacement') {
    const source = sourceOf(config, tokenizer, context)
    const file = chosen ?? source.file
    return {
      perPass: null,
      take(_place, count, step, attempt) {
        const random = randomStream(config.seed, 'prompts', step, attempt)
        return Array.from({ length: count }, () =>
          file === null ? source.problem(random) : file[random.integer(0, file.length - 1)]!,
        )
      },
    }
  }
  const pool = chosen ?? allPrompts(config, tokenizer, context)
  let order: Prompt[] = []
  let orderOfPass = -1
  const at = (place: number): Prompt => {
    const pass = Math.floor(place / pool.length)
    if (pass !== orderOfPass) {
      order = randomStream(config.seed, 'prompt order', pass).shuffle(pool)
      orderOfPass = pass
    }
    return order[place % pool.length]!
  }
  return {
    perPass: pool.length,
    take: (place, count) => Array.from({ length: count }, (_, index) => at(place + index)),
  }
}
