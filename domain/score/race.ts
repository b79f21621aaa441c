/**
 * Racing evaluations: questions in growing batches, *rungs*, and a point that can no longer win is asked no more. Successive
 * halving (Karnin, Koren & Somekh, "Almost optimal exploration in multi-armed bandits", 2013) drops half each time, sure or not;
 * here one is dropped when luck in the questions still open cannot make up for its lag (Maron & Moore, "Hoeffding races", 1994),
 * and these are a finite number: what was asked already cannot change any more.
 */
import type { Aggregate } from '../sweep/sweep.ts'
import { approximateScore } from './normal-approximation.ts'
import { createRandom } from '../stats/rng.ts'
import type { Counts } from './counted-points.ts'
import { variancesOf } from './evaluation-worth.ts'

/** Questions of each benchmark that are asked up to the end of each rung; of the last, all. */
export type RacePlan = { rungs: Record<string, number>[] }

/** How a sweep scores, and what it races by: what a decision needs beside the points. */
export type RaceRules = {
  aggregate: Aggregate
  baseline: Readonly<Record<string, number>>
  plan: RacePlan
}

/** A point as far as it was asked. */
export type Racer = {
  number: number
  /** Rungs that it has answered. */
  rungs: number
  /** Of its answers so far, of every benchmark of the baseline; null before its first rung. */
  counts: Readonly<Record<string, Counts>> | null
  /** `stopped`: it could not win when it was last looked at. */
  state: 'racing' | 'stopped' | 'finished'
  /** A rung of it waits or runs. */
  working: boolean
  /** A person wants all of its questions asked. */
  toItsEnd: boolean
}

/** What comes next for a point: another rung, all that is left at once, or nothing, with what it lacks and may still gain. */
export type RaceStep =
  | { number: number; step: 'next' | 'finish' }
  | { number: number; step: 'stop'; behind: number; mayChange: number }

/** Questions of the first rung, all benchmarks together; each rung goes half as far again as the one before. */
const firstRung = 200
const growth = 1.5
/** A rung that leaves less than this share of the questions open would save nothing. */
const leastLeft = 0.25
/** So many questions of each benchmark at least: an accuracy of fewer says nothing. */
const leastAsked = 8
/** A lead of so many standard deviations of what is open is not made up for. */
export const sureLead = 3
/** So many of the best are always finished. */
export const finishedBest = 3

/**
 * The rungs of a race: each benchmark's share is by what one question of it adds to the score's variance at the baseline's rates,
 * so that a benchmark of few questions that decides much is asked first. `questions`: how many each benchmark has; those that the
 * baseline lacks do not count, and are asked with the last rung.
 */
export function planRace(
  aggregate: Aggregate,
  baseline: Readonly<Record<string, number>>,
  questions: Readonly<Record<string, number>>,
): RacePlan {
  const names = Object.keys(baseline).toSorted()
  const totals = names.map((name) => questions[name]!)
  const asIs = names.map((name, at) => ({ correct: baseline[name]! * totals[at]!, total: totals[at]! }))
  const weights = variancesOf(aggregate, baseline, names, asIs).map((square, at) => Math.sqrt(square * totals[at]!))
  const all = totals.reduce((sum, total) => sum + total, 0)
  const rungs: Record<string, number>[] = []
  for (let size = firstRung; size <= (1 - leastLeft) * all; size *= growth) {
    const asked = sharesOf(size, weights, totals)
    rungs.push(Object.fromEntries(names.map((name, at) => [name, asked[at]!])))
  }
  rungs.push({ ...questions })
  return { rungs }
}

/** So many questions shared out in proportion to the weights, none beyond what a benchmark has. Each grows with `size`. */
function sharesOf(size: number, weights: readonly number[], totals: readonly number[]): number[] {
  const asked = (level: number) =>
    totals.map((total, at) => Math.min(total, Math.max(leastAsked, Math.round(level * weights[at]!))))
  let [low, high] = [0, 1]
  const sum = (level: number) => asked(level).reduce((whole, one) => whole + one, 0)
  while (sum(high) < size) high *= 2
  for (let turn = 0; turn < 60; turn++) {
    const middle = (low + high) / 2
    if (sum(middle) < size) low = middle
    else high = middle
  }
  return asked(high)
}

/** Jobs of a rung have the number of their point, and so much more for each rung before. */
export const rungStride = 1_000_000

/**
 * The order in which a benchmark's questions are asked, as their places from 0: drawn once, by the benchmark's name and size alone, so
 * that every point of every sweep is asked the same first.
 */
export function questionOrder(benchmark: string, total: number): number[] {
  let stream = 0
  for (const letter of benchmark) stream = (Math.imul(stream, 31) + letter.codePointAt(0)!) | 0
  const random = createRandom(total, stream)
  const order = Array.from({ length: total }, (_, place) => place)
  for (let at = total - 1; at > 0; at--) {
    const other = Math.floor(random.uniform() * (at + 1))
    ;[order[at], order[other]] = [order[other]!, order[at]!]
  }
  return order
}

/** All questions of a race. */
export function questionsOf({ rungs }: RacePlan): number {
  return Object.values(rungs.at(-1)!).reduce((sum, one) => sum + one, 0)
}

/**
 * Where a point stands by its answers so far: its score's root, and the variance by which the answers to the open questions may
 * still move it. Of a benchmark with n of N questions asked the final accuracy varies by p(1 − p)/n × (1 − n/N).
 */
export function standingOf(
  { aggregate, baseline, plan }: RaceRules,
  counts: Readonly<Record<string, Counts>>,
): { root: number; variance: number; power: 1 | 3 } {
  const names = Object.keys(baseline)
  const all = plan.rungs.at(-1)!
  const parts = new Float64Array(names.length)
  const { mean, power } = approximateScore(
    aggregate,
    names.map((name) => counts[name]!.correct + 0.5),
    names.map((name) => counts[name]!.total - counts[name]!.correct + 0.5),
    names.map((name) => baseline[name]!),
    undefined,
    parts,
  )
  const variance = names.reduce((sum, name, at) => sum + parts[at]! ** 2 * (1 - counts[name]!.total / all[name]!), 0)
  return { root: mean, variance, power }
}

/**
 * What becomes of each point that nothing is under way for. Points go on in step: a rung starts when no point that has a checkpoint
 * is on an earlier one, so that each is judged beside as many as there are; those that are still trained are not waited for.
 * `coming`: there are any. When nothing is left to race, the best few are finished whatever was thought of them.
 */
export function stepsOfRace(rules: RaceRules, racers: readonly Racer[], coming: boolean): RaceStep[] {
  const measured = racers.flatMap((racer) =>
    racer.counts === null ? [] : [{ racer, ...standingOf(rules, racer.counts) }],
  )
  const ranked = measured.toSorted((a, b) => b.root - a.root || a.racer.number - b.racer.number)
  const leader = ranked[0]
  const earliest = Math.min(...racers.filter(({ working }) => working).map(({ rungs }) => rungs))
  const steps: RaceStep[] = []
  for (const racer of racers) {
    const { number, state } = racer
    if (state === 'finished' || racer.working) continue
    if (racer.toItsEnd) steps.push({ number, step: 'finish' })
    if (racer.toItsEnd || state === 'stopped') continue
    const own = measured.find((one) => one.racer === racer)
    if (own && leader && own !== leader) {
      const mayChange = Math.sqrt(own.variance + leader.variance)
      if (leader.root - own.root > sureLead * mayChange) {
        const slope = own.power * leader.root ** (own.power - 1)
        const score = (root: number) => root ** own.power
        steps.push({ number, step: 'stop', behind: score(leader.root) - score(own.root), mayChange: slope * mayChange })
        continue
      }
    }
    if (racer.rungs <= earliest) steps.push({ number, step: 'next' })
  }
  if (steps.length > 0 || coming || racers.some(({ state }) => state === 'racing')) return steps
  return ranked
    .slice(0, finishedBest)
    .filter(({ racer }) => racer.state === 'stopped')
    .map(({ racer }) => ({ number: racer.number, step: 'finish' }))
}
