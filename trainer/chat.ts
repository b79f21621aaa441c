/** Messages as a model was taught to read them: the chat template of its tokenizer's files, which is a Jinja template. */
import { Template } from '@huggingface/jinja'

export type ChatMessage = { role: string; content: string }

/** The template: a file of its own (transformers 5), or in tokenizer_config.json, as a text or by name; null where there is none. */
function templateOf(files: ReadonlyMap<string, string>, config: Record<string, unknown>): string | null {
  const own = files.get('chat_template.jinja')
  if (own !== undefined) return own
  const given: unknown =
    config.chat_template ??
    (JSON.parse(files.get('chat_template.json') ?? '{}') as Record<string, unknown>).chat_template
  if (typeof given === 'string') return given
  if (!Array.isArray(given)) return null
  const named = (given as { name?: unknown; template?: unknown }[]).find(({ name }) => name === 'default')
  return typeof named?.template === 'string' ? named.template : null
}

/** The texts of special tokens that a template may name. */
function specialTokens(config: Record<string, unknown>): Record<string, unknown> {
  const names = Object.keys(config).filter((name) => name.endsWith('_token'))
  return Object.fromEntries(
    names.map((name) => [name, (config[name] as { content?: unknown } | null)?.content ?? config[name]]),
  )
}

type Node = { type: string; body?: Node[]; alternate?: Node[]; value?: unknown }

const writesNothing = new Set(['Set', 'Macro', 'Comment', 'Break', 'Continue'])

const writes = ({ type, body = [], alternate = [], value }: Node): boolean =>
  type === 'If' ? [...body, ...alternate].some(writes) : !writesNothing.has(type) && value !== ''

/** Whether a pass of a loop writes something and may then break off: the library drops what it wrote. */
function losesText(nodes: readonly Node[], hasWritten = false): boolean {
  let written = hasWritten
  for (const node of nodes) {
    const { type, body = [], alternate = [] } = node
    if (type === 'Break' || type === 'Continue') return written
    if (type === 'If' ? [body, alternate].some((branch) => losesText(branch, written)) : losesText(body)) return true
    written ||= writes(node)
  }
  return false
}

/**
 * The text of the messages, up to where the model answers.
 * @param files texts of the tokenizer's files by name, and `config` what tokenizer_config.json holds
 * @throws naming `source`, where there is no template or it does not take these messages
 */
export function renderChat(
  files: ReadonlyMap<string, string>,
  config: Record<string, unknown>,
  messages: readonly ChatMessage[],
  source: string,
): string {
  const template = templateOf(files, config)
  if (template === null)
    throw new Error(
      `${source} has no chat template; expected chat_template.jinja, or chat_template: false and a prompt_template`,
    )
  try {
    const read = new Template(template)
    if (losesText(read.parsed.body as Node[]))
      throw new Error('break or continue after text in the same pass of a loop is not supported')
    // named as transformers names them, so that a template can ask whether they are none
    const given = { messages, tools: null, documents: null, add_generation_prompt: true }
    return read.render({ ...specialTokens(config), ...given })
  } catch (error) {
    throw new Error(`${source}: the chat template fails: ${(error as Error).message}`)
  }
}
