/**
 * Racing evaluations: how many questions a race asks, whether it picks what the whole evaluation picks, and whether the intervals that it
 * shows hold: `npm run bench -- racing`, some minutes. `RACING_GRIDS` (1000); `RACING_REAL=1` also runs examples/short-cot.yaml, with and
 * without a race: questions and seconds counted, about 10 minutes on 2 cores.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import Database from 'better-sqlite3'
import { questionsOf, planRace, type RaceRules } from '../domain/score/race.ts'
import { judgePoints } from '../domain/score/uncertainty.ts'
import { createRandom } from '../domain/stats/rng.ts'
import { percent } from './luck-data.ts'
import {
  askAll,
  type Asked,
  baselineOfStudy,
  equalShares,
  type Grid,
  halve,
  race,
  scoreOfCounts,
  simulateGrid,
} from './racing-data.ts'
import { distances, drawnTogether, studyScores } from './study-scores.ts'
import { printTable } from './table.ts'

const root = path.join(import.meta.dirname, '..')
const grids = Number(process.env.RACING_GRIDS ?? 1000)
const baseline = baselineOfStudy
const questions = { AMC23: 40, GSM8k: 1319, MATH500: 500, OlympiadBench: 675 }
const rules: RaceRules = {
  aggregate: 'harmonic-mean',
  baseline,
  plan: planRace('harmonic-mean', baseline, questions),
}

type Tally = { same: number; asked: number; stopped: number; low: number; high: number }
type Held = { grids: number; winner: number; finished: [number, number]; stopped: [number, number] }

export async function run(): Promise<void> {
  const scores = studyScores()
  const ways: [string, (grid: Grid) => Asked][] = [
    ['race, in step', (grid) => race(rules, grid, { arriving: false })],
    ['race, on arrival', (grid) => race(rules, grid, { arriving: true })],
    ['race, equal shares', (grid) => race(equalShares(rules), grid, { arriving: false })],
    ['halving', (grid) => halve(rules, grid)],
  ]
  const rows: string[][] = []
  const held: string[][] = []
  for (const [kind, distance] of distances) {
    const drawn = drawnTogether(scores, distance)
    const random = createRandom(2026, Math.round(100 * distance))
    const tallies = ways.map((): Tally => ({ same: 0, asked: 0, stopped: 0, low: 0, high: 0 }))
    const holds: Held = { grids: 0, winner: 0, finished: [0, 0], stopped: [0, 0] }
    const raw: Held = structuredClone(holds)
    for (let at = 0; at < grids; at++) {
      const grid = simulateGrid(rules, drawn, random)
      const whole = askAll(rules, grid)
      const best = scoreOfCounts(rules, whole.counts[whole.winner]!)
      for (const [index, [, way]] of ways.entries()) {
        const found = way(grid)
        const tally = tallies[index]!
        tally.same += Number(scoreOfCounts(rules, whole.counts[found.winner]!) === best)
        tally.asked += found.asked / whole.asked
        if (index > 0) continue
        for (const [point, counts] of found.counts.entries()) {
          if (!found.stopped[point]) continue
          tally.stopped += 1
          tally.low += scoreOfCounts(rules, counts) - grid.truth[point]!
        }
        tally.high += scoreOfCounts(rules, found.counts[found.winner]!) - grid.truth[found.winner]!
        look(holds, grid, found, found.stopped)
        look(
          raw,
          grid,
          found,
          found.stopped.map(() => false),
        )
      }
    }
    for (const [index, [way]] of ways.entries()) {
      const { same, asked } = tallies[index]!
      rows.push([kind, way, percent(asked / grids), percent(same / grids)])
    }
    const [{ stopped, low, high }] = tallies as [Tally]
    const share = ([hits, all]: [number, number]) => percent(hits / all)
    held.push([
      kind,
      (low / stopped).toFixed(3),
      `+${(high / grids).toFixed(3)}`,
      share(raw.stopped.map((one, at) => one + raw.finished[at]!) as [number, number]),
      percent(raw.winner / grids),
      share(holds.stopped),
      share(holds.finished),
      percent(holds.winner / grids),
    ])
  }
  printTable(`${scores.length} points of ${questionsOf(rules.plan)} questions, ${grids} grids a row`, [
    ['grids', 'way', 'questions asked, %', 'same pick as with all, %'],
    ...rows,
  ])
  printTable('Scores less the true ones, and 95 % intervals that hold the truth, %', [
    ['grids', 'given up', 'winner', 'own questions: all', 'winner', 'shown: given up', 'finished', 'winner'],
    ...held,
  ])
  if (process.env.RACING_REAL) realRun()
}

/** Whether the intervals shown hold, were it so said who was given up. */
function look(held: Held, { truth }: Grid, { counts, winner, stopped }: Asked, said: boolean[]): void {
  const { points } = judgePoints({
    aggregate: rules.aggregate,
    baseline,
    points: counts.map((each, at) => ({ score: scoreOfCounts(rules, each), counts: each, stopped: said[at]! })),
  })
  for (const [at, { interval }] of points.entries()) {
    const hit = Number(interval![0] <= truth[at]! && truth[at]! <= interval![1])
    const group = stopped[at] ? held.stopped : held.finished
    group[0] += hit
    group[1] += 1
    if (at === winner) held.winner += hit
  }
}

/** The example with a race, then all of its evaluations over the same trainings without one. */
function realRun(): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'racing-'))
  try {
    const text = readFileSync(path.join(root, 'examples/short-cot.yaml'), 'utf8')
    const rows = [true, false].map((races) => {
      // with a variable more its evaluations are no more the same, and its trainings are
      const evaluate = races ? 'evaluate: { race: true }\n' : 'evaluate: { env: { WHOLE: "1" } }\n'
      const file = path.join(folder, 'short-cot.yaml')
      writeFileSync(file, `${text}${evaluate}`)
      const printed = execFileSync(process.execPath, ['cli/main.ts', file, '--data', folder, '--json'], {
        cwd: root,
        maxBuffer: 1 << 26,
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const result = JSON.parse(String(printed)) as {
        sweep: { id: number }
        points: { accuracies: Record<string, { total: number }> }[]
        best: { params: Record<string, string>; score: number }
        evaluations_run: number
      }
      const asked = result.points.reduce(
        (sum, { accuracies }) => sum + Object.values(accuracies).reduce((all, { total }) => all + total, 0),
        0,
      )
      return [
        races ? 'with a race' : 'without',
        String(result.evaluations_run),
        asked.toLocaleString('en'),
        secondsOf(folder, result.sweep.id).toFixed(0),
        `${Object.values(result.best.params).join(', ')}: ${result.best.score}`,
      ]
    })
    printTable('examples/short-cot.yaml', [
      ['', 'evaluation jobs', 'questions', 'seconds of evaluations', 'best'],
      ...rows,
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** How long the evaluations of a sweep ran, all together. */
function secondsOf(folder: string, sweepId: number): number {
  const database = new Database(path.join(folder, 'sweepboard.db'), { readonly: true })
  const milliseconds = database
    .prepare(
      `select sum(attempts.finished_at - attempts.started_at) from attempts join jobs on jobs.id = job_id
       where sweep_id = ? and kind = 'evaluation'`,
    )
    .pluck()
    .get(sweepId) as number
  database.close()
  return milliseconds / 1000
}
