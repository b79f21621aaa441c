/** Training examples, made from the arithmetic task or read from a JSONL file, and how they fill rows of tokens. */
import { readFileSync } from 'node:fs'
import { solutionStyles, type SupervisedConfig } from '../../contract/trainer-settings.ts'
import type { TokenRows } from '../model/qwen2.ts'
import { randomStream } from '../rng.ts'
import { encodePrompt, type Tokenizer } from '../tokenizer.ts'
import { arithmeticProblem, arithmeticSolution } from './arithmetic.ts'
import { heldOutPrompts } from './benchmarks.ts'

/** Tokens of prompt and completion (with its end of text). */
export type Example = { prompt: number[]; completion: number[] }

/** The training data that the config asks for. Throws naming the file and line that does not fit, or is longer than the model's context. */
export function trainingExamples(config: SupervisedConfig, tokenizer: Tokenizer, context = Infinity): Example[] {
  if (config.data !== undefined) return readExamples(config.data, config, tokenizer, context)
  const random = randomStream(config.seed, 'examples')
  const heldOut = heldOutPrompts()
  const styles = solutionStyles.map((style) => config.solutions[style] ?? 0)
  const examples: Example[] = []
  while (examples.length < config.dataset_size) {
    const problem = arithmeticProblem(random.weighted(config.levels) + 1, random)
    if (heldOut.has(problem.prompt)) continue
    const style = solutionStyles[random.weighted(styles)]!
    const solution = arithmeticSolution(problem, style, config.chinese_share, random)
    examples.push({
      prompt: encodePrompt(tokenizer, config, problem.prompt),
      completion: [...tokenizer.encode(solution), tokenizer.endOfText],
    })
  }
  return examples
}

/** Lines of a JSONL file as objects, with their places for messages. Throws naming the file and line. */
export function readLines(file: string): { place: string; line: Record<string, unknown> }[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}`)
  }
  const result: { place: string; line: Record<string, unknown> }[] = []
  for (const [index, source] of text.split('\n').entries()) {
    if (source.trim() === '') continue
    const place = `${file}, line ${index + 1}`
    let line: unknown
    try {
      line = JSON.parse(source)
    } catch {
      throw new Error(`${place}: ${JSON.stringify(source.slice(0, 60))} is not JSON`)
    }
    if (typeof line !== 'object' || line === null) throw new Error(`${place}: expected an object`)
    result.push({ place, line: line as Record<string, unknown> })
  }
  if (result.length === 0) throw new Error(`${file} is empty; expected one JSON object a line`)
  return result
}

function readExamples(file: string, config: SupervisedConfig, tokenizer: Tokenizer, context: number): Example[] {
  return readLines(file).map(({ place, line }) => {
    const fitting = (example: Example): Example => {
      const tokens = example.prompt.length + example.completion.length
      if (tokens > context)
        throw new Error(
          `${place}: ${tokens.toLocaleString('en')} tokens; expected at most ${context.toLocaleString('en')}, the model's context`,
        )
      return example
    }
    // as problems are published: a problem with its solution, and GSM8K's question with a worked answer
    const worked = typeof line.answer === 'string' && line.answer.includes('####') ? line.answer : undefined
    const fields = { prompt: line.prompt ?? line.question ?? line.problem, solution: line.solution ?? worked }
    const field = (key: keyof typeof fields): string => {
      const value = fields[key]
      if (typeof value !== 'string') throw new Error(`${place}: ${key} is ${JSON.stringify(value)}; expected a text`)
      return value
    }
    try {
      if (config.trainer === 'pretrain' && typeof line.text === 'string') {
        const [first, ...rest] = [...tokenizer.encode(line.text), tokenizer.endOfText]
        return fitting({ prompt: [first!], completion: rest })
      }
      const prompt = encodePrompt(tokenizer, config, field('prompt'))
      if (prompt.length === 0) throw new Error(`${place}: prompt is empty; expected a text`)
      return fitting({ prompt, completion: [...tokenizer.encode(field('solution')), tokenizer.endOfText] })
    } catch (error) {
      const message = (error as Error).message
      throw new Error(message.startsWith(place) ? message : `${place}: ${message}`)
    }
  })
}

/** Rows of tokens with a weight for each position's target, and where each example's targets begin. */
export type PackedRows = TokenRows & {
  /** 1 where the target counts for the loss. */
  weights: Float32Array
  /** Index of the position that predicts the example's first completion token. */
  starts: number[]
  /** Positions that hold an example's tokens: the rest is padding. */
  used: number
}

/**
 * Lays examples into rows. With packing, each goes into the first row that has room (first fit), and sees only itself;
 * without, one a row. `weighPrompts` lets prompt tokens count too.
 */
export function packExamples(
  examples: readonly Example[],
  options: { packing: boolean; rowLength: number; padding: number; weighPrompts?: boolean },
): PackedRows {
  // a position predicts the next token, so an example takes one position less than it has tokens
  const lengths = examples.map(({ prompt, completion }) => prompt.length + completion.length - 1)
  const longest = Math.max(...lengths)
  const length = options.packing ? Math.max(options.rowLength, longest) : Math.ceil(longest / 8) * 8
  const filled: number[] = []
  const places = lengths.map((needed) => {
    const found = options.packing ? filled.findIndex((taken) => taken + needed <= length) : -1
    const row = found >= 0 ? found : filled.push(0) - 1
    const start = filled[row]!
    filled[row] = start + needed
    return { row, start }
  })
  const batch = filled.length
  const rows: PackedRows = {
    tokens: new Int32Array(batch * length).fill(options.padding),
    targets: new Int32Array(batch * length).fill(options.padding),
    segmentStart: new Int32Array(batch * length),
    weights: new Float32Array(batch * length),
    starts: [],
    batch,
    length,
    used: lengths.reduce((sum, count) => sum + count, 0),
  }
  for (const [index, { prompt, completion }] of examples.entries()) {
    const { row, start } = places[index]!
    const whole = [...prompt, ...completion]
    const first = row * length + start
    for (let i = 0; i + 1 < whole.length; i++) {
      rows.tokens[first + i] = whole[i]!
      rows.targets[first + i] = whole[i + 1]!
      rows.segmentStart[first + i] = start
      rows.weights[first + i] = options.weighPrompts === true || i + 1 >= prompt.length ? 1 : 0
    }
    rows.starts.push(first + prompt.length - 1)
  }
  // padding at a row's end sees itself only, which keeps its softmax finite and cheap
  for (let row = 0; row < batch; row++) {
    for (let i = filled[row]!; i < length; i++) rows.segmentStart[row * length + i] = i
  }
  return rows
}
