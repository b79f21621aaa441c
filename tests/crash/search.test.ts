/**
 * A search is killed with SIGKILL between a proposal and its training, and anywhere else: nothing is proposed or started twice,
 * counted outside the data folder, and what is proposed is what an undisturbed search proposes. CRASH_KILLS sets how many kills (the
 * suite: 6); when comes from a seed that a failure prints, CRASH_SEED repeats it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFailed, onTestFinished, test } from 'vitest'
import { listSweepJobs } from '../../db/queries/jobs.ts'
import { createRandom } from '../../domain/stats/rng.ts'
import type { SearchingMethod } from '../../domain/sweep/searching.ts'
import { requireSweep } from '../../server/base/finding/find-sweep.ts'
import { createSweep } from '../../server/act/sweeps/create-sweep.ts'
import { inFolder, runKilled } from './killed.ts'
import { describeWholeSweep } from '../../server/read/sweeps/describe-sweep.ts'

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)
const kills = Number(process.env.CRASH_KILLS ?? 6)
const trainings = Math.max(24, 4 * kills)
const instants = ['after-proposal', 'any', 'after-claim']

/** Says outside the data folder that it started, and what it came to, so that scores follow from the values alone. */
const trainer = `
echo "$1 $2" >> started.txt
sleep 0.05
correct=$(awk -v lr="$1" -v batch="$2" 'BEGIN { x = log(lr) / log(10) + 3; printf "%d", 800 - 60 * x * x - 3 * batch }')
echo '{"type":"checkpoint","step":1,"path":"model"}' >> "$SWEEPBOARD_EVENTS"
mkdir -p "$SWEEPBOARD_RUN_DIR/model"
echo "{\\"type\\":\\"evaluation\\",\\"step\\":1,\\"benchmark\\":\\"B\\",\\"correct\\":$correct,\\"total\\":1000}" >> "$SWEEPBOARD_EVENTS"
`

test.each(['tpe', 'gaussian-process'] as const)(
  `${kills} kills of a server that searches by %s lose, double and change no proposal`,
  { timeout: 60_000 + kills * 10_000 },
  async (method) => {
    onTestFailed(() => console.error(`CRASH_SEED=${seed}`))
    const random = createRandom(seed)
    const undisturbed = await search(method, 0)
    const { deaths, ...killed } = await search(method, kills, random.uniform)
    expect(deaths).toHaveLength(kills)
    expect(killed.proposed).toEqual(undisturbed.proposed)
    expect(killed.started.toSorted()).toEqual(undisturbed.started.toSorted())
    expect(new Set(killed.started).size).toBe(trainings)
    expect(killed.scores).toEqual(undisturbed.scores)
  },
)

/** Runs a search in which so many servers die; `uniform` says when. */
async function search(method: SearchingMethod, dying: number, uniform: () => number = () => 0) {
  const data = mkdtempSync(path.join(tmpdir(), 'sweepboard-search-data-'))
  const work = mkdtempSync(path.join(tmpdir(), 'sweepboard-search-work-'))
  onTestFinished(() => {
    for (const folder of [data, work]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  writeFileSync(path.join(work, 'train.sh'), trainer)
  const killed = { folder: data, environment: { SWEEPBOARD_SLOTS: '2', SWEEPBOARD_KILL_SECONDS: '1' } }
  const id = inFolder(
    killed,
    (context) =>
      createSweep(context, {
        definition: {
          name: 'searched',
          search: { method, trainings, seed: 5 },
          axes: { lr: { log_uniform: ['1e-5', '1e-1'] }, batch: { integer: ['1', '64'] } },
          // one after another: what is known at each proposal does not hang on which of two ended first
          concurrency: 1,
          track: 'none',
          train: { command: ['bash', 'train.sh', '${lr}', '${batch}'] },
          score: { baseline: { B: 0.5 } },
        },
        directory: work,
      }).id,
  )
  const deaths = await runKilled(killed, { kills: dying, instants, uniform })
  const [proposed, scores] = inFolder(killed, (context) => [
    listSweepJobs(context.database, id, 'training').map(({ params, proposal }) => ({ params, proposal })),
    describeWholeSweep(context, requireSweep(context, id)).points.map(({ score, status }) => [status, score]),
  ])
  return { deaths, proposed, scores, started: readFileSync(path.join(work, 'started.txt'), 'utf8').trim().split('\n') }
}
