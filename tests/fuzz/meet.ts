/** One case of a kind, and what must hold of it. */
import { createRandom } from '../../domain/stats/rng.ts'
import type { Kind } from './kinds/kind.ts'

/** Pages may wait so long for anything; of this process's own time, so that a loaded machine finds nothing. */
const mostMilliseconds = 200

/** The case of this number, and what is wrong with how it was met; null: nothing. */
export async function meetCase(
  kind: Kind,
  seed: number,
  number: number,
): Promise<{ given: string; wrong: string | null }> {
  const given = kind.make(createRandom(seed, number))
  return { given, wrong: await wrongWith(kind, given) }
}

/** What is wrong with how the case was met; null: nothing. */
export async function wrongWith(kind: Kind, given: string): Promise<string | null> {
  const before = process.threadCpuUsage()
  try {
    await kind.meet(given)
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
  const { user, system } = process.threadCpuUsage(before)
  const milliseconds = (user + system) / 1000
  // the collector and the compiler have hiccups of their own: what is slow is slow twice
  if (milliseconds <= mostMilliseconds) return null
  const again = process.threadCpuUsage()
  await kind.meet(given)
  const second = process.threadCpuUsage(again)
  const least = Math.min(milliseconds, (second.user + second.system) / 1000)
  return least <= mostMilliseconds ? null : `it took ${Math.round(least)} ms`
}
