/** Simulated grids of checkpoints that are asked questions one after the other, and ways to ask fewer of them, for `npm run bench -- racing`. */
import { questionsOf, type Racer, type RaceRules, stepsOfRace } from '../domain/score/race.ts'
import { aggregateRatios } from '../domain/score/score.ts'
import type { Counts } from '../domain/score/counted-points.ts'
import type { Random } from '../domain/stats/rng.ts'

/** The accuracies that the study's scores compare with. */
export const baselineOfStudy = { AMC23: 0.3, GSM8k: 0.716, MATH500: 0.44, OlympiadBench: 0.096 }

/** Right answers of each point to the first so many questions of each benchmark. */
export type Answers = Record<string, Int32Array>[]
export type Grid = { truth: number[]; answers: Answers }
/** What a way to ask came to: each point's counts, whether it was given up, and the winner. */
export type Asked = { counts: Record<string, Counts>[]; stopped: boolean[]; winner: number; asked: number }

const scoreOf = (rules: RaceRules, rateOf: (name: string) => number) =>
  aggregateRatios(
    rules.aggregate,
    Object.keys(rules.baseline).map((name) => rateOf(name) / rules.baseline[name]!),
  )

/**
 * Points whose true scores are about these: each of their accuracies is the baseline's times the score, give or take 5 %, and every
 * question is answered by chance.
 */
export function simulateGrid(rules: RaceRules, scores: readonly number[], random: Random): Grid {
  const all = rules.plan.rungs.at(-1)!
  const names = Object.keys(rules.baseline)
  const truth: number[] = []
  const answers = scores.map((score) => {
    const rates = Object.fromEntries(
      names.map((name) => [name, Math.min(0.99, rules.baseline[name]! * score * Math.exp(0.05 * random.normal()))]),
    )
    truth.push(scoreOf(rules, (name) => rates[name]!))
    return Object.fromEntries(
      names.map((name) => {
        const right = new Int32Array(all[name]! + 1)
        for (let question = 0; question < all[name]!; question++)
          right[question + 1] = right[question]! + Number(random.uniform() < rates[name]!)
        return [name, right]
      }),
    )
  })
  return { truth, answers }
}

function countsAt(answers: Answers[number], asked: Readonly<Record<string, number>>): Record<string, Counts> {
  return Object.fromEntries(
    Object.entries(asked).map(([name, total]) => [name, { correct: answers[name]![total]!, total }]),
  )
}

export function scoreOfCounts(rules: RaceRules, counts: Record<string, Counts>): number {
  return scoreOf(rules, (name) => counts[name]!.correct / counts[name]!.total)
}

function outcome(rules: RaceRules, counts: Record<string, Counts>[], stopped: boolean[]): Asked {
  const scores = counts.map((each, at) => (stopped[at] ? -1 : scoreOfCounts(rules, each)))
  const asked = counts.reduce((sum, each) => sum + Object.values(each).reduce((all, { total }) => all + total, 0), 0)
  return { counts, stopped, winner: scores.indexOf(Math.max(...scores)), asked }
}

/** Every point is asked everything. */
export function askAll(rules: RaceRules, { answers }: Grid): Asked {
  const counts = answers.map((each) => countsAt(each, rules.plan.rungs.at(-1)!))
  return outcome(
    rules,
    counts,
    counts.map(() => false),
  )
}

/** The product's race; `arriving`: each point comes when those before it are settled. */
export function race(rules: RaceRules, { answers }: Grid, { arriving }: { arriving: boolean }): Asked {
  const { rungs } = rules.plan
  const racers: Racer[] = []
  const settle = (coming: boolean) => {
    for (;;) {
      const steps = stepsOfRace(rules, racers, coming)
      if (steps.length === 0) return
      for (const step of steps) {
        const racer = racers[step.number]!
        if (step.step === 'stop') racer.state = 'stopped'
        else {
          racer.rungs = step.step === 'next' ? racer.rungs + 1 : rungs.length
          racer.counts = countsAt(answers[step.number]!, rungs[racer.rungs - 1]!)
          racer.state = racer.rungs === rungs.length ? 'finished' : 'racing'
        }
      }
    }
  }
  for (const number of answers.keys()) {
    racers.push({ number, rungs: 0, counts: null, state: 'racing', working: false, toItsEnd: false })
    if (arriving) settle(number < answers.length - 1)
  }
  settle(false)
  return outcome(
    rules,
    racers.map((racer) => ({ ...racer.counts! })),
    racers.map(({ state }) => state === 'stopped'),
  )
}

/** After each rung the better half goes on, sure or not. */
export function halve(rules: RaceRules, { answers }: Grid): Asked {
  const counts = answers.map((each) => countsAt(each, rules.plan.rungs[0]!))
  let left = [...answers.keys()]
  for (const rung of rules.plan.rungs) {
    for (const at of left) counts[at] = countsAt(answers[at]!, rung)
    const last = rung === rules.plan.rungs.at(-1)
    const keep = last ? left.length : Math.max(1, Math.ceil(left.length / 2))
    left = left.toSorted((a, b) => scoreOfCounts(rules, counts[b]!) - scoreOfCounts(rules, counts[a]!)).slice(0, keep)
  }
  return outcome(
    rules,
    counts,
    answers.map((_, at) => !left.includes(at)),
  )
}

/** The same share of every benchmark in each rung. */
export function equalShares(rules: RaceRules): RaceRules {
  const all = rules.plan.rungs.at(-1)!
  const total = questionsOf(rules.plan)
  const rungs = rules.plan.rungs.map((rung) => {
    const share = Object.values(rung).reduce((sum, one) => sum + one, 0) / total
    return Object.fromEntries(
      Object.entries(all).map(([name, questions]) => [name, Math.max(1, Math.round(share * questions))]),
    )
  })
  return { ...rules, plan: { rungs } }
}
