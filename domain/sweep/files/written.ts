/** Numbers of `config` as they were written: a trainer gets 2e-05 however it stands in the file, a person reads what he wrote. */
import { z } from 'zod'

/** Texts by the dotted keys of the numbers (`learning_rate`, `reward.correct`, `levels.0`). */
export const writtenSchema = z.record(z.string(), z.string())
export type Written = Readonly<Record<string, string>>

type Holder = Record<string, unknown> | unknown[]

/** Where a number in a part of `config` was read from, by the object or list that holds it and its key. */
export class Texts {
  readonly #texts = new WeakMap<Holder, Map<string, string>>()

  set(holder: Holder, key: string | number, text: string): void {
    const known = this.#texts.get(holder) ?? new Map<string, string>()
    this.#texts.set(holder, known)
    known.set(String(key), text)
  }

  get(holder: Holder, key: string | number): string | undefined {
    return this.#texts.get(holder)?.get(String(key))
  }

  /** The texts below a value, under the keys that lead to them; only those that JavaScript would write otherwise. */
  under(value: unknown, prefix = ''): Record<string, string> {
    if (typeof value !== 'object' || value === null) return {}
    const found = Object.entries(value).flatMap(([key, inner]) => {
      const path = prefix === '' ? key : `${prefix}.${key}`
      if (typeof inner !== 'number') return Object.entries(this.under(inner, path))
      const text = this.get(value as Holder, key)
      return text === undefined || text === String(inner) ? [] : [[path, text] as const]
    })
    return Object.fromEntries(found)
  }
}

/** The number at a path as a person wrote it; as JavaScript writes it where nobody did, or wrote another. */
export function numberWords(value: number, path: string, written: Written | undefined): string {
  const text = written !== undefined && Object.hasOwn(written, path) ? written[path]! : undefined
  return text !== undefined && Number(text) === value ? text : String(value)
}

/** A value of `config` as JSON, its numbers as they were written. */
export function jsonWords(value: unknown, path: string, written: Written | undefined): string {
  if (typeof value === 'number' && Number.isFinite(value)) return numberWords(value, path, written)
  if (Array.isArray(value))
    return `[${value.map((item, at) => jsonWords(item ?? null, `${path}.${at}`, written)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${jsonWords(inner, `${path}.${key}`, written)}`).join(',')}}`
}

/** The texts under some of the keys. */
export function writtenUnder(keys: readonly string[], written: Written): Written {
  return Object.fromEntries(Object.entries(written).filter(([path]) => keys.includes(path.split('.', 1)[0]!)))
}

/** Reads JSON, and keeps the text of each number in it. Throws as JSON.parse does. */
export function parseWritten(text: string, texts: Texts): unknown {
  return JSON.parse(text, function (this: Holder, key: string, value: unknown, context?: { source?: string }) {
    if (typeof value === 'number' && context?.source !== undefined) texts.set(this, key, context.source)
    return value
  })
}

/** A definition without these texts: what it says is the same however its numbers are written. */
export function withoutWritten<Definition>(definition: Definition): Definition {
  if (typeof definition !== 'object' || definition === null || Array.isArray(definition)) return definition
  const { written: _written, stages, ...rest } = definition as Definition & { written?: Written; stages?: object[] }
  return { ...rest, ...(stages && { stages: stages.map(withoutWritten) }) } as Definition
}
