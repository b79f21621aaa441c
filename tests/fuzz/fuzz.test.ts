/**
 * A thousand cases of each kind of input, from a seed that a failure prints: FUZZ_SEED repeats them. For hours of it: `npm run fuzz`.
 */
import { expect, test } from 'vitest'
import { createRandom } from '../../domain/stats/rng.ts'
import { anyAttempt, meetAttempts } from './attempts.ts'
import { finds } from './finds.ts'
import { kinds } from './kinds.ts'
import { meetCase, wrongWith } from './meet.ts'

const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000)
const cases = Number(process.env.FUZZ_CASES ?? 1000)

test.each(Object.entries(kinds))(
  `${cases} hostile %s are met with an answer or a sentence`,
  { timeout: 300_000 },
  async (_name, kind) => {
    for (let number = 0; number < cases; number++) {
      const { given, wrong } = await meetCase(kind, seed, number)
      expect(wrong, `FUZZ_SEED=${seed}, case ${number}: ${JSON.stringify(given.slice(0, 2000))}`).toBeNull()
    }
  },
)

test.each(finds)('what was found once stays mended: %s', async (_what, kind, given) => {
  expect(await wrongWith(kinds[kind]!, given)).toBeNull()
})

const attempts = Number(process.env.FUZZ_ATTEMPTS ?? 25)

test(
  `${attempts} hostile attempts cost themselves alone: the loop is not held, slots are free, others whole, a restart finds the same`,
  { timeout: 300_000 },
  async () => {
    const wrong = await meetAttempts(Array.from({ length: attempts }, (_, at) => anyAttempt(createRandom(seed, at))))
    expect(wrong, `FUZZ_SEED=${seed}`).toEqual([])
  },
)
