/**
 * A sweep whose evaluations race by a baseline that it measures, and whose server is killed with SIGKILL again and again: no question of a checkpoint
 * is asked twice or forgotten, counted outside the data folder, and the best three are asked everything. CRASH_KILLS sets how many kills (the suite: 10);
 * when to kill comes from a seed that a failure prints, CRASH_SEED repeats it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFailed, onTestFinished, test } from 'vitest'
import { listLiveJobs, listSweepJobs } from '../../db/queries/jobs.ts'
import { createRandom } from '../../domain/stats/rng.ts'
import type { Context } from '../../server/base/context.ts'
import { requireSweep } from '../../server/base/finding/find-sweep.ts'
import { createSweep } from '../../server/act/sweeps/create-sweep.ts'
import { checkData } from '../../server/act/system/check-data.ts'
import { describeWholeSweep } from '../../server/read/sweeps/describe-sweep.ts'
import { smallSweep, stubs } from '../harness.ts'
import { inFolder, runKilled } from './killed.ts'

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)
const kills = Number(process.env.CRASH_KILLS ?? 10)
/** Where the server kills itself; 'any' leaves it to the driver. */
const instants = ['any', 'any', 'after-claim', 'after-launch', 'in-ingest']
/** As many points as there are kills, so that it lives that long; neighbours are hard to tell. */
const strengths = Array.from({ length: Math.min(80, Math.max(12, kills)) }, (_, at) => String(18 + at))
const questions = { A: 60, B: 900, C: 400 }
const total = 1360

test(
  `${kills} kills of the server of a race ask no question twice and lose none`,
  { timeout: 60_000 + kills * 12_000 },
  async () => {
    onTestFailed(() => console.error(`CRASH_SEED=${seed}`))
    const random = createRandom(seed)
    const folder = mkdtempSync(path.join(tmpdir(), 'crash-race-'))
    const outside = mkdtempSync(path.join(tmpdir(), 'crash-race-asked-'))
    const asked = path.join(outside, 'asked')
    writeFileSync(asked, '')
    const environment = { SWEEPBOARD_SLOTS: '3', SWEEPBOARD_KILL_SECONDS: '1', RACE_ASKED: asked }
    const inspect = (look: (context: Context) => void) => inFolder({ folder, environment }, look)
    onTestFinished(() => {
      inspect((context) => expect(listLiveJobs(context.database)).toEqual([]))
      for (const one of [folder, outside]) rmSync(one, { recursive: true, force: true, maxRetries: 5 })
    })
    let sweepId = 0
    const base = path.join(outside, 'base')
    writeFileSync(base, 'weights')
    inspect((context) => {
      // answers as events, so that servers die while they are read
      const script = path.join(stubs, 'evaluates-questions.mjs')
      const definition = smallSweep({
        axes: { strength: strengths },
        train: { command: ['bash', path.join(stubs, 'finishes.sh'), '2'] },
        evaluate: { command: ['node', script, '${strength}', '${questions}', '${report}', 'items'], race: true },
        score: { baseline: { measure: base }, questions },
      })
      sweepId = createSweep(context, { definition, directory: folder }).id
    })
    const deaths = await runKilled({ folder, environment }, { kills, instants, uniform: random.uniform })
    expect(deaths).toHaveLength(kills)
    inspect((context) => {
      const sweep = describeWholeSweep(context, requireSweep(context, sweepId))
      expect(sweep.status).toBe('done')
      const lines = readFileSync(asked, 'utf8').trim().split('\n')
      expect(new Set(lines).size).toBe(lines.length)
      expect(sweep.score.baseline.accuracies).toEqual({ A: 0.5, B: 0.5, C: 0.5 })
      const ofCheckpoint = Map.groupBy(lines, (line) => line.split(' ')[1]!)
      for (const point of sweep.points) {
        const counted = Object.values(point.results).reduce((sum, result) => sum + result.total!, 0)
        expect(ofCheckpoint.get(point.checkpoint!.path!)).toHaveLength(counted)
        expect([point.status, point.asked ?? total]).toEqual(['scored', counted])
        for (const [benchmark, { correct }] of Object.entries(point.results)) {
          const strength = Number(point.params.strength)
          const right = ofCheckpoint
            .get(point.checkpoint!.path!)!
            .map((line) => line.split(' '))
            .filter(([, , name, place]) => name === benchmark && (37 * Number(place) + 13 * strength) % 100 < strength)
          expect(correct).toBe(right.length)
        }
      }
      const best = sweep.points.toSorted((a, b) => b.score! - a.score!).slice(0, 3)
      expect(best.map((point) => point.asked)).toEqual([null, null, null])
      for (const job of listSweepJobs(context.database, sweepId)) expect(job.attempt, `${job.kind} ${job.id}`).toBe(1)
      expect(checkData(context).problems).toEqual([])
    })
  },
)
