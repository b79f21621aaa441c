import { expect, test } from 'vitest'
import { createRandom } from '../stats/rng.ts'
import {
  planRace,
  questionOrder,
  questionsOf,
  type Racer,
  type RaceRules,
  standingOf,
  stepsOfRace,
  sureLead,
} from './race.ts'

const baseline = { AMC23: 0.3, GSM8k: 0.716, MATH500: 0.44, OlympiadBench: 0.096 }
const questions = { AMC23: 40, GSM8k: 1319, MATH500: 500, OlympiadBench: 675 }
const plan = planRace('harmonic-mean', baseline, questions)
const rules: RaceRules = { aggregate: 'harmonic-mean', baseline, plan }
const all = plan.rungs.length

/** A point with so many rungs answered, at so many times the baseline's rates. */
const racer = (number: number, rungs: number, times: number, more: Partial<Racer> = {}): Racer => ({
  number,
  rungs,
  counts:
    rungs === 0
      ? null
      : Object.fromEntries(
          Object.entries(plan.rungs[rungs - 1]!).map(([name, total]) => [
            name,
            { correct: Math.round(total * baseline[name as keyof typeof baseline] * times), total },
          ]),
        ),
  state: rungs === all ? 'finished' : 'racing',
  working: false,
  toItsEnd: false,
  ...more,
})
const steps = (racers: Racer[], coming = false) =>
  stepsOfRace(rules, racers, coming).map(({ number, step }) => [number, step])

test('a benchmark that decides much is asked first, every rung is larger, and the last holds all', () => {
  const [first] = plan.rungs
  expect(first).toEqual({ AMC23: 40, GSM8k: 21, MATH500: 37, OlympiadBench: 102 })
  expect(plan.rungs.at(-1)).toEqual(questions)
  expect(questionsOf(plan)).toBe(2534)
  for (const [at, rung] of plan.rungs.slice(1).entries())
    for (const [name, asked] of Object.entries(rung)) {
      expect(asked).toBeGreaterThanOrEqual(plan.rungs[at]![name]!)
      expect(asked).toBeLessThanOrEqual(questions[name as keyof typeof questions])
    }
})

test('few questions are asked at once, and benchmarks that do not count with the last rung', () => {
  expect(planRace('minimum', { a: 0.5 }, { a: 100 }).rungs).toEqual([{ a: 100 }])
  const { rungs } = planRace('arithmetic-mean', { a: 0.5 }, { a: 400, b: 30 })
  expect(rungs[0]).toEqual({ a: 200 })
  expect(rungs.at(-1)).toEqual({ a: 400, b: 30 })
})

test('the order is a permutation, the same each time, and another for another benchmark', () => {
  const order = questionOrder('GSM8k', 1319)
  expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1319 }, (_, at) => at))
  expect(questionOrder('GSM8k', 1319)).toEqual(order)
  expect(questionOrder('MATH500', 1319)).not.toEqual(order)
  expect(order.slice(0, 5)).not.toEqual([0, 1, 2, 3, 4])
})

test('the open questions move a score as far as they do in simulation, and not at all when none is open', () => {
  const random = createRandom(3)
  const rates = Object.values(baseline)
  const names = Object.keys(baseline)
  const asked = plan.rungs[2]!
  const seen = Object.fromEntries(
    names.map((name, at) => [name, { correct: Math.round(asked[name]! * rates[at]!), total: asked[name]! }]),
  )
  const standing = standingOf(rules, seen)
  const roots = Array.from({ length: 3000 }, () => {
    const counts = Object.fromEntries(
      names.map((name) => {
        const { correct, total } = seen[name]!
        const open = questions[name as keyof typeof questions] - total
        const rate = random.beta(correct + 0.5, total - correct + 0.5)
        let more = 0
        for (let question = 0; question < open; question++) more += Number(random.uniform() < rate)
        return [name, { correct: correct + more, total: total + open }]
      }),
    )
    const final = standingOf(rules, counts)
    expect(final.variance).toBe(0)
    return final.root
  })
  const mean = roots.reduce((sum, root) => sum + root, 0) / roots.length
  const variance = roots.reduce((sum, root) => sum + (root - mean) ** 2, 0) / roots.length
  expect(Math.sqrt(variance) / Math.sqrt(standing.variance)).toBeGreaterThan(0.85)
  expect(Math.sqrt(variance) / Math.sqrt(standing.variance)).toBeLessThan(1.15)
})

test('points go on in step: nobody goes past one that is still asked an earlier rung', () => {
  expect(steps([racer(1, 0, 1), racer(2, 0, 1)])).toEqual([
    [1, 'next'],
    [2, 'next'],
  ])
  expect(steps([racer(1, 1, 1), racer(2, 0, 1, { working: true })])).toEqual([])
  expect(steps([racer(1, 1, 1), racer(2, 1, 0.98, { working: true }), racer(3, 2, 1)])).toEqual([[1, 'next']])
  // one that is still trained is not waited for
  expect(steps([racer(1, 1, 1)], true)).toEqual([[1, 'next']])
})

test('one is given up when its lag is more than three times what the open questions can change', () => {
  const [step] = stepsOfRace(rules, [racer(1, 2, 0.3), racer(2, all, 1.3)], true)
  expect(step).toMatchObject({ number: 1, step: 'stop' })
  if (step?.step !== 'stop') throw new Error('it goes on')
  expect(step.behind).toBeGreaterThan(sureLead * step.mayChange)
  expect(steps([racer(1, 2, 1.2), racer(2, all, 1.3)], true)).toEqual([[1, 'next']])
  // also while others are asked, and never the leader itself
  expect(steps([racer(1, 2, 0.3), racer(2, 2, 1.3), racer(3, 0, 1, { working: true })])).toEqual([[1, 'stop']])
})

test('when nothing is left to race, the best three are finished, whatever was thought of them', () => {
  const stopped = (number: number, times: number) => racer(number, 2, times, { state: 'stopped' })
  const settled = [racer(1, all, 1.3), stopped(2, 0.5), stopped(3, 0.4), stopped(4, 0.3)]
  expect(steps(settled)).toEqual([
    [2, 'finish'],
    [3, 'finish'],
  ])
  // more may come, or one is still asked
  expect(steps(settled, true)).toEqual([])
  expect(steps([...settled, racer(5, 1, 1, { working: true })])).toEqual([])
  expect(steps([racer(1, all, 1.3), racer(2, all, 0.5), racer(3, all, 0.4), stopped(4, 0.3)])).toEqual([])
})

test('a person has the last word', () => {
  const given = [racer(1, all, 1.3), racer(2, 2, 0.2, { state: 'stopped', toItsEnd: true })]
  expect(steps(given, true)).toEqual([[2, 'finish']])
  expect(steps([racer(1, all, 1.3), racer(2, 2, 0.2, { toItsEnd: true })], true)).toEqual([[2, 'finish']])
  expect(steps([racer(1, all, 1.3, { toItsEnd: true })], true)).toEqual([])
})
