/**
 * What the figures about luck promise, and whether they hold: `npm run bench -- luck`. Models with known accuracies answer
 * simulated questions; how often is what we say of them true? Some minutes; the same seed each time.
 */
import { poolMeasurements } from '../domain/score/again.ts'
import { intervalAgainstBaseline } from '../domain/score/against-baseline.ts'
import { repeatedAnswers } from '../domain/score/repeated-answers.ts'
import { correlationOf, type PairCounts, sharedBySeeds } from '../domain/score/same-questions.ts'
import { scoreDifference } from '../domain/score/score-difference.ts'
import { scoreInterval } from '../domain/score/score-interval.ts'
import { seedGroupInterval } from '../domain/score/seed-group.ts'
import { shrinkScores } from '../domain/score/shrinkage.ts'
import { accuracyInterval, judgePoints, uncertaintyOf } from '../domain/score/uncertainty.ts'
import { createRandom } from '../domain/stats/rng.ts'
import { answer, percent, questionsOf, scoreOf, study } from './luck-data.ts'
import { printTable } from './table.ts'

const random = createRandom(2026)
/** Points a cell. */
const points = 2000
const grids = 300
const levels = [0.004, 0.01, 0.03, 0.1, 0.4, 0.8, 0.97, 0.99]
const correlations = [0, 0.5, 0.8]
const few = questionsOf([40, 300, 200], [0.4, 0.6, 0.3])
const fewRates = [0.4, 0.6, 0.3]

/** Accuracies near a level: within 20 % of it, or of what is missing to all. */
const near = (level: number) => {
  const factor = 0.8 + 0.4 * random.uniform()
  return level < 0.5 ? level * factor : 1 - (1 - level) * factor
}
const share = (times: number, check: () => boolean) => {
  let hits = 0
  for (let time = 0; time < times; time++) hits += Number(check())
  return hits / times
}
const rightOf = (total: number, rate: number) => {
  let right = 0
  for (let question = 0; question < total; question++) right += Number(random.uniform() < rate)
  return right
}
const inside = ([low, high]: [number, number], value: number) => low <= value && value <= high

export async function run(): Promise<void> {
  singles()
  repeated()
  differences()
  groups()
  againstBaselines()
  best()
  corrected()
}

function singles(): void {
  const rows = levels.map((level) => [
    percent(level),
    ...[40, 500, 1319].map((total) =>
      percent(
        share(points, () => {
          const rate = near(level)
          return inside(accuracyInterval({ correct: rightOf(total, rate), total })!, rate)
        }),
      ),
    ),
    percent(
      share(points, () => {
        const rates = study.totals.map(() => near(level))
        const interval = scoreInterval('harmonic-mean', {
          correct: rates.map((rate, at) => rightOf(study.totals[at]!, rate)),
          total: study.totals,
          baseline: study.names.map((name) => study.baseline[name]!),
        })
        return inside(interval, scoreOf(study, rates))
      }),
    ),
  ])
  printTable(`95 % intervals of single points hold the truth in so many per cent of ${points}`, [
    ['accuracy, %', '40 questions', '500', '1,319', 'score of 40 + 1,319 + 500 + 675'],
    ...rows,
  ])
}

/** Questions answered 16 times each; `alike` 1: nearly each question is always right or never. */
function repeated(): void {
  const samples = 16
  const cell = (level: number, questions: number, alike: number) => {
    const draw = repeatedAnswers(level, samples, alike)
    return share(points, () => {
      const rights = draw(random, questions)
      const outcomes = { samples, correct: Object.fromEntries(rights.map((right, at) => [`q${at}`, right])) }
      const accuracy = rights.reduce((sum, right) => sum + right, 0) / (questions * samples)
      return inside(poolMeasurements([{ accuracy, questions, outcomes, samples }])!.interval!, level)
    })
  }
  const settings = [40, 200].flatMap((questions) => [1, 10].map((alike) => ({ questions, alike })))
  printTable(
    `Evaluated again with ${samples} samples a question: 95 % intervals hold in so many per cent of ${points}`,
    [
      ['accuracy, %', ...settings.map(({ questions, alike }) => `${questions} questions, alike ${alike}`)],
      ...levels.map((level) => [
        percent(level),
        ...settings.map(({ questions, alike }) => percent(cell(level, questions, alike))),
      ]),
    ],
  )
}

/** How two models of these accuracies answer: a question's four outcomes have these chances. */
function pair(total: number, first: number, second: number, correlation: number): PairCounts {
  const both = correlation * Math.min(first, second) + (1 - correlation) * first * second
  const counts: PairCounts = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 }
  for (let question = 0; question < total; question++) {
    const level = random.uniform()
    if (level < both) counts.both += 1
    else if (level < first) counts.onlyFirst += 1
    else if (level < first + second - both) counts.onlySecond += 1
    else counts.neither += 1
  }
  return counts
}

function differences(): void {
  const cell = (level: number, correlation: number) =>
    share(points, () => {
      const rates = [0, 1].map(() => study.totals.map(() => near(level)))
      const benchmarks = Object.fromEntries(
        study.names.map((name, at) => {
          const total = study.totals[at]!
          const counts = pair(total, rates[0]![at]!, rates[1]![at]!, correlation)
          const first = { correct: counts.both + counts.onlyFirst, total }
          return [name, { first, second: { correct: counts.both + counts.onlySecond, total }, pair: counts }]
        }),
      )
      const given = { aggregate: 'harmonic-mean' as const, baseline: study.baseline, benchmarks }
      return inside(scoreDifference(given)!.interval, scoreOf(study, rates[0]!) - scoreOf(study, rates[1]!))
    })
  printTable(`Intervals of the difference of two scores hold it in so many per cent of ${points}`, [
    ['accuracy, %', ...correlations.map((rho) => `ρ ${rho}`)],
    ...levels.map((level) => [percent(level), ...correlations.map((rho) => percent(cell(level, rho)))]),
  ])
}

function groups(): void {
  const seeds = 5
  const others = 4
  const cell = (level: number, correlation: number, training: number) =>
    share(points, () => {
      const rates = Array.from({ length: seeds * others }, () => {
        const factor = 1 + training * random.normal()
        return study.totals.map(() => (level < 0.5 ? level * factor : 1 - (1 - level) * factor))
      })
      const { counts, scores, answers } = answer(random, study, rates, correlation)
      let squares = 0
      for (let group = 0; group < others; group++) {
        const of = scores.slice(group * seeds, (group + 1) * seeds)
        const mean = of.reduce((sum, one) => sum + one, 0) / seeds
        squares += of.reduce((sum, one) => sum + (one - mean) ** 2, 0)
      }
      const freedom = others * (seeds - 1)
      const { agreement } = judgePoints({
        aggregate: 'harmonic-mean',
        baseline: study.baseline,
        points: scores.map((score, at) => ({ score, counts: counts[at]! })),
        answers,
      })
      const interval = seedGroupInterval({
        aggregate: 'harmonic-mean',
        baseline: study.names.map((name) => study.baseline[name]!),
        members: counts.slice(0, seeds).map((one) => study.names.map((name) => one[name]!)),
        scores: scores.slice(0, seeds),
        correlations: study.names.map((name) => sharedBySeeds(agreement, name)),
        noise: { deviation: Math.sqrt(squares / freedom), freedom },
      })
      return inside(
        interval,
        scoreOf(
          study,
          study.totals.map(() => level),
        ),
      )
    })
  printTable(`Intervals of the mean of 5 seeds, among 4 such groups, hold it in so many per cent of ${points}`, [
    ['accuracy, %', ...correlations.flatMap((rho) => [`ρ ${rho}`, `ρ ${rho}, seeds differ by 5 %`])],
    ...levels.map((level) => [
      percent(level),
      ...correlations.flatMap((rho) => [percent(cell(level, rho, 0)), percent(cell(level, rho, 0.05))]),
    ]),
  ])
}

function againstBaselines(): void {
  const cell = (level: number, correlation: number) => {
    let [paired, apart, without] = [0, 0, 0]
    for (let time = 0; time < points; time++) {
      const pairs = study.totals.map(
        (total) => [pair(total, level, level, correlation), pair(total, level, level, 0)] as const,
      )
      const counts = ({ both, onlyFirst }: PairCounts, total: number) => ({ correct: both + onlyFirst, total })
      const swapped = (one: PairCounts) => ({ ...one, onlyFirst: one.onlySecond })
      const same = pairs.map(([one], at) => ({
        own: counts(one, study.totals[at]!),
        baseline: counts(swapped(one), study.totals[at]!),
        correlation: correlationOf(one),
      }))
      paired += Number(inside(intervalAgainstBaseline('harmonic-mean', same), 1))
      const others = pairs.map(([, one], at) => ({
        own: counts(one, study.totals[at]!),
        baseline: counts(swapped(one), study.totals[at]!),
        correlation: 0,
      }))
      apart += Number(inside(intervalAgainstBaseline('harmonic-mean', others), 1))
      const certain = {
        correct: others.map(({ own }) => own.correct),
        total: study.totals,
        baseline: others.map(({ baseline }) => Math.max(0.5, baseline.correct) / baseline.total),
      }
      without += Number(inside(scoreInterval('harmonic-mean', certain), 1))
    }
    return [paired, apart, without].map((hits) => percent(hits / points))
  }
  printTable(`A checkpoint that is as good as its baseline is called so in so many per cent of ${points}`, [
    ['accuracy, %', 'ρ', 'same questions', 'other questions', 'baseline taken as certain'],
    ...[0.1, 0.4, 0.8].flatMap((level) => [0, 0.5].map((rho) => [percent(level), String(rho), ...cell(level, rho)])),
  ])
}

/** A grid of points whose true scores differ by so many times what they do not share of their noise. */
function grid(
  count: number,
  spread: number,
  correlation: number,
  shapeOf: (at: number) => number = () => random.normal(),
) {
  // a score here varies by 0.068 of itself with its questions
  const noise = 0.068 * Math.sqrt(1 - correlation)
  const rates = Array.from({ length: count }, (_, at) => {
    const factor = 1 + Math.max(spread, 1e-6) * noise * shapeOf(at)
    return fewRates.map((rate) => Math.min(0.99, Math.max(0.005, rate * factor)))
  })
  const truths = rates.map((one) => scoreOf(few, one))
  const { counts, scores, answers } = answer(random, few, rates, correlation)
  const measured = scores.map((score, at) => ({ score, counts: counts[at]! }))
  return { truths, scores, measured, answers, lead: scores.indexOf(Math.max(...scores)) }
}

function best(): void {
  const cell = (count: number, spread: number, correlation: number) => {
    let [held, rows, heldApart, rowsApart, stated, said, right, over] = [0, 0, 0, 0, 0, 0, 0, 0]
    for (let time = 0; time < grids; time++) {
      const { truths, measured, answers, lead } = grid(count, spread, correlation)
      const top = truths.indexOf(Math.max(...truths))
      const given = { aggregate: 'harmonic-mean' as const, baseline: few.baseline, points: measured }
      const judged = uncertaintyOf({ ...given, answers })
      const apart = uncertaintyOf(given)
      held += Number(lead === top || judged[top]!.tiedWithBest)
      rows += judged.filter((one) => one.tiedWithBest).length
      heldApart += Number(lead === top || apart[top]!.tiedWithBest)
      rowsApart += apart.filter((one) => one.tiedWithBest).length
      const chance = judged[lead]!.chanceOfBest
      if (chance === null) continue
      stated += 1
      said += chance
      right += Number(lead === top)
      over += chance - Number(lead === top)
    }
    return [
      percent(held / grids),
      (rows / grids).toFixed(1),
      percent(heldApart / grids),
      (rowsApart / grids).toFixed(1),
      percent(stated / grids),
      percent(said / stated),
      percent(right / stated),
      percent(over / grids),
    ]
  }
  printTable(`Which is the best, over ${grids} grids a row`, [
    [
      'points',
      'ρ',
      'spread ÷ noise',
      'true best in bracket, %',
      'rows beside',
      'counts alone: in bracket, %',
      'rows beside',
      'chance stated, % of grids',
      'said, %',
      'true, %',
      'said too much, over all grids',
    ],
    ...[9, 27].flatMap((count) =>
      [0, 0.5, 0.7].flatMap((rho) =>
        [0, 0.5, 1, 2, 3].map((spread) => [String(count), String(rho), String(spread), ...cell(count, spread, rho)]),
      ),
    ),
  ])
}

function corrected(): void {
  const cell = (count: number, spread: number, correlation: number, shapeOf?: (at: number) => number) => {
    let [raw, drawn, bias] = [0, 0, 0]
    for (let time = 0; time < grids; time++) {
      const { truths, scores, measured, answers, lead } = grid(count, spread, correlation, shapeOf)
      const given = { aggregate: 'harmonic-mean' as const, baseline: few.baseline, points: measured }
      const own = judgePoints({ ...given, answers }).agreement?.own ?? 1
      const found = shrinkScores({ ...given, own })!
      raw += (scores[lead]! - truths[lead]!) ** 2
      drawn += (found.estimates[lead]! - truths[lead]!) ** 2
      bias += found.estimates[lead]! - truths[lead]!
    }
    return [Math.sqrt(raw / grids), Math.sqrt(drawn / grids), Math.sqrt(drawn / raw), bias / grids].map((value) =>
      value.toFixed(3),
    )
  }
  const head = ['points', 'ρ', 'spread ÷ noise', 'error as measured', 'corrected', 'ratio', 'bias']
  printTable(`The score of the first, over ${grids} grids a row`, [
    head,
    ...[6, 27].flatMap((count) =>
      correlations.flatMap((rho) =>
        [0, 0.5, 1, 3].map((spread) => [String(count), String(rho), String(spread), ...cell(count, spread, rho)]),
      ),
    ),
  ])
  printTable('The same where one of equals is truly far ahead', [
    head,
    ...[6, 27].map((count) => [String(count), '0', 'one 4.5', ...cell(count, 3, 0, (at) => (at === 0 ? 1.5 : 0))]),
  ])
}
