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
    return new Template(template).render({ ...specialTokens(config), messages, add_generation_prompt: true })
  } catch (error) {
    throw new Error(`${source}: the chat template fails: ${(error as Error).message}`)
  }
}
