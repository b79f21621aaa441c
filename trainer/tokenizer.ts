/** Text to token ids and back, through tokenizer.json as Hugging Face's tools write it. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'

export type Tokenizer = {
  /** Throws, naming the character, where the vocabulary lacks one. */
  encode(text: string): number[]
  /** Special tokens such as the end of text are left out. */
  decode(tokens: readonly number[]): string
  endOfText: number
  padding: number
  vocabulary: number
  /** Contents of tokenizer.json and tokenizer_config.json. */
  files: { tokenizer: object; config: object }
}

/**
 * The character-level vocabulary of the arithmetic task: `\boxed{` is one token, everything else one character. English
 * letters and a few Chinese characters serve the long solutions' words, and so the language reward.
 */
const characters = [
  '<pad>',
  '<eos>',
  '\\boxed{',
  '}',
  ...'0123456789+-*/=;?:,.() abcdefghijklmnopqrstuvwxyz检查验算得所以',
]
const vocabularySize = 64

function arithmeticTokenizerFiles(): Tokenizer['files'] {
  const tokens = [...characters]
  while (tokens.length < vocabularySize) tokens.push(`<reserved-${tokens.length}>`)
  const special = new Set(['<pad>', '<eos>'])
  const added = [0, 1, 2].map((id) => ({
    id,
    content: tokens[id]!,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: special.has(tokens[id]!),
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

function fromFiles(files: Tokenizer['files'], source: string): Tokenizer {
  const tokenizer = files.tokenizer as TokenizerFile
  const config = files.config as Record<string, unknown>
  const vocabulary = new Map(Object.entries(tokenizer.model?.vocab ?? {}))
  for (const token of tokenizer.added_tokens ?? []) vocabulary.set(token.content, token.id)
  const idOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : vocabulary.get(text))
  const endOfText = idOf(tokenText(config.eos_token))
  if (endOfText === undefined) {
    throw new Error(
      `${source}: eos_token is ${JSON.stringify(config.eos_token)}, which the vocabulary lacks; expected one of its tokens`,
    )
  }
  const inner = new HuggingFaceTokenizer(files.tokenizer, files.config)
  const size = Math.max(...vocabulary.values()) + 1
  // without merges, every token is a character of its own, and one that is missing would be dropped in silence
  const characterLevel = (tokenizer.model?.merges ?? [0]).length === 0
  return {
    encode(text) {
      const tokens = inner.encode(text, { add_special_tokens: false }).ids
      if (characterLevel && inner.decode(tokens, { skip_special_tokens: false }) !== text) {
        const missing = [...text].find((character) => !vocabulary.has(character) && character !== '\\')
        throw new Error(`The character "${missing}" in "${text.slice(0, 60)}" is not in the tokenizer's vocabulary`)
      }
      return tokens
    },
    decode: (tokens) => inner.decode([...tokens], { skip_special_tokens: true }),
    endOfText,
    padding: idOf(tokenText(config.pad_token)) ?? endOfText,
    vocabulary: size,
    files,
  }
}

/** The tokens of a prompt in its template, of which `{prompt}` is the place. */
export function encodePrompt(tokenizer: Tokenizer, template: string, prompt: string): number[] {
  // a function, so that a prompt's own dollar signs stay as they are
  return tokenizer.encode(template.replace('{prompt}', () => prompt))
}

export function arithmeticTokenizer(): Tokenizer {
  return fromFiles(arithmeticTokenizerFiles(), 'the built-in tokenizer')
}

/** Reads tokenizer.json and tokenizer_config.json of a model's folder. Throws naming the file that is missing or wrong. */
export function readTokenizer(folder: string): Tokenizer {
  const read = (name: string): object => {
    const file = path.join(folder, name)
    if (!existsSync(file)) throw new Error(`${folder} has no ${name}; expected a Hugging Face folder`)
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as object
    } catch (error) {
      throw new Error(`${file} is not JSON: ${(error as Error).message}`)
    }
  }
  return fromFiles({ tokenizer: read('tokenizer.json'), config: read('tokenizer_config.json') }, folder)
}
