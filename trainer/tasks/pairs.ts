/** Pairs of a better and a worse response: of a JSONL file, or of the arithmetic task, where the worse one has a slip. */
import type { DpoConfig } from '../../contract/trainer-settings.ts'
import { solutionStyles } from '../../contract/trainer-settings.ts'
import { type RandomStream, randomStream } from '../rng.ts'
import { encodePrompt, type Tokenizer } from '../tokenizer.ts'
import { arithmeticProblem, arithmeticSolution, type Problem } from './arithmetic.ts'
import { heldOutPrompts } from './benchmarks.ts'
import { readLines } from './examples.ts'

/** Tokens of a prompt and of two responses to it, each with its end of text. */
export type Pair = { prompt: number[]; chosen: number[]; rejected: number[] }

/** The same problem with a last step that comes out 1 to 3 wrong. */
function withSlip(problem: Problem, random: RandomStream): Problem {
  const last = problem.steps.at(-1)!
  const apart = random.integer(1, 3)
  const result = last.result < apart || random.uniform() < 0.5 ? last.result + apart : last.result - apart
  return { ...problem, answer: result, steps: [...problem.steps.slice(0, -1), { ...last, result }] }
}

/**
 * The pairs that the config asks for.
 * @param context tokens that the model was made for
 * @throws naming the file and line that does not fit, or is longer than the context
 */
export function preferencePairs(config: DpoConfig, tokenizer: Tokenizer, context: number): Pair[] {
  const completion = (text: string) => [...tokenizer.encode(text), tokenizer.endOfText]
  const encode = (prompt: string, chosen: string, rejected: string): Pair => ({
    prompt: encodePrompt(tokenizer, config, prompt),
    chosen: completion(chosen),
    rejected: completion(rejected),
  })
  if (config.data !== undefined) {
    return readLines(config.data).map(({ place, line }) => {
      const [prompt, chosen, rejected] = ['prompt', 'chosen', 'rejected'].map((key) => {
        const value = line[key]
        if (typeof value !== 'string' || value === '')
          throw new Error(`${place}: ${key} is ${JSON.stringify(value)}; expected a text`)
        return value
      }) as [string, string, string]
      let pair: Pair
      try {
        pair = encode(prompt, chosen, rejected)
      } catch (error) {
        throw new Error(`${place}: ${(error as Error).message}`)
      }
      const tokens = pair.prompt.length + Math.max(pair.chosen.length, pair.rejected.length)
      if (tokens > context)
        throw new Error(
          `${place}: ${tokens.toLocaleString('en')} tokens; expected at most ${context.toLocaleString('en')}, the model's context`,
        )
      return pair
    })
  }
  const random = randomStream(config.seed, 'pairs')
  const heldOut = heldOutPrompts()
  const styles = solutionStyles.map((style) => config.solutions[style] ?? 0)
  const pairs: Pair[] = []
  while (pairs.length < config.dataset_size) {
    const problem = arithmeticProblem(random.weighted(config.levels) + 1, random)
    if (heldOut.has(problem.prompt)) continue
    const style = solutionStyles[random.weighted(styles)]!
    const write = (given: Problem) => arithmeticSolution(given, style, config.chinese_share, random)
    pairs.push(encode(problem.prompt, write(problem), write(withSlip(problem, random))))
  }
  return pairs
}
