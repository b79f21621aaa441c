/** Text to token ids and back, through tokenizer.json as Hugging Face's tools write it. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { arithmeticTokens as characters, arithmeticVocabulary } from '../contract/model-config.ts'
import type { TrainerConfig } from '../contract/trainer-settings.ts'
import { type ChatMessage, renderChat } from './chat.ts'
import { baseOfAdapter, isAdapter } from './model/lora.ts'
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'

export type Tokenizer = {
  /** Throws, naming the character, where the vocabulary lacks one. */
  encode(text: string): number[]
  /** Special tokens such as the end of text are left out. */
  decode(tokens: readonly number[]): string
  /** The text of messages in the chat template, up to where the model answers. Throws where there is no template. */
  chat(messages: readonly ChatMessage[]): string
  endOfText: number
  padding: number
  vocabulary: number
  /** The texts of its files by name, tokenizer.json and tokenizer_config.json among them: they go along with checkpoints. */
  files: ReadonlyMap<string, string>
}

/** Files that stand beside tokenizer.json in a model's folder and belong to it. */
const besides = [
  'chat_template.jinja',
  'chat_template.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
]

/**
 * Every character is an added token: these are found before anything else is done to a text, so that transformers 5, which
 * puts a pre-tokenizer and a decoder of its own in place of this file's, gives the same ids as transformers 4.
 */
function arithmeticTokenizerFiles(): { tokenizer: object; config: object } {
  const tokens = [...characters]
  while (tokens.length < arithmeticVocabulary) tokens.push(`<reserved-${tokens.length}>`)
  const special = new Set(['<pad>', '<eos>'])
  const added = characters.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: special.has(content),
  }))
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: added,
      normalizer: null,
      pre_tokenizer: { type: 'Split', pattern: { Regex: '' }, behavior: 'Isolated', invert: false },
      post_processor: null,
      decoder: { type: 'Fuse' },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        merges: [],
      },
    },
    config: {
      tokenizer_class: 'Qwen2Tokenizer',
      eos_token: '<eos>',
      pad_token: '<pad>',
      // without this line, transformers adds one of its own beyond the embedding
      unk_token: null,
      model_max_length: 1024,
      clean_up_tokenization_spaces: false,
    },
  }
}

type TokenizerFile = {
  model?: { vocab?: Record<string, number>; merges?: unknown[] }
  added_tokens?: { id: number; content: string; special?: boolean }[]
}

function tokenText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'object' && value !== null && 'content' in value) return String(value.content)
  return undefined
}

/** The tokenizer of these files' texts; `source` names them in errors. */
export function tokenizerFromFiles(files: ReadonlyMap<string, string>, source: string): Tokenizer {
  const content = (name: string): object => {
    const text = files.get(name)
    if (text === undefined) throw new Error(`${source} has no ${name}; expected a Hugging Face folder`)
    try {
      return JSON.parse(text) as object
    } catch (error) {
      throw new Error(`${path.join(source, name)} is not JSON: ${(error as Error).message}`)
    }
  }
  const tokenizer = content('tokenizer.json') as TokenizerFile
  const config = content('tokenizer_config.json') as Record<string, unknown>
  const vocabulary = new Map(Object.entries(tokenizer.model?.vocab ?? {}))
  for (const token of tokenizer.added_tokens ?? []) vocabulary.set(token.content, token.id)
  const idOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : vocabulary.get(text))
  const endOfText = idOf(tokenText(config.eos_token))
  if (endOfText === undefined) {
    throw new Error(
      `${source}: eos_token is ${JSON.stringify(config.eos_token)}, which the vocabulary lacks; expected one of its tokens`,
    )
  }
  const inner = new HuggingFaceTokenizer(tokenizer, config)
  // a real vocabulary has more entries than a call has room for arguments
  const size = vocabulary.values().reduce((most, id) => Math.max(most, id), -1) + 1
  // without merges, every token is a character of its own, and one that is missing would be dropped in silence
  const characterLevel = (tokenizer.model?.merges ?? [0]).length === 0
  // of no tokens the library makes an error
  const decode = (tokens: readonly number[], skipSpecial: boolean) =>
    tokens.length === 0 ? '' : inner.decode([...tokens], { skip_special_tokens: skipSpecial })
  return {
    encode(text) {
      const tokens = inner.encode(text, { add_special_tokens: false }).ids
      if (characterLevel && decode(tokens, false) !== text) {
        const missing = [...text].find((character) => !vocabulary.has(character) && character !== '\\')
        throw new Error(`The character "${missing}" in "${text.slice(0, 60)}" is not in the tokenizer's vocabulary`)
      }
      return tokens
    },
    decode: (tokens) => decode(tokens, true),
    chat: (messages) => renderChat(files, config, messages, source),
    endOfText,
    padding: idOf(tokenText(config.pad_token)) ?? endOfText,
    vocabulary: size,
    files,
  }
}

/** How a prompt is put to the model. */
export type PromptFormat = Pick<TrainerConfig, 'prompt_template' | 'chat_template' | 'system_prompt'>

/**
 * The tokens of a prompt: in its template, of which `{prompt}` is the place, and where it is asked for, that as a person's message in
 * the tokenizer's own chat template.
 * @param room tokens that a prompt may have: the model's context less what is generated after it
 * @throws where the prompt has more, quoting its beginning, and where there is no chat template
 */
export function encodePrompt(tokenizer: Tokenizer, format: PromptFormat, prompt: string, room = Infinity): number[] {
  // a function, so that a prompt's own dollar signs stay as they are
  const written = format.prompt_template.replace('{prompt}', () => prompt)
  const { system_prompt: system } = format
  const messages = [
    ...(system === undefined ? [] : [{ role: 'system', content: system }]),
    { role: 'user', content: written },
  ]
  const tokens = tokenizer.encode(format.chat_template ? tokenizer.chat(messages) : written)
  if (tokens.length > room) {
    throw new Error(
      `The prompt "${prompt.slice(0, 60)}${prompt.length > 60 ? '…' : ''}" has ${tokens.length.toLocaleString('en')} tokens; expected at most ` +
        `${room.toLocaleString('en')}, the model's context less maximum_new_tokens`,
    )
  }
  return tokens
}

export function arithmeticTokenizer(): Tokenizer {
  const { tokenizer, config } = arithmeticTokenizerFiles()
  const text = (content: object) => `${JSON.stringify(content, null, 2)}\n`
  const files = new Map([
    ['tokenizer.json', text(tokenizer)],
    ['tokenizer_config.json', text(config)],
  ])
  return tokenizerFromFiles(files, 'the built-in tokenizer')
}

/** Whether a folder's tokenizer is the arithmetic task's, as an earlier version wrote it: that one misled transformers 5. */
function isEarlierArithmetic(tokenizerText: string): boolean {
  if (tokenizerText.length > 20_000) return false
  const { model, added_tokens: added } = JSON.parse(tokenizerText) as TokenizerFile
  const vocabulary = model?.vocab ?? {}
  const isSameSize = Object.keys(vocabulary).length === arithmeticVocabulary
  return added?.length === 3 && isSameSize && characters.every((token, id) => vocabulary[token] === id)
}

/** Reads the tokenizer's files of a model's folder. Throws naming the file that is missing or wrong. */
export function readTokenizer(folder: string): Tokenizer {
  // an adapter may have none of its own
  if (isAdapter(folder) && !existsSync(path.join(folder, 'tokenizer.json'))) return readTokenizer(baseOfAdapter(folder))
  const files = new Map<string, string>()
  for (const name of ['tokenizer.json', 'tokenizer_config.json', ...besides]) {
    const file = path.join(folder, name)
    if (existsSync(file)) files.set(name, readFileSync(file, 'utf8'))
  }
  const tokenizer = tokenizerFromFiles(files, folder)
  return isEarlierArithmetic(files.get('tokenizer.json')!) ? arithmeticTokenizer() : tokenizer
}
