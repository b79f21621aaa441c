/**
 * Whether the intervals of sweeps that stopped trainings early hold the true scores: grids like the study's, nine trainings with two
 * milestones each, whose models of known accuracies answer simulated questions. `STOPPING_GRIDS` (2000) a row.
 */
import { areAlike } from '../domain/stopping/alike.ts'
import { judgePoints } from '../domain/score/uncertainty.ts'
import { createRandom } from '../domain/stats/rng.ts'
import type { StopMethod } from '../domain/sweep/stop-early.ts'
import { answer, type Measured, percent, scoreOf, study } from './luck-data.ts'
import { distances, drawnTogether, studyScores } from './study-scores.ts'
import { trainAll } from './stopping-data.ts'
import { printTable } from './table.ts'

const grids = Number(process.env.STOPPING_GRIDS ?? 2000)
const trainings = 9
const [first, last] = [3, 6]
/** Relative spread of each accuracy about the score. */
const spread = 0.05
/** How alike two checkpoints answer; the trainer's own tasks have 0.2 to 0.3 (docs/luck.md). */
const correlations = [0, 0.3]
const ways: [StopMethod, boolean][] = [
  ['milestones', true],
  ['asha', false],
  ['median', false],
]

type Tally = [hits: number, all: number]
type Held = { all: Tally; stopped: Tally; wentOn: Tally; finished: Tally; winner: Tally }
const groups = ['all', 'stopped', 'wentOn', 'finished', 'winner'] as const

/** Prints the table. */
export function stoppedIntervals(): void {
  const rows = distances.flatMap(([kind, distance]) =>
    correlations.flatMap((correlation) => {
      const random = createRandom(2026, Math.round(100 * distance + 1000 * correlation))
      const scores = drawnTogether(studyScores(), distance)
      const tallies = ways.map(() => ({ own: held(), shown: held() }))
      for (let grid = 0; grid < grids; grid++) {
        const rates = scores.map((score) =>
          study.names.map((name) => Math.min(0.99, study.baseline[name]! * score * Math.exp(spread * random.normal()))),
        )
        const measured = answer(random, study, rates, correlation)
        const truths = rates.map((each) => scoreOf(study, each))
        for (const [at, [method, isHeld]] of ways.entries()) look(tallies[at]!, method, isHeld, measured, truths)
      }
      return tallies.map(({ own, shown }, at) => [
        kind,
        String(correlation),
        ways[at]![0],
        percent(shown.winner[1] / grids),
        percent(shareOf(own.stopped)),
        percent(shareOf(own.winner)),
        ...groups.map((group) => percent(shareOf(shown[group]))),
      ])
    }),
  )
  printTable(`95 % intervals hold the true score in sweeps that stopped trainings early, of ${grids} a row, %`, [
    [
      'grids',
      'ρ',
      'method',
      'stopped any',
      'by their own questions: stopped',
      'winner',
      'shown: all',
      'stopped',
      'went on',
      'finished',
      'winner',
    ],
    ...rows,
  ])
}

const held = (): Held => ({ all: [0, 0], stopped: [0, 0], wentOn: [0, 0], finished: [0, 0], winner: [0, 0] })
const shareOf = ([hits, all]: Tally) => hits / all

/** Points 0 to 8 are the trainings at the first milestone, 9 to 17 the same at their end. */
function look(
  { own, shown }: { own: Held; shown: Held },
  method: StopMethod,
  isHeld: boolean,
  { counts, scores, answers }: Measured,
  truths: readonly number[],
): void {
  const pointAt = (training: number, epoch: number) => training + (epoch === first ? 0 : trainings)
  const given = { aggregate: 'harmonic-mean' as const, baseline: study.baseline, answers }
  const spent = trainAll(trainings, isHeld, {
    method,
    rungs: [first],
    epochs: last,
    valueAt: (training, epoch) => scores[pointAt(training, epoch)]!,
    alike: (one, two, rung) =>
      areAlike({
        ...given,
        points: [one, two].map((training) => {
          const index = pointAt(training, rung)
          return { index, score: scores[index]!, counts: counts[index]! }
        }),
      }),
  })
  // as any other sweep
  if (spent.every((epochs) => epochs === last)) return
  const isMeasured = (point: number) => point < trainings || spent[point - trainings] === last
  const points = scores.map((score, at) => ({
    score: isMeasured(at) ? score : null,
    counts: counts[at]!,
    givenUp: spent[at % trainings] !== last,
  }))
  const highest = Math.max(...points.map(({ score }) => score ?? -Infinity))
  for (const [tallies, measured] of [
    [own, points.map((point) => ({ ...point, givenUp: false }))],
    [shown, points],
  ] as const) {
    const judged = judgePoints({ ...given, points: measured }).points
    for (const [at, { score }] of points.entries()) {
      if (score === null) continue
      const [low, high] = judged[at]!.interval!
      const hit = Number(low <= truths[at]! && truths[at]! <= high)
      const group = at >= trainings ? 'finished' : spent[at] === last ? 'wentOn' : 'stopped'
      for (const one of ['all', group, ...(score === highest ? (['winner'] as const) : [])] as const) {
        tallies[one][0] += hit
        tallies[one][1] += 1
      }
    }
  }
}
