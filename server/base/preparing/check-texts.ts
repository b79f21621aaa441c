/**
 * Whether the texts of a JSONL file fit a model of the arithmetic vocabulary: each character is one of its tokens, and prompt and
 * response have room in its context. Other tokenizers are the trainer's to ask, which it does before its first step.
 */
import { arithmeticTokens } from '../../../contract/model-config.ts'
import type { TrainerConfig } from '../../../contract/trainer-settings.ts'

/** `\\boxed{`, `<pad>` and `<eos>`. */
const longTokens = arithmeticTokens.filter((token) => [...token].length > 1)
const characters = new Set(arithmeticTokens.filter((token) => [...token].length === 1))

/** How many tokens of the arithmetic vocabulary a text has, or the first character that it lacks. */
function countTokens(text: string): number | string {
  const short = longTokens.reduce((rest, token) => rest.replaceAll(token, '}'), text)
  let count = 0
  for (const character of short) {
    if (!characters.has(character)) return character
    count++
  }
  return count
}

const shown = (text: string) => `"${text.slice(0, 60)}${text.length > 60 ? '…' : ''}"`
const said = (count: number) => count.toLocaleString('en')

type Line = Record<string, unknown>
type Use = { template: string; context: number; response: number; lines: number }

/** Texts of a line: what is asked, and what may stand after it. */
function textsOf(
  line: Line,
  trainer: TrainerConfig['trainer'] | 'benchmark',
): { prompt: unknown; responses: unknown[] } {
  if (['grpo', 'best_of_n', 'benchmark'].includes(trainer))
    return { prompt: line.question ?? line.problem, responses: [] }
  if (trainer === 'dpo') return { prompt: line.prompt, responses: [line.chosen, line.rejected] }
  if (trainer === 'pretrain' && typeof line.text === 'string') return { prompt: line.text, responses: [''] }
  return { prompt: line.prompt ?? line.question ?? line.problem, responses: [line.solution ?? line.answer] }
}

/**
 * What stands against the texts of the first lines of a file, the end of a sentence that begins with the file; null where they
 * fit, or are no texts: that is another's to tell.
 * @param use the template of prompts, tokens of the context, tokens that a response may take where the line has none, and how many
 * lines are asked
 */
export function textsProblem(text: string, trainer: TrainerConfig['trainer'] | 'benchmark', use: Use): string | null {
  let asks = 0
  for (const [index, source] of text.split('\n').entries()) {
    if (source.trim() === '') continue
    if (++asks > use.lines) return null
    let line: Line
    try {
      line = Object(JSON.parse(source)) as Line
    } catch {
      return null
    }
    const { prompt, responses } = textsOf(line, trainer)
    if (typeof prompt !== 'string') return null
    const isWhole = trainer === 'pretrain' && line.text !== undefined
    const asked = isWhole ? prompt : use.template.replace('{prompt}', () => prompt)
    const problem = problemOf(asked, prompt, responses, use)
    if (problem !== null) return `line ${index + 1}: ${problem}`
  }
  return null
}

function problemOf(asked: string, prompt: string, responses: unknown[], { context, response }: Use): string | null {
  const missing = (character: string, of: string) =>
    `The character ${JSON.stringify(character)} in ${shown(of)} is not in the vocabulary of the arithmetic task; expected a start model that has it`
  const tokens = countTokens(asked)
  if (typeof tokens === 'string') return missing(tokens, asked)
  if (responses.length === 0 && tokens > context - response)
    return `The prompt ${shown(prompt)} has ${said(tokens)} tokens; expected at most ${said(context - response)}, the model's context less maximum_new_tokens`
  for (const text of responses) {
    if (typeof text !== 'string') continue
    const more = countTokens(text)
    if (typeof more === 'string') return missing(more, text)
    if (tokens + more + 1 > context)
      return `${said(tokens + more + 1)} tokens; expected at most ${said(context)}, the model's context`
  }
  return null
}
