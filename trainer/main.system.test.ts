/** The trainer as the server starts it: a process, a job file, events, exit codes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { nativeBackendInstalled } from './backend.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const root = mkdtempSync(path.join(tmpdir(), 'sweepboard-trainer-'))
const children = new Set<ChildProcess>()
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

type Event = Record<string, unknown> & { type: string; step: number; path: string }

const tiny = {
  trainer: 'sft',
  layers: 1,
  width: 16,
  heads: 2,
  dataset_size: 64,
  batch_size: 4,
  row_length: 32,
  maximum_new_tokens: 8,
  maximum_questions: 20,
  checkpoint_every_steps: 20,
  epochs: 40,
}

function events(folder: string): Event[] {
  const file = path.join(folder, 'events.jsonl')
  if (!existsSync(file)) return []
  // a last line that is still being written is left for the next look
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Event)
}

/** Starts the trainer; `stderr` fills while it runs. */
function start(name: string, job: Record<string, unknown>, environment: Record<string, string> = {}) {
  const folder = path.join(root, name)
  mkdirSync(folder, { recursive: true })
  const eventsFile = path.join(folder, 'events.jsonl')
  writeFileSync(eventsFile, '')
  writeFileSync(
    path.join(folder, 'job.json'),
    JSON.stringify({
      kind: 'training',
      run: 1,
      attempt: 1,
      sweep: { id: 1, name: 'test' },
      params: {},
      milestones: null,
      init: null,
      resume: null,
      evaluation: null,
      runFolder: folder,
      eventsFile,
      slots: ['0'],
      ...job,
    }),
  )
  const child = spawn(process.execPath, [main], {
    env: {
      ...process.env,
      ...environment,
      SWEEPBOARD_JOB: path.join(folder, 'job.json'),
      SWEEPBOARD_EVENTS: eventsFile,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.add(child)
  let stderr = ''
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
    stderr,
  }))
  return { folder, child, ended }
}

/** Resolves once an event of the run fits. */
async function eventThat(folder: string, fits: (event: Event) => boolean): Promise<Event> {
  const watcher = watch(path.join(folder, 'events.jsonl'))
  try {
    for (;;) {
      const found = events(folder).find(fits)
      if (found) return found
      await once(watcher, 'change')
    }
  } finally {
    watcher.close()
  }
}

const model = (folder: string, step: number) =>
  readFileSync(path.join(folder, 'checkpoints', `step-${step}`, 'model.safetensors'))

test('killed with SIGKILL, or asked to leave with SIGTERM, and resumed: the same weights as without', async () => {
  const whole = start('whole', { config: tiny })
  expect(await whole.ended).toEqual({ code: 0, signal: null, stderr: '' })

  const killed = start('killed', { config: tiny })
  await eventThat(killed.folder, (event) => event.type === 'checkpoint' && event.step >= 40)
  killed.child.kill('SIGKILL')
  expect((await killed.ended).signal).toBe('SIGKILL')
  const last = events(killed.folder).findLast((event) => event.type === 'checkpoint')!
  const resumed = start('resumed', { config: tiny, resume: path.join(killed.folder, last.path) })
  expect((await resumed.ended).code).toBe(0)
  expect(model(resumed.folder, 640).equals(model(whole.folder, 640))).toBe(true)
  expect(events(resumed.folder).find((event) => event.type === 'metrics')!.step).toBe(last.step + 1)

  const stopped = start('stopped', { config: tiny })
  await eventThat(stopped.folder, (event) => event.type === 'metrics' && event.step >= 30)
  stopped.child.kill('SIGTERM')
  expect(await stopped.ended).toEqual({ code: 143, signal: null, stderr: '' })
  const saved = events(stopped.folder).at(-1)!
  expect(saved.type).toBe('checkpoint')
  const continued = start('continued', { config: tiny, resume: path.join(stopped.folder, saved.path) })
  expect((await continued.ended).code).toBe(0)
  expect(model(continued.folder, 640).equals(model(whole.folder, 640))).toBe(true)
}, 60_000)

test('milestones: a checkpoint at each epoch, and the axis is no setting', async () => {
  const run = start('milestones', {
    config: { ...tiny, checkpoint_every_steps: 0, epoch: 3 },
    milestones: { axis: 'epoch', unit: 'epoch', values: [1, 3] },
  })
  expect((await run.ended).code).toBe(0)
  const all = events(run.folder)
  expect(all[0]).toMatchObject({ type: 'note', level: 'info', text: 'backend: wasm with own kernels' })
  expect(
    all.filter((event) => event.type === 'checkpoint').map(({ step, epoch, path }) => ({ step, epoch, path })),
  ).toEqual([
    { step: 16, epoch: 1, path: 'checkpoints/step-16' },
    { step: 48, epoch: 3, path: 'checkpoints/step-48' },
  ])
  expect(all.filter((event) => event.type === 'metrics').map(({ step }) => step)).toEqual(
    Array.from({ length: 48 }, (_, index) => index + 1),
  )
  expect(all.findLast((event) => event.type === 'progress')).toMatchObject({ done: 48, total: 48 })

  const report = path.join(root, 'reports', 'report.json')
  const evaluation = start('evaluation', {
    kind: 'evaluation',
    config: { ...tiny, epoch: 3 },
    milestones: { axis: 'epoch', unit: 'epoch', values: [1, 3] },
    evaluation: { checkpoint: path.join(run.folder, 'checkpoints', 'step-48'), step: 48, epoch: 3, report },
  })
  expect((await evaluation.ended).code).toBe(0)
  const results = events(evaluation.folder).filter((event) => event.type === 'evaluation')
  expect(results.map(({ benchmark, total }) => [benchmark, total])).toEqual(
    [1, 2, 3, 4].map((level) => [`level-${level}`, 20]),
  )
  const written = JSON.parse(readFileSync(report, 'utf8')) as {
    acc: Record<string, number>
    counts: Record<string, object>
  }
  for (const { benchmark, correct, total, items } of results) {
    expect(written.acc[String(benchmark)]).toBe(Number(correct) / Number(total))
    expect(written.counts[String(benchmark)]).toEqual({ correct, total })
    const lines = readFileSync(path.join(evaluation.folder, String(items)), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toHaveLength(20)
    expect(lines.filter((line) => line.correct)).toHaveLength(Number(correct))
    expect(Object.keys(lines[0])).toEqual(
      expect.arrayContaining(['id', 'prompt', 'response', 'answer', 'correct', 'outcome']),
    )
  }
}, 60_000)

test('evaluated again: several samples a question at a temperature, each written down, counted by question', async () => {
  const trained = start('for again', { config: { ...tiny, epochs: 2, checkpoint_every_steps: 0 } })
  expect((await trained.ended).code).toBe(0)
  const checkpoint = path.join(
    trained.folder,
    events(trained.folder).findLast(({ type }) => type === 'checkpoint')!.path,
  )
  const file = path.join(root, 'sums.jsonl')
  // an id that stands twice must not make two questions one
  const questions = [1, 2, 3].map((number) => ({
    id: number === 3 ? 1 : number,
    question: `${number}+1=`,
    answer: '2',
  }))
  writeFileSync(file, questions.map((question) => `${JSON.stringify(question)}\n`).join(''))
  const again = (name: string, seed: number) =>
    start(name, {
      kind: 'evaluation',
      config: tiny,
      evaluation: {
        checkpoint,
        step: 32,
        epoch: 2,
        report: path.join(root, `${name}.json`),
        again: { benchmarks: ['level-1', file], samples: 4, temperature: 1, seed },
      },
    })
  const runs = [again('first', 1), again('same', 1), again('other', 2)]
  for (const run of runs) expect((await run.ended).code).toBe(0)
  const texts = runs.map(({ folder }) => readFileSync(path.join(folder, 'eval/step-32-level-1.jsonl'), 'utf8'))
  expect(texts[1]).toBe(texts[0])
  expect(texts[2]).not.toBe(texts[0])
  const items = texts[0]!
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; sample: number; correct: boolean })
  expect(items.slice(0, 5).map(({ id, sample }) => [id, sample])).toEqual([
    ['level-1-1', 1],
    ['level-1-1', 2],
    ['level-1-1', 3],
    ['level-1-1', 4],
    ['level-1-2', 1],
  ])
  const [level, sums] = events(runs[0]!.folder).filter(({ type }) => type === 'evaluation')
  expect(level).toMatchObject({ benchmark: 'level-1', samples: 4, total: 80 })
  const outcomes = level!.outcomes as Record<string, number>
  expect(Object.keys(outcomes)).toHaveLength(20)
  for (const [id, right] of Object.entries(outcomes))
    expect(items.filter((item) => item.id === id && item.correct)).toHaveLength(right)
  expect(sums).toMatchObject({ benchmark: 'sums', total: 12 })
  expect(Object.keys(sums!.outcomes as object)).toEqual(['1', '2', '3'])
  const report = JSON.parse(readFileSync(path.join(root, 'first.json'), 'utf8')) as { counts: Record<string, object> }
  expect(report.counts['level-1']).toEqual({ correct: level!.correct, total: 80, samples: 4, outcomes })
}, 60_000)

test('a config that does not fit ends with one line that says so', async () => {
  const run = start('fault', { config: { ...tiny, batch_size: '32x' } })
  expect(await run.ended).toEqual({
    code: 1,
    signal: null,
    stderr: 'config.batch_size is "32x"; expected a whole number of 1 or more\n',
  })
}, 30_000)

test.skipIf(!nativeBackendInstalled())(
  'tfjs-node trains to the same loss as the own kernels',
  async () => {
    const short = { ...tiny, steps: 12, checkpoint_every_steps: 0 }
    const losses: unknown[] = []
    for (const name of ['tfjs-node', 'wasm']) {
      const run = start(`short ${name}`, { config: short }, { SWEEPBOARD_BACKEND: name })
      expect((await run.ended).code).toBe(0)
      losses.push((events(run.folder).findLast((event) => event.type === 'metrics')!.values as { loss: number }).loss)
    }
    expect(losses[0]).toBeCloseTo(losses[1] as number, 3)
  },
  120_000,
)

test('a forced back end that does not load is an error that says why', async () => {
  const native = start('native', { config: tiny }, { SWEEPBOARD_BACKEND: 'tfjs-node-gpu' })
  const { code, stderr } = await native.ended
  expect(code).toBe(1)
  expect(stderr).toContain('SWEEPBOARD_BACKEND asks for tfjs-node-gpu, which does not load: ')
  const unknown = start('unknown', { config: tiny }, { SWEEPBOARD_BACKEND: 'abacus' })
  expect((await unknown.ended).stderr).toContain(
    'SWEEPBOARD_BACKEND is "abacus"; expected one of tfjs-node-gpu, tfjs-node, wasm, stock-wasm, cpu',
  )
}, 30_000)

test('an init that is no model is an error that names it', async () => {
  const run = start('no model', { config: tiny, init: path.join(root, 'nowhere') })
  const { code, stderr } = await run.ended
  expect(code).toBe(1)
  expect(stderr).toContain(`${path.join(root, 'nowhere')} does not exist; expected a Hugging Face folder`)
}, 30_000)
