/** The command line as a person or a script calls it: its own process, real trainers, exit codes. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { writeSweepText } from '../server/formats/write-sweep-file.ts'
import { smallSweep, stub } from './harness.ts'
import { type CommandFolder, openCommandFolder } from './start-command.ts'
import { startServer } from './start-server.ts'

let commands: CommandFolder
let { folder, dataFolder, start, run, attempts } = {} as CommandFolder

beforeEach(() => {
  commands = openCommandFolder()
  ;({ folder, dataFolder, start, run, attempts } = commands)
})
afterEach(() => commands.close())

function write(sweep: SweepInput, name = 'sweep.yaml'): string {
  writeFileSync(path.join(folder, name), writeSweepText(sweep))
  return name
}

const withData = (...given: string[]) => [...given, '--data', 'data']
test('a sweep runs to its leaderboard: plain lines on stderr, the table on stdout, exit 0', async () => {
  const file = write(smallSweep({ name: 'first', score: { baseline: { B: 0.25 }, questions: { B: 40 } } }))
  const { code, stdout, stderr } = await run(withData(file))
  expect(code, stderr).toBe(0)
  expect(stderr).toContain('first: 2 trainings, 2 points; 2 CPU slots; ')
  expect(stderr).toContain('point 1 of 2 (a 1): 2.000')
  expect(stderr).toContain('point 2 of 2 (a 2): 2.000')
  expect(stdout).toMatch(/^first: 2 of 2 points scored in \d+ s\n/)
  expect(stdout).toMatch(/score {2}95 % interval {2}a {3}B % {2}run\n/)
  expect(stdout).toContain('Scores this close: mostly luck')
  expect(stdout).toContain('~ may be the best')
})

test('--json prints one object and nothing else on stdout', async () => {
  const axes = { learning_rate: ['1e-5', '07'], epoch: { milestones: ['3', '6'] } }
  const file = write(smallSweep({ axes, train: { command: stub('finishes', '6', '3', '6') } }))
  const { code, stdout } = await run(withData(file, '--json'))
  expect(code).toBe(0)
  const outcome = JSON.parse(stdout)
  expect(outcome).toMatchObject({ sweep: { id: 1, name: 'small', status: 'done' }, trainings: 2 })
  expect(outcome).toMatchObject({ trainings_run: 2, trainings_reused: 0, evaluations_run: 4 })
  expect(outcome.points).toHaveLength(4)
  expect(outcome.points[3]).toEqual({
    params: { learning_rate: '07', epoch: '6' },
    run: expect.any(Number),
    run_id: expect.any(Number),
    attempt: 1,
    status: 'scored',
    checkpoint: { path: expect.stringContaining('step-6'), step: 6, epoch: 6 },
    accuracies: { B: { correct: null, total: null, accuracy: 0.5 } },
    score: 2,
    interval: null,
    chance_of_best: null,
    error: null,
  })
  expect(outcome.best).toEqual(outcome.points[0])
})

test('the same file again repeats nothing; --new starts afresh', async () => {
  const file = write(smallSweep())
  expect((await run(withData(file))).code).toBe(0)
  const before = attempts()
  // another layout of the same definition is the same sweep
  writeFileSync(path.join(folder, file), `# again\n${readFileSync(path.join(folder, file), 'utf8')}`)
  const again = await run(withData(file))
  expect(again.code).toBe(0)
  expect(again.stderr).toContain('small goes on: 2 of 2 points scored')
  expect(attempts()).toBe(before)
  const afresh = await run(withData(file, '--new', '--json'))
  expect(JSON.parse(afresh.stdout).sweep.id).toBe(2)
  expect(attempts()).toBe(2 * before)
})

test.each<[string, string, string]>([
  [
    'an unknown key',
    'name: x\naxis: { a: [1] }\nscore: { baseline: { A: 0.5 } }\n',
    'sweep.yaml:2:1: "axis" is no key of a sweep',
  ],
  [
    'a value twice',
    'name: x\naxes:\n  a: [1, 2, 1]\ntrain: { command: [true] }\nscore: { baseline: { A: 0.5 } }\n',
    'sweep.yaml:3:13: The value 1 stands twice',
  ],
  [
    'an unknown placeholder',
    'name: x\naxes: { a: [1] }\ntrain: { command: [true, "${b}"] }\nscore: { baseline: { A: 0.5 } }\n',
    'sweep.yaml:3:26: There is no ${b} in this sweep',
  ],
  [
    'too many slots',
    'name: x\naxes: { a: [1] }\ntrain: { command: [true], gpus: 3 }\nscore: { baseline: { A: 0.5 } }\n',
    'sweep.yaml:3:33: A training asks for 3 slots',
  ],
  [
    'no such program',
    'name: x\naxes: { a: [1] }\ntrain: { command: [./none.sh] }\nscore: { baseline: { A: 0.5 } }\n',
    'sweep.yaml:3:20: The program ./none.sh is not found',
  ],
  ['broken YAML', 'name: x\naxes: { a: [1 }\n', 'sweep.yaml:2:15: The file is not valid YAML'],
])('%s is refused with its place before anything starts', async (_, text, message) => {
  writeFileSync(path.join(folder, 'sweep.yaml'), text)
  const { code, stdout, stderr } = await run(withData('sweep.yaml', '--json'))
  expect(stderr).toContain(message)
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(attempts()).toBe(0)
})

test('arguments that make no sense are refused with exit code 2', async () => {
  for (const [given, message] of [
    [['a.yaml', '--fast'], "Unknown option '--fast'"],
    [['none.yaml'], 'none.yaml: there is no such file'],
  ] as const) {
    const { code, stdout, stderr } = await run([...given])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  }
})

test('points that fail are named on stderr, exit 1; once mended, the same command runs only these', async () => {
  writeFileSync(path.join(folder, 'train.sh'), 'if [ "$1" = 2 ]; then echo "no such optimizer" >&2; exit 3; fi\n')
  const file = write(
    smallSweep({
      axes: { a: ['1', '2', '3'] },
      train: { command: ['bash', 'train.sh', '${a}'] },
    }),
  )
  const failed = await run(withData(file))
  expect(failed.code).toBe(1)
  expect(failed.stderr).toContain('Failed: point 2 (run 2; a 2): ')
  expect(failed.stderr).toContain('no such optimizer')
  expect(failed.stdout).toMatch(/^small: 2 of 3 points scored/)
  const before = attempts()
  writeFileSync(path.join(folder, 'train.sh'), '')
  const mended = await run(withData(file))
  expect(mended.code, mended.stderr).toBe(0)
  expect(mended.stderr).not.toContain('point 1 of 3')
  expect(attempts()).toBe(before + 2)
})

test('a report that lacks a benchmark: once the script is mended, the same command evaluates these points again', async () => {
  const script = path.join(folder, 'evaluate.sh')
  writeFileSync(script, 'echo \'{"acc": {}}\' > "$1"\n')
  const file = write(
    smallSweep({ evaluate: { command: ['bash', script, '${report}'], report: { accuracies: 'acc' } } }),
  )
  const failed = await run(withData(file))
  expect(failed.code).toBe(1)
  expect(failed.stderr).toContain('B is missing')
  const before = attempts()
  writeFileSync(script, 'echo \'{"acc": {"B": 0.5}}\' > "$1"\n')
  const mended = await run(withData(file))
  expect(mended.code, mended.stderr).toBe(0)
  expect(mended.stdout).toMatch(/^small: 2 of 2 points scored/)
  // two evaluations, no training
  expect(attempts()).toBe(before + 2)
})

test('the first Ctrl-C lets the trainer save and says how to go on; the same command goes on from there', async () => {
  const file = write(smallSweep({ axes: { a: ['1'] }, train: { command: stub('saves-on-sigterm', '40') } }))
  const first = start(withData(file, '--json'))
  await first.writes('runs/1/1/events.jsonl')
  first.process.kill('SIGINT')
  expect(await first.ended).toBe(130)
  expect(first.stderr()).toContain('has 5 s to do so')
  expect(first.stderr()).toContain('The same command goes on from here.')
  expect(JSON.parse(first.stdout()).sweep.status).toBe('paused')
  const second = await run(withData(file, '--json'))
  expect(second.code, second.stderr).toBe(0)
  expect(JSON.parse(second.stdout).points[0]).toMatchObject({ attempt: 2, checkpoint: { step: 40 }, score: 2 })
  expect(readFileSync(path.join(dataFolder, 'runs/1/2/stdout.log'), 'utf8')).not.toContain('begins after step 0')
})

test('a second Ctrl-C leaves at once; what runs goes on, and the same command finds it', async () => {
  const gate = path.join(folder, 'gate')
  const file = write(
    smallSweep({
      axes: { a: ['1'] },
      train: { command: ['bash', '-c', 'trap "" TERM; exec "$@"', 'bash', ...stub('waits-for-file', gate)] },
    }),
  )
  const first = start(withData(file), { SWEEPBOARD_KILL_SECONDS: '600' })
  await first.writes('runs/1/1/events.jsonl')
  first.process.kill('SIGINT')
  await first.says('Stopping')
  // the same key may arrive twice: only a later one counts
  const again = setInterval(() => first.process.kill('SIGINT'), 100)
  expect(await first.ended).toBe(130)
  clearInterval(again)
  expect(first.stderr()).toContain('What runs goes on by itself')
  writeFileSync(gate, '')
  const second = await run(withData(file, '--json'), { SWEEPBOARD_KILL_SECONDS: '600' })
  expect(second.code, second.stderr).toBe(0)
  // nobody killed the first attempt: it ended by itself, and was found
  expect(JSON.parse(readFileSync(path.join(dataFolder, 'control/1-1/exit.json'), 'utf8'))).toMatchObject({
    exitCode: 0,
  })
})

test('a command that was killed loses nothing: the same one goes on', async () => {
  const gate = path.join(folder, 'gate')
  const file = write(smallSweep({ axes: { a: ['1', '2', '3'] }, train: { command: stub('waits-for-file', gate) } }))
  const first = start(withData(file))
  await first.writes('runs/2/1/events.jsonl')
  first.process.kill('SIGKILL')
  expect(await first.ended).toBeNull()
  writeFileSync(gate, '')
  const second = await run(withData(file, '--json'))
  expect(second.code, second.stderr).toBe(0)
  const outcome = JSON.parse(second.stdout)
  expect(outcome.sweep.id).toBe(1)
  expect(outcome.points.map((point: { attempt: number }) => point.attempt)).toEqual([1, 1, 1])
})

test('another command on the same data folder is told who holds it', async () => {
  const gate = path.join(folder, 'gate')
  const file = write(smallSweep({ axes: { a: ['1'] }, train: { command: stub('waits-for-file', gate) } }))
  const first = start(withData(file))
  await first.writes('runs/1/1/events.jsonl')
  const second = await run(withData(file))
  expect(second.code).toBe(1)
  expect(second.stderr).toContain(
    `Another command (process ${first.process.pid}) works on the data folder ${dataFolder}`,
  )
  writeFileSync(gate, '')
  expect(await first.ended).toBe(0)
})

test('a changed file trains and evaluates what is new, says so before, and counts it', async () => {
  const of = (a: string[], name = 'small') => write(smallSweep({ name, axes: { a } }))
  expect((await run(withData(of(['1', '2'])))).code).toBe(0)
  const more = await run(withData(of(['1', '2', '3']), '--json'))
  expect(more.code, more.stderr).toBe(0)
  expect(more.stderr).toContain('2 of 3 trainings are not repeated: sweep 1 (small) did the same')
  const outcome = JSON.parse(more.stdout)
  expect(outcome).toMatchObject({ trainings: 3, trainings_run: 1, trainings_reused: 2, evaluations_run: 1 })
  expect(outcome.points.map((point: { reused?: true }) => point.reused)).toEqual([true, true, undefined])
  const again = JSON.parse((await run(withData(of(['1', '2', '3']), '--json'))).stdout)
  expect(again).toMatchObject({ sweep: { id: 2 }, trainings_run: 0, trainings_reused: 2, evaluations_run: 0 })
  const afresh = JSON.parse((await run(withData(of(['1']), '--json', '--new'))).stdout)
  expect(afresh).toMatchObject({ trainings_run: 1, trainings_reused: 0, evaluations_run: 1 })
})

test('where a server holds the data folder, the sweep runs there and is followed', async () => {
  const gate = path.join(folder, 'gate')
  const token = 'a-token-of-this-test'
  const server = await startServer({ dataFolder, environment: { SWEEPBOARD_TOKEN: token } })
  try {
    const file = write(smallSweep({ axes: { a: ['1'] }, train: { command: stub('waits-for-file', gate) } }))
    const bad = path.join(folder, 'bad.yaml')
    writeFileSync(bad, 'name: x\naxis: { a: [1] }\n')
    expect(await run(withData('bad.yaml'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('bad.yaml:2:1: "axis"'),
    })
    const first = start(withData(file))
    await first.writes('runs/1/1/events.jsonl')
    first.process.kill('SIGINT')
    expect(await first.ended).toBe(130)
    expect(first.stderr()).toMatch(/It goes on at http:.*, where it can be paused or cancelled/)
    writeFileSync(gate, '')
    const second = await run(withData(file, '--json'))
    expect(second.code, second.stderr).toBe(0)
    expect(JSON.parse(second.stdout)).toMatchObject({ sweep: { id: 1 }, points: [{ attempt: 1, score: 2 }] })
  } finally {
    await server.stop()
  }
})
