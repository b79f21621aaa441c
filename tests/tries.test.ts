/** Trying a part of a sweep before it is there: what was read of it, how it ends, and that nothing of it is kept, scored or left running. */
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TryView } from '../contract/api/tries.ts'
import { boardQuerySchema } from '../domain/asking/board-query.ts'
import { listSweeps } from '../db/queries/sweeps.ts'
import type { TryOrder } from '../server/act/tries/prepare-try.ts'
import { readLogIn } from '../server/read/runs/read-log.ts'
import { readBoard } from '../server/read/leaderboard/read-board.ts'
import { describeSystem } from '../server/read/system/describe-system.ts'
import { apiOf } from './browser/sweeps.ts'
import { fileAppears, openTestServer, smallSweep, type TestServer } from './harness.ts'
import { startServer } from './start-server.ts'

let server: TestServer
let work: string
beforeEach(() => {
  server = openTestServer()
  work = mkdtempSync(path.join(tmpdir(), 'sweepboard-tries-'))
  mkdirSync(path.join(work, 'base'))
  writeFileSync(path.join(work, 'base/model.bin'), 'weights')
})
afterEach(async () => {
  await server.close()
  rmSync(work, { recursive: true, force: true })
})

const evaluation = (script: string, report: object = { accuracies: 'acc' }): TryOrder => ({
  of: 'evaluation',
  definition: {
    // as a form has it that is not whole: no name, no score, no trainer
    axes: { lr: ['1e-5', '2e-5'], later: [] },
    evaluate: { command: ['bash', '-c', script, 'evaluate', '${checkpoint}', '${report}', '${lr}'], report },
  },
  directory: work,
  checkpoint: 'base',
  seconds: 60,
})
const training = (script: string, parts: object = {}): TryOrder => ({
  of: 'training',
  definition: {
    name: 'mine',
    axes: { lr: ['1e-5', '2e-5'], epoch: { milestones: ['1', '2'] } },
    train: { command: ['bash', '-c', script, 'train', '${lr}'] },
    checkpoint: 'out/${lr}/epoch_${epoch}',
    ...parts,
  },
  directory: work,
  seconds: 60,
  untilCheckpoint: true,
})

/** Resolves with what the newest try looks like once that holds. */
async function until(condition: (view: TryView) => boolean): Promise<TryView> {
  const met = Promise.withResolvers<TryView>()
  const look = () => {
    const view = server.tries.view()
    if (view !== null && condition(view)) met.resolve(view)
  }
  const timer = setInterval(look, 20)
  look()
  return met.promise.finally(() => clearInterval(timer))
}
const ended = () => until(({ status }) => status === 'ended')
async function tried(order: TryOrder): Promise<TryView> {
  await server.tries.start(order)
  return ended()
}
/** Live processes whose arguments hold the text. */
const processesWith = (text: string) =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text)
    } catch {
      return false
    }
  })
async function nobodyHas(text: string): Promise<void> {
  while (processesWith(text).length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
}

test('what an evaluation reported is shown benchmark by benchmark, and nothing of it is kept', async () => {
  const view = await tried({
    ...evaluation(`echo "of $1 at $3"; echo '{"acc":{"A":{"correct":3,"total":4},"B":0.5,"C":70}}' > "$2"`),
    wanted: ['A', 'D'],
  })
  expect(view).toMatchObject({ of: 'evaluation', wanted: 1, end: { text: 'It ended with exit code 0.', good: true } })
  expect(view.evaluated).toBe(path.join(work, 'base'))
  expect(view.report).toMatchObject({
    problem: null,
    missing: ['D'],
    results: [
      { benchmark: 'A', accuracy: 0.75, correct: 3, total: 4, counts: true },
      { benchmark: 'B', accuracy: 0.5, total: null, counts: false },
      { benchmark: 'C', accuracy: null, error: expect.stringContaining('70') },
    ],
  })
  const { folder, over } = server.tries.place(view.id)!
  expect(readLogIn(folder, 'stdout', over).text).toBe(`of ${path.join(work, 'base')} at 1e-5\n`)
  expect(listSweeps(server.context.database)).toEqual([])
  expect(readBoard(server.context, boardQuerySchema.parse({}), 0, 10).total).toBe(0)
})

test('an evaluation that is told which questions to ask is told all of them', async () => {
  const script = 'cat "$2"; echo \'{"acc":{"A":{"correct":1,"total":3}}}\' > "$1"'
  const command = ['bash', '-c', script, 'evaluate', '${report}', '${questions}']
  const order = (score: object): TryOrder => ({
    ...evaluation(script),
    definition: { axes: { lr: ['1e-5'] }, evaluate: { command, report: { accuracies: 'acc' } }, score },
  })
  await expect(tried(order({ baseline: { A: 0.5 } }))).rejects.toThrow(
    "${questions} is a file that names each benchmark's questions, and how many there are is not said",
  )
  const view = await tried(order({ questions: { A: 3 } }))
  expect(view.report).toMatchObject({ problem: null, results: [{ benchmark: 'A', correct: 1, total: 3 }] })
  const { folder, over } = server.tries.place(view.id)!
  expect(readLogIn(folder, 'stdout', over).text).toBe('{"A":[0,1,2]}\n')
})

test.for([
  ['it fails', `echo 'ValueError: no such model' >&2; exit 3`, 'It ended with exit code 3: ValueError: no such model'],
  ['its program is not there', null, 'nosuchprogram'],
] as const)('an evaluation says why it gave nothing: %s', async ([, script, sentence]) => {
  const order = evaluation(script ?? '')
  if (script === null) {
    const definition = { axes: { lr: ['1'] }, evaluate: { command: ['nosuchprogram', '${report}'] } }
    await expect(server.tries.start({ ...order, definition })).rejects.toThrow(sentence)
    return
  }
  const view = await tried(order)
  expect(view).toMatchObject({ report: null, end: { text: expect.stringContaining(sentence), good: false } })
})

test.for([
  ['none', 'true', 'The evaluation wrote no report at'],
  ['a cut one', `printf '{"acc":{"A":0.' > "$2"`, 'is no whole JSON'],
  ['another shape', `echo '{"results":{}}' > "$2"`, 'has no acc'],
  ['a pipe', `mkfifo "$2"`, 'is a named pipe'],
  ['a link that leads to a device', `ln -s /dev/zero "$2"`, 'is a device'],
  ['a folder', `mkdir "$2"`, 'is a folder'],
  ['nested too deep', `head -c 200000 /dev/zero | tr '\\0' '[' > "$2"`, 'report'],
] as const)('a hostile report is refused in words: %s', async ([, script, sentence]) => {
  const { report } = await tried(evaluation(script))
  expect(report!.results).toEqual([])
  expect(report!.problem).toContain(sentence)
})

test('a report of before that the evaluation left as it was is none of its own', async () => {
  writeFileSync(path.join(work, 'results.json'), '{"acc":{"A":0.9}}')
  const { report } = await tried(evaluation('true', { accuracies: 'acc', file: 'results.json' }))
  expect(report!.problem).toContain('left the report')
})

test('answers that lie outside of its folder are not looked at', async () => {
  writeFileSync(path.join(work, 'secret.jsonl'), '{"id":"1","correct":true}\n')
  const { report } = await tried(
    evaluation(
      `ln -s "$PWD/secret.jsonl" "$SWEEPBOARD_RUN_DIR/items.jsonl"; echo '{"type":"evaluation","step":0,"benchmark":"A","correct":1,"total":2,"items":"items.jsonl"}' >> "$SWEEPBOARD_EVENTS"`,
    ),
  )
  expect(report!.results).toMatchObject([{ benchmark: 'A', accuracy: 0.5, answers: { count: 0 } }])
  expect(report!.results[0]!.answers!.problems[0]).toContain('leads out of the folders')
})

test('an evaluation that takes too long is stopped, with what it started', async () => {
  const mark = `4${Date.now()}`
  const view = await tried({
    ...evaluation(`setsid sleep ${mark} & echo '{"acc":{"A":1}}' > "$2"; sleep ${mark}`),
    seconds: 1,
  })
  expect(view).toMatchObject({
    report: null,
    end: { text: 'It was stopped after 1 s, before it had ended: give it longer.' },
  })
  await nobodyHas(mark)
})

test('a training is the first point, and ends at its first checkpoint', async () => {
  const view = await tried(
    training(
      `echo '{"type":"metrics","step":7,"values":{"loss":0.5}}' >> "$SWEEPBOARD_EVENTS"; mkdir -p out/$1/epoch_1; echo w > out/$1/epoch_1/w.txt; exec sleep 1000`,
    ),
  )
  const saved = path.join(work, 'out/1e-5/epoch_1')
  expect(view).toMatchObject({
    checkpoint: saved,
    metrics: [{ name: 'loss', step: 7, value: 0.5 }],
    end: { text: `It wrote its first checkpoint, ${saved}, and was stopped.`, good: true },
  })
  expect(view.command!.at(-1)).toBe('1e-5')
  expect(JSON.parse(readFileSync(path.join(server.dataFolder, 'tries', view.id, 'run/job.json'), 'utf8')).run).toBe(0)
})

test('a checkpoint that was there before is not the training’s first', async () => {
  mkdirSync(path.join(work, 'out/1e-5/epoch_1'), { recursive: true })
  writeFileSync(path.join(work, 'out/1e-5/epoch_1/w.txt'), 'old')
  const view = await tried(training('true'))
  expect(view).toMatchObject({
    checkpoint: null,
    end: { text: expect.stringContaining('no checkpoint was found'), good: false },
  })
})

test('a try writes over nothing that counts', async () => {
  const parts = {
    axes: { lr: ['1e-5'] },
    train: { command: ['bash', '-c', 'mkdir -p out; echo w > out/$1', 'train', '${lr}'] },
    checkpoint: 'out/${lr}',
  }
  const id = server.create(smallSweep(parts))
  await server.finished(id)
  await expect(
    server.tries.start({ ...training(''), definition: smallSweep(parts), directory: server.dataFolder }),
  ).rejects.toThrow('It would write over')
})

test('it waits for slots, is given them before any job, and nobody else has them meanwhile', async () => {
  const gate = path.join(work, 'gate')
  const wait = (name: string) => `echo > ${name}; while [ ! -e ${gate}-${name} ]; do sleep 0.02; done`
  const id = server.create(
    smallSweep({
      axes: { a: ['1', '2', '3', '4', '5'] },
      train: { command: ['bash', '-c', `${wait('job-$0')}`, '${a}'] },
    }),
  )
  const started = (name: string) => fileAppears(path.join(server.dataFolder, name))
  await Promise.all(['1', '2', '3', '4'].map((a) => started(`job-${a}`)))
  await server.tries.start(
    training(`${wait('try')}; exit 0`, { train: { command: ['bash', '-c', wait('try')], gpus: 2 } }),
  )
  expect(server.tries.view()).toMatchObject({ status: 'waiting', wanted: 2 })
  writeFileSync(`${gate}-job-1`, '')
  await until(() => server.context.trySlots.held.length === 1)
  writeFileSync(`${gate}-job-2`, '')
  await fileAppears(path.join(work, 'try'))
  const { slots } = server.tries.view()!
  expect(slots).toHaveLength(2)
  const held = (await describeSystem(server.context, { halted: null, problem: null })).slots.filter(
    ({ usedBy }) => usedBy === 'a try, from the form',
  )
  expect(held.map((slot) => slot.id)).toEqual([...slots].toSorted())
  expect(existsSync(path.join(server.dataFolder, 'job-5'))).toBe(false)
  await expect(server.tries.start(evaluation('true'))).rejects.toThrow('A try of mine (its training) goes on')
  writeFileSync(`${gate}-try`, '')
  await ended()
  // its slots are the sweep's again
  await started('job-5')
  for (const a of ['3', '4', '5']) writeFileSync(`${gate}-job-${a}`, '')
  await server.finished(id)
})

test('Cancel ends it with all that it started, also what left its group', async () => {
  const mark = `5${Date.now()}`
  const id = await server.tries.start(
    training(`trap '' TERM; setsid bash -c "trap '' TERM; sleep ${mark} & wait" & touch begun; sleep ${mark}`),
  )
  await fileAppears(path.join(work, 'begun'))
  await server.tries.cancel(id)
  expect((await ended()).end).toEqual({ text: 'It was cancelled.', good: false })
  await nobodyHas(mark)
})

test.for(['SIGTERM', 'SIGKILL'] as const)('a server that ends by %s takes its try along', async (signal) => {
  const mark = `6${Date.now()}`
  const real = await startServer()
  const api = apiOf(real)
  await api.tries.start.mutate(training(`setsid sleep ${mark} & touch begun-${signal}; sleep ${mark}`))
  await fileAppears(path.join(work, `begun-${signal}`))
  expect(processesWith(mark).length).toBeGreaterThan(1)
  const gone = once(real.process, 'exit')
  real.process.kill(signal)
  await gone
  await nobodyHas(mark)
  await real.stop()
})

test('what neither the server nor its launcher could end, the next server does, and removes its folder', async () => {
  const mark = `7${Date.now()}`
  const real = await startServer({ dataFolder: path.join(work, 'data') })
  await apiOf(real).tries.start.mutate(training(`touch begun; exec sleep ${mark}`))
  await fileAppears(path.join(work, 'begun'))
  const launcher = processesWith('local/launcher.ts').find((pid) =>
    readFileSync(`/proc/${pid}/stat`, 'latin1').includes(` ${real.process.pid} `),
  )
  process.kill(Number(launcher), 'SIGKILL')
  const gone = once(real.process, 'exit')
  real.process.kill('SIGKILL')
  await gone
  expect(processesWith(mark).length).toBeGreaterThan(0)
  const next = await startServer({ dataFolder: path.join(work, 'data') })
  await nobodyHas(mark)
  while (readdirSync(path.join(work, 'data/tries')).length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await apiOf(next).tries.get.query()).toBeNull()
  await next.stop()
})

test('what a built-in trainer saved in a try can be tried on its evaluation', async () => {
  const definition = {
    axes: { learning_rate: ['2e-3'] },
    trainer: 'sft',
    config: {
      width: 16,
      layers: 1,
      heads: 2,
      epochs: 1,
      dataset_size: 64,
      benchmarks: ['level-1'],
      maximum_questions: 20,
    },
  }
  const first = await tried({ of: 'training', definition, directory: work, seconds: 120, untilCheckpoint: true })
  expect(first.checkpoint, JSON.stringify(first.end)).not.toBeNull()
  const second = await tried({
    of: 'evaluation',
    definition,
    directory: work,
    checkpoint: first.checkpoint!,
    seconds: 120,
  })
  expect(second.report, JSON.stringify(second.end)).toMatchObject({
    problem: null,
    results: [{ benchmark: 'level-1' }],
  })
})

test.for([
  [{ checkpoint: '' }, 'expected the path of one that is there'],
  [{ checkpoint: 'nowhere' }, 'There is no checkpoint at'],
  [{ definition: { axes: { lr: ['1'] } } }, 'There is no evaluation command yet'],
  [{ definition: { axes: {}, evaluate: { command: ['true', '${batch}'] } } }, '${batch}'],
  [{ definition: { evaluate: { command: ['true'], gpus: 9 } } }, 'asks for 9 slots and this machine has 4'],
  [{ definition: { evaluate: { command: ['true'] }, executor: { slurm: {} } } }, 'runs on slurm'],
  [{ definition: 'text' }, 'There is no evaluation command yet'],
] as [Partial<TryOrder>, string][])(
  'what cannot be tried is refused with the reason: %j',
  async ([parts, sentence]) => {
    await expect(server.tries.start({ ...evaluation('true'), ...parts })).rejects.toThrow(sentence)
    expect(server.tries.view()).toBeNull()
  },
)
