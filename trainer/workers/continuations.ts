/** Continuations of prompts, by this thread alone or by workers beside it: the same tokens either way. */
import { type Generated, generate } from '../model/generate.ts'
import type { Qwen2 } from '../model/qwen2.ts'
import { stopsAt } from '../stop.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { portions } from './loss.ts'
import type { Asked } from './task.ts'
import type { Workers } from './workers.ts'

/** What answers: a model, its tokenizer, and the workers that have the same model; null where there are none. */
export type Answerer = { model: Qwen2; tokenizer: Tokenizer; workers: Workers | null }

/** Continues the prompts on this thread. */
export function continuationsOf(
  { model, tokenizer }: Pick<Answerer, 'model' | 'tokenizer'>,
  prompts: readonly (readonly number[])[],
  { stop, ...options }: Asked,
): Generated[] {
  return generate(model, prompts, {
    ...options,
    endOfText: tokenizer.endOfText,
    stop: stopsAt(tokenizer, stop),
  })
}

/**
 * Continues every prompt, in the prompts' order. What a prompt becomes depends on its place among all of them and on nothing else, so that
 * the number of workers changes no token.
 */
export async function continuations(
  answerer: Answerer,
  prompts: readonly (readonly number[])[],
  asked: Asked,
): Promise<Generated[]> {
  const { workers } = answerer
  if (workers === null) return continuationsOf(answerer, prompts, asked)
  const parts = portions(prompts, ({ length }) => length + asked.maximumNewTokens, workers.count)
  const [own = [], ...others] = parts
  let first = own.length
  const answers = workers.ask<'continuations'>(
    others.map((part) => {
      if (part.length === 0) return null
      const at = first
      first += part.length
      return { kind: 'continuations', prompts: part, asked: { ...asked, first: at } }
    }),
  )
  const mine = continuationsOf(answerer, own, asked)
  return [...mine, ...(await answers).flatMap((part) => part ?? [])]
}
