/** What a kind of case is, and what several are made of. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Random } from '../../../domain/stats/rng.ts'
import { transformer } from '../../../contract/transformer.ts'

/** `make` gives a case as text, so that a find can be kept; `meet` throws where what must hold does not. */
export type Kind = { make(random: Random): string; meet(given: string): void | Promise<void> }

export const bytesOf = (given: string) => Buffer.from(given, 'latin1')
export const textOf = (bytes: Buffer) => bytes.toString('latin1')
/** Whatever is made of it must be able to go to a page, and come back. */
export const travels = (value: unknown) =>
  transformer.deserialize(JSON.parse(JSON.stringify(transformer.serialize(value))))
export const repeat = <Value>(count: number, make: () => Value): Value[] => Array.from({ length: count }, make)

/** Runs the work; errors of these kinds say what is wrong with the input, and are as it should be. */
export function told<Result>(
  expected: readonly (abstract new (...given: never[]) => Error)[],
  work: () => Result,
): Result | null {
  try {
    return work()
  } catch (error) {
    if (expected.some((kind) => error instanceof kind)) return null
    throw error
  }
}

/** Where cases write; it goes with the process. */
export const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-fuzz-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
