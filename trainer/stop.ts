/** Texts at which a response ends, as if the model had ended it: what follows them is not there, nor are they. */
import type { Tokenizer } from './tokenizer.ts'

/** A response up to the first of the texts. */
export function beforeStop(response: string, texts: readonly string[]): string {
  const places = texts.map((text) => response.indexOf(text)).filter((place) => place >= 0)
  return places.length === 0 ? response : response.slice(0, Math.min(...places))
}

/** Whether the newest of these tokens completes one of the texts; null where there are none to look for. */
export function stopsAt(
  tokenizer: Tokenizer,
  texts: readonly string[],
): ((tokens: readonly number[]) => boolean) | null {
  if (texts.length === 0) return null
  // a token is a byte at least, but for special ones, which decode to nothing
  const most = Math.max(...texts.map((text) => Buffer.byteLength(text)))
  return (tokens) => {
    const end = tokenizer.decode(tokens.slice(-most))
    return texts.some((text) => end.includes(text))
  }
}
