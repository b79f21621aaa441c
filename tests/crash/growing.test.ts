/**
 * A sweep is extended as the page does it, and the server is killed with SIGKILL while it makes the sweep, trains and evaluates: what
 * was there is kept, and nothing is started twice, counted outside the data folder. When to kill comes from a seed that a failure
 * prints; CRASH_SEED repeats it.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFailed, onTestFinished, test } from 'vitest'
import { listEverySweep } from '../../db/queries/sweeps.ts'
import { createRandom } from '../../domain/stats/rng.ts'
import type { SweepInput } from '../../domain/sweep/sweep.ts'
import { readConfig } from '../../server/base/process/config.ts'
import { openDataFolder } from '../../server/open.ts'
import { describeWholeSweep } from '../../server/read/sweeps/describe-sweep.ts'

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000)

test('killed while a sweep is extended from the page: nothing is started twice', { timeout: 240_000 }, async () => {
  onTestFailed(() => console.error(`CRASH_SEED=${seed}`))
  const random = createRandom(seed)
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'sweepboard-growing-data-'))
  const work = mkdtempSync(path.join(tmpdir(), 'sweepboard-growing-work-'))
  onTestFinished(() => {
    for (const folder of [dataFolder, work]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  writeFileSync(
    path.join(work, 'train.sh'),
    'echo "$1" >> trained.txt; sleep 0.4; mkdir -p "out/$1"; echo w > "out/$1/model.bin"\n',
  )
  writeFileSync(
    path.join(work, 'evaluate.sh'),
    'echo "$2" >> evaluated.txt; sleep 0.2; echo "{\\"acc\\": {\\"gsm8k\\": 0.8}, \\"other\\": {\\"gsm8k\\": 0.6}}" > "$1"\n',
  )
  const lines = (file: string) => {
    const at = path.join(work, file)
    return existsSync(at) ? readFileSync(at, 'utf8').trim().split('\n').toSorted() : []
  }
  const of = (values: string[], baseline: number, accuracies: string): SweepInput => ({
    name: 'growing',
    axes: { lr: values },
    train: { command: ['bash', 'train.sh', '${lr}'] },
    track: 'none',
    checkpoint: 'out/${lr}',
    evaluate: { command: ['bash', 'evaluate.sh', '${report}', '${lr}'], report: { accuracies } },
    score: { baseline: { gsm8k: baseline } },
  })

  /** Sends what the form sends until all of it is done, and kills the server so many times on the way. */
  async function extend(definition: SweepInput, kills: number): Promise<void> {
    const press = path.join(work, 'press.json')
    writeFileSync(press, JSON.stringify({ definition, directory: work, reuse: true, overwrite: false }))
    for (let left = kills; ; left--) {
      // while the sweep is made, or while its jobs run
      const after = random.uniform() < 0.5 ? random.uniform() * 60 : random.uniform() * 700
      const ended = await runServer([dataFolder, press], left > 0 ? after : null)
      if (ended === 0) return
      expect(ended).toBe('SIGKILL')
    }
  }

  await extend(of(['1', '2', '3'], 0.5, 'acc'), 0)
  await extend(of(['1', '2', '3', '4'], 0.5, 'acc'), 2)
  expect(lines('trained.txt')).toEqual(['1', '2', '3', '4'])
  expect(lines('evaluated.txt')).toEqual(['1', '2', '3', '4'])
  await extend(of(['1', '2', '3', '4'], 0.4, 'acc'), 2)
  expect([lines('trained.txt').length, lines('evaluated.txt').length]).toEqual([4, 4])
  await extend(of(['1', '2', '3', '4'], 0.4, 'other'), 2)
  expect(lines('trained.txt')).toHaveLength(4)
  expect(lines('evaluated.txt')).toEqual(['1', '1', '2', '2', '3', '3', '4', '4'])

  const opened = openDataFolder(readConfig({ ...process.env, SWEEPBOARD_SLOTS: '4' }, dataFolder))
  if (!('context' in opened)) throw new Error('the data folder is held')
  const { context } = opened
  const scores = listEverySweep(context.database).map((sweep) =>
    describeWholeSweep(context, sweep).points.map((point) => point.score),
  )
  opened.close()
  // each press made one sweep, however often it was repeated
  const [three, ...grown] = [0.8 / 0.5, 0.8 / 0.5, 0.8 / 0.4, 0.6 / 0.4]
  expect(scores).toEqual([[three, three, three], ...grown.map((score) => [score, score, score, score])])
})

/** Runs a server until it has nothing left to do, or kills it so many milliseconds after it is ready; gives its exit code or signal. */
async function runServer(given: string[], killAfter: number | null): Promise<number | string | null> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'server.ts'), ...given], {
    env: { ...process.env, SWEEPBOARD_SLOTS: '4', SWEEPBOARD_KILL_SECONDS: '1', CRASH_INSTANT: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let timer: NodeJS.Timeout | undefined
  child.stdout.once('data', () => {
    if (killAfter !== null) timer = setTimeout(() => child.kill('SIGKILL'), killAfter)
  })
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...end) => resolve(end)),
  )
  clearTimeout(timer)
  return signal ?? code
}
