/**
 * Sweeps that stop trainings early, and that train finalists with more seeds, whose server is killed with SIGKILL again and again: no
 * step is trained twice, nothing is decided twice, and who goes on is whom an undisturbed sweep lets go on; counted outside the data folder.
 * CRASH_KILLS sets how many kills (the suite: 8 each); when comes from a seed that a failure prints, CRASH_SEED repeats it.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFailed, onTestFinished, test } from 'vitest'
import { listJudgements } from '../../db/queries/judgements.ts'
import { listLiveJobs } from '../../db/queries/jobs.ts'
import { createRandom } from '../../domain/stats/rng.ts'
import type { SweepInput } from '../../domain/sweep/sweep.ts'
import { evaluateAgain } from '../../server/act/checkpoints/evaluate-again.ts'
import { requireSweep } from '../../server/base/finding/find-sweep.ts'
import { createSweep } from '../../server/act/sweeps/create-sweep.ts'
import { checkData } from '../../server/act/system/check-data.ts'
import { describeWholeSweep } from '../../server/read/sweeps/describe-sweep.ts'
import { smallSweep, stub, stubs } from '../harness.ts'
import { inFolder, runKilled } from './killed.ts'

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)
const kills = Number(process.env.CRASH_KILLS ?? 8)
const timeout = 60_000 + kills * 12_000

type Killed = Parameters<typeof inFolder>[0]

/** Runs a sweep of which so many servers die, to its end; gives what was counted and how the sweep stands. `before`: what the folder is to know by then. */
async function runToItsEnd(
  instants: readonly string[],
  sweepOf: (counted: string) => SweepInput,
  before: (killed: Killed, counted: string) => Promise<void> = async () => {},
) {
  onTestFailed(() => console.error(`CRASH_SEED=${seed}`))
  const folder = mkdtempSync(path.join(tmpdir(), 'crash-looks-'))
  const outside = mkdtempSync(path.join(tmpdir(), 'crash-looks-counted-'))
  const killed = { folder, environment: { SWEEPBOARD_SLOTS: '3', SWEEPBOARD_KILL_SECONDS: '1' } }
  onTestFinished(() => {
    inFolder(killed, (context) => expect(listLiveJobs(context.database)).toEqual([]))
    for (const one of [folder, outside]) rmSync(one, { recursive: true, force: true, maxRetries: 5 })
  })
  const counted = path.join(outside, 'counted')
  writeFileSync(counted, '')
  await before(killed, counted)
  writeFileSync(counted, '')
  const id = inFolder(killed, (context) => createSweep(context, { definition: sweepOf(counted), directory: folder }).id)
  const deaths = await runKilled(killed, { kills, instants, uniform: createRandom(seed).uniform })
  expect(deaths).toHaveLength(kills)
  const lines = readFileSync(counted, 'utf8').trim().split('\n')
  expect(new Set(lines).size).toBe(lines.length)
  return inFolder(killed, (context) => {
    expect(checkData(context).problems).toEqual([])
    const row = requireSweep(context, id)
    return { lines, row, sweep: describeWholeSweep(context, row), judged: listJudgements(context.database, id) }
  })
}

test(
  `${kills} kills of the server of a sweep that stops trainings early repeat no step and decide nothing twice`,
  { timeout },
  async () => {
    const settings = Array.from({ length: Math.max(9, kills) }, (_, at) => String(at + 1))
    const kept = Math.ceil(settings.length / 3)
    const accuracies = settings.map(
      (value) => `${value}:B=${(0.9 - (0.8 * Number(value)) / settings.length).toFixed(4)}`,
    )
    const { sweep, lines, judged } = await runToItsEnd(
      ['any', 'any', 'after-claim', 'after-launch', 'in-ingest'],
      (counted) => ({
        name: 'stopped',
        axes: { quality: settings.toReversed(), epoch: { milestones: ['1', '3'] } },
        train: {
          command: [process.execPath, path.join(stubs, 'trains-by-epochs.mjs'), '3', '10', '1', counted, '60'],
          retries: 3,
        },
        track: 'none',
        evaluate: {
          command: stub('evaluates-by-key', '${report}', '${quality}', ...accuracies),
          report: { accuracies: 'acc' },
          gpus: 0,
        },
        score: { baseline: { B: 0.5 }, questions: { B: 1_000_000 } },
        stop_early: { method: 'milestones', hold: true },
      }),
    )
    expect(sweep.status).toBe('done')
    const last = sweep.points.filter(({ params }) => params.epoch === '3')
    // who came to its end while no server was there is not stopped; none is that belongs to the best third
    for (const { params, status } of last)
      if (Number(params.quality) <= kept) expect([params.quality, status]).toEqual([params.quality, 'scored'])
      else expect(['scored', 'stopped']).toContain(status)
    expect(sweep.points.filter(({ params }) => params.epoch === '1').every(({ status }) => status === 'scored')).toBe(
      true,
    )
    expect(new Set(judged.map(({ runId, rung }) => `${runId} ${rung}`)).size).toBe(judged.length)
    const stopped = last.filter(({ status }) => status === 'stopped')
    expect(judged.filter(({ verdict }) => verdict === 'stopped')).toHaveLength(stopped.length)
    const steps = Map.groupBy(lines, (line) => line.split(' ')[0]!)
    for (const { runId, status } of last) if (status === 'scored') expect(steps.get(String(runId))).toHaveLength(30)
  },
)

test(
  `${kills} kills of the server of a sweep with finalists choose them once and train each seed once`,
  { timeout },
  async () => {
    const settings = Array.from({ length: 6 }, (_, at) => String(at + 1))
    // each kill takes the trainings of three claims at most
    const seeds = 2 + Math.ceil((3 * kills) / settings.length)
    const usual = ['any', 'after-claim', 'in-ingest', 'after-launch']
    // that comes once, and again after whoever died there
    const once = Array.from({ length: Math.min(3, kills - 1) }, () => 'in-finalists 1')
    const instants = ['any', ...once, ...Array.from({ length: kills }, (_, at) => usual[at % usual.length]!)]
    const script = path.join(stubs, 'finishes.sh')
    const { sweep, lines, row } = await runToItsEnd(instants, (counted) =>
      smallSweep({
        name: 'finalists',
        axes: { quality: settings, seed: ['1'] },
        train: {
          command: [
            'bash',
            '-c',
            'echo "$1 $2" >> "$3"; sleep 0.1; exec bash "$4" 3',
            'bash',
            '${quality}',
            '${seed}',
            counted,
            script,
          ],
          retries: 3,
        },
        evaluate: { command: stub('evaluates', '${report}', 'B=0.6'), report: { accuracies: 'acc' } },
        score: { baseline: { B: 0.5 }, questions: { B: 100 } },
        finalists: { top: 6, seeds },
      }),
    )
    expect(sweep.status).toBe('done')
    expect(row.finalists).toMatchObject({ way: 'seeds', runs: 6, points: 6 })
    const wanted = settings.flatMap((quality) => Array.from({ length: seeds }, (_, at) => `${quality} ${at + 1}`))
    expect(lines.toSorted()).toEqual(wanted.toSorted())
    expect(sweep.points.map(({ params }) => `${params.quality} ${params.seed}`).toSorted()).toEqual(wanted.toSorted())
    expect(sweep.points.every(({ status }) => status === 'scored')).toBe(true)
  },
)

test(
  `${kills} kills of the server of a sweep whose finalists are asked with samples ask each of them once`,
  { timeout },
  async () => {
    // each kill takes what three claims would do at most; of finalists a file may ask for fifty
    const top = Math.min(50, 3 * kills)
    const settings = Array.from({ length: 3 * kills }, (_, at) => String(at + 1))
    const usual = ['after-claim', 'any', 'after-launch']
    const usually = Array.from({ length: kills }, (_, at) => usual[at % usual.length]!)
    const before = Math.floor((2 * kills) / 3)
    const instants = [...usually.slice(0, before), 'in-finalists 1', ...usually.slice(before)]
    const evaluates = path.join(stubs, 'evaluates-samples.sh')
    const script = 'sleep 0.1; exec bash "$0" "$@"'
    const sampled = (counted: string, parts: Partial<SweepInput>): SweepInput =>
      smallSweep({
        name: 'sampled',
        axes: { quality: settings, seed: ['1'] },
        // longer than two evaluations: else other seeds would be the cheaper way
        train: { command: ['bash', '-c', 'sleep 1; exec bash "$0" 2', path.join(stubs, 'finishes.sh')], retries: 3 },
        evaluate: {
          command: ['bash', '-c', script, evaluates, '${report}', '0.6', '${checkpoint}', counted],
          report: { accuracies: 'acc' },
          retries: 3,
        },
        score: { baseline: { B: 0.5 }, questions: { B: 200 } },
        ...parts,
      })
    const { sweep, lines, row } = await runToItsEnd(
      instants,
      (counted) => sampled(counted, { finalists: { top, seeds: 3 } }),
      async (killed, counted) => {
        const run = () => runKilled(killed, { kills: 0, instants: [], uniform: () => 0 })
        const create = (definition: SweepInput) =>
          inFolder(killed, (context) => createSweep(context, { definition, directory: killed.folder }).id)
        // how far a seed moves a score
        create(
          sampled(counted, {
            name: 'seeds',
            axes: { setting: ['x', 'y'], seed: ['1', '2', '3'] },
            evaluate: {
              command: stub('evaluates-by-key', '${report}', '${seed}', '1:B=0.6', '2:B=0.566', '3:B=0.634'),
              report: { accuracies: 'acc' },
            },
          }),
        )
        // and that the command draws several samples
        const first = create(sampled(counted, { name: 'first', axes: { quality: ['1'], seed: ['1'] } }))
        await run()
        inFolder(killed, (context) => {
          const [point] = describeWholeSweep(context, requireSweep(context, first)).points
          evaluateAgain(context, {
            checkpointIds: [point!.checkpoint!.id],
            benchmarks: [],
            samples: 2,
            temperature: 0.6,
          })
        })
        await run()
      },
    )
    expect([sweep.status, row.finalists?.way]).toEqual(['done', 'samples'])
    expect(row.finalists!.jobIds).toHaveLength(top)
    const each = Math.max(...lines.map((line) => Number(line.split(' ').at(-1))))
    expect(each).toBeGreaterThan(2)
    const chosen = new Set(row.finalists!.finalists.flat())
    expect(lines.toSorted()).toEqual(
      sweep.points
        .flatMap(({ number, checkpoint }) =>
          (chosen.has(number) ? [1, each] : [1]).map((n) => `${checkpoint!.path} ${n}`),
        )
        .toSorted(),
    )
    expect(sweep.finalists!.settings.every(({ interval }) => interval !== null)).toBe(true)
  },
)
