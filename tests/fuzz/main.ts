/** `npm run fuzz [-- --minutes N] [--seed N] [--kind NAME]`: hostile input for hours; what is found is printed as a case to keep. */
import { parseArgs } from 'node:util'
import { createRandom } from '../../domain/stats/rng.ts'
import { anyAttempt, meetAttempts } from './attempts.ts'
import { kinds } from './kinds.ts'
import { meetCase } from './meet.ts'

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string' }, kind: { type: 'string' } },
})
const begun = performance.now()
const until = begun + Number(values.minutes) * 60_000
/** A batch of real attempts takes half a minute; so many cases of each other kind stand between two. */
const attemptsAtOnce = 30
const casesBetween = 2000
const chosen = Object.entries(kinds).filter(([name]) => values.kind === undefined || values.kind === name)
const withAttempts = values.kind === undefined || values.kind === 'attempts'
if (!(until > begun) || (chosen.length === 0 && !withAttempts)) {
  console.error(
    `Expected --minutes with a number above 0 and --kind with one of ${[...Object.keys(kinds), 'attempts'].join(', ')}.`,
  )
  process.exit(2)
}
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const mostFindsOfKind = 20
const met = new Map(chosen.map(([name]) => [name, 0]))
const found = new Map<string, Set<string>>(chosen.map(([name]) => [name, new Set()]))
let attempts = 0
let attemptFaults = 0
console.log(
  `Seed ${seed}, ${values.minutes} minutes, ${[...chosen.map(([name]) => name), ...(withAttempts ? ['attempts'] : [])].join(', ')}`,
)
for (let number = 0; performance.now() < until; number++) {
  if (withAttempts && (number % casesBetween === 0 || chosen.length === 0)) {
    const batch = Array.from({ length: attemptsAtOnce }, (_, at) => anyAttempt(createRandom(seed, attempts + at)))
    for (const wrong of await meetAttempts(batch)) {
      attemptFaults++
      console.log(`\nattempts ${attempts} to ${attempts + attemptsAtOnce - 1} of seed ${seed}: ${wrong}`)
    }
    attempts += attemptsAtOnce
  }
  for (const [name, kind] of chosen) {
    const { given, wrong } = await meetCase(kind, seed, number)
    met.set(name, met.get(name)! + 1)
    if (wrong === null) continue
    // the same fault in other words is one find
    const fault = wrong
      .split('\n')
      .slice(0, 3)
      .join('\n')
      .replaceAll(/\d+ ms/g, 'long')
    const known = found.get(name)!
    if (known.has(fault) || known.size >= mostFindsOfKind) continue
    known.add(fault)
    console.log(
      `\n${name}, case ${number} of seed ${seed}: ${wrong}\nkeep in tests/fuzz/finds.ts: ${JSON.stringify([name, given])}`,
    )
  }
}
for (const [name, count] of met) console.log(`${name}: ${count} cases, ${found.get(name)!.size} faults`)
if (withAttempts) console.log(`attempts: ${attempts} cases, ${attemptFaults} faults`)
process.exit(attemptFaults > 0 || [...found.values()].some(({ size }) => size > 0) ? 1 : 0)
