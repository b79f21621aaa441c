/**
 * The problems of difficulty-mix.yaml: as many easy (levels 1 and 2), mixed (all four) and hard ones (levels 3 and 4), none of them a
 * benchmark's question. `node examples/questions/make-problems.ts` writes the same files again.
 */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { randomStream } from '../../trainer/rng.ts'
import { arithmeticProblem } from '../../trainer/tasks/arithmetic.ts'
import { heldOutPrompts } from '../../trainer/tasks/benchmarks.ts'

const count = 160
/** Weights of the four levels, by the name of the file. */
export const mixes = { easy: [1, 1, 0, 0], mixed: [1, 1, 1, 1], hard: [0, 0, 1, 1] }

/** The lines of a mix's file. */
export function linesOf(name: keyof typeof mixes): string {
  const heldOut = heldOutPrompts()
  const random = randomStream(1, 'difficulty', name)
  const problems = new Map<string, string>()
  while (problems.size < count) {
    const { prompt, answer } = arithmeticProblem(random.weighted(mixes[name]) + 1, random)
    if (!heldOut.has(prompt)) problems.set(prompt, `${JSON.stringify({ question: prompt, answer: String(answer) })}\n`)
  }
  return [...problems.values()].join('')
}

/** Where a mix's file stands. */
export function fileOf(name: string): string {
  return path.join(import.meta.dirname, 'problems', `${name}.jsonl`)
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const name of Object.keys(mixes) as (keyof typeof mixes)[]) writeFileSync(fileOf(name), linesOf(name))
