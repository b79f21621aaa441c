/** Stages one after the other, as the command line runs them: real trainers, picks, kills, a server. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CurriculumView } from '../contract/api/curricula.ts'
import { checkCurriculum, curriculumSchema, sweepOfStage } from '../domain/sweep/rounds/curriculum.ts'
import { pickRules } from '../domain/sweep/rounds/pick-rule.ts'
import { checkSweep } from '../domain/sweep/plan.ts'
import { sweepSchema } from '../domain/sweep/sweep.ts'
import {
  cancelCurriculum,
  pauseCurriculum,
  resumeCurriculum,
  startCurriculum,
} from '../server/act/curricula/change-curriculum.ts'
import { cancelSweep, removeSweep } from '../server/act/sweeps/change-sweep.ts'
import type { Context } from '../server/base/context.ts'
import { requireCurriculum } from '../server/base/finding/find-curriculum.ts'
import { requireSweep } from '../server/base/finding/find-sweep.ts'
import { prepareCurriculum } from '../server/base/preparing/prepare-curriculum.ts'
import { describeCurriculum, listCurriculumSummaries } from '../server/read/curricula/describe-curriculum.ts'
import { describeSweep } from '../server/read/sweeps/describe-sweep.ts'
import { requireRun } from '../server/base/finding/find-run-job.ts'
import { describeRun } from '../server/read/runs/describe-run.ts'
import { describeLineage } from '../server/read/lineage/describe-lineage.ts'
import { readCurriculumText } from '../server/formats/read-sweep-file.ts'
import { openTestServer, stub } from './harness.ts'
import { type CommandFolder, openCommandFolder } from './start-command.ts'
import { startServer } from './start-server.ts'

let commands: CommandFolder
beforeEach(() => {
  commands = openCommandFolder()
})
afterEach(() => commands.close())

const withData = (...given: string[]) => ['curriculum.yaml', '--data', 'data', ...given]
const run = (...given: string[]) => commands.run(withData(...given))

/** Accuracies are as high as the epoch: 0.5 at epoch 5, 0.6 at epoch 6. `gate`: a file that round 2 waits for. */
function writeCurriculum(given: { secondRound?: string[]; gate?: string } = {}) {
  const rest = ['--', ...stub('finishes', '6', '5', '6')]
  const gated = ['bash', '-c', 'until [[ -e $1 ]]; do sleep 0.02; done; shift 2; exec "$@"', 'bash', given.gate ?? '.']
  const curriculum = {
    name: 'tiny',
    evaluate: { command: stub('evaluates', '${report}', 'B=0.${epoch}'), report: { accuracies: 'acc' } },
    score: { baseline: { B: 0.25 }, questions: { B: 40 } },
    stages: [
      {
        name: 'terse',
        axes: { epoch: { milestones: ['1', '2'] } },
        train: { command: stub('finishes', '2', '1', '2') },
        pick: 'last',
        save_as_baseline: 'terse',
      },
      {
        name: 'round-1',
        axes: { epoch: { milestones: ['5', '6'] } },
        train: { command: [...gated, ...rest], env: { START: '${init}' } },
        score: { baseline: 'terse', questions: { B: 40 } },
        pick: 'earliest-of-best',
      },
      {
        name: 'round-2',
        axes: { reward: ['basic', 'quality'], epoch: { milestones: ['5', '6'] } },
        train: { command: given.secondRound ?? stub('finishes', '6', '5', '6'), env: { START: '${init}' } },
        score: { baseline: 'terse' },
        pick: 'best',
      },
    ],
  }
  writeFileSync(path.join(commands.folder, 'curriculum.yaml'), JSON.stringify(curriculum))
}

test('each stage starts from what the rule picked before it, and the lineage shows the picks and why', async () => {
  writeCurriculum()
  const { code, stdout, stderr } = await run()
  expect(code, stderr).toBe(0)
  expect(stderr).toContain('Stage 2 of 3, tiny-round-1: 1 training, 2 points; 2 CPU slots; ')
  expect(stdout).toMatch(/^tiny: 3 of 3 stages done in \d+ s\n\nstage +sweep +picked +score/)
  expect(stdout).toMatch(/round-1 +2 +step 5 +2\.500 .*earliest-of-best\n/)
  expect(stdout).toContain('Every benchmark of the last stage is above the baseline terse.')

  const attempts = commands.attempts()
  const again = await run('--json')
  expect(again.code, again.stderr).toBe(0)
  expect(commands.attempts()).toBe(attempts)
  const outcome = JSON.parse(again.stdout)
  expect(outcome).toMatchObject({
    curriculum: { name: 'tiny', stages: 3 },
    stages: [
      { name: 'terse', from: null, baseline: 'terse', picked: { checkpoint: { epoch: 2 } }, sweep: { status: 'done' } },
      {
        name: 'round-1',
        from: 'terse',
        baseline: null,
        picked: { checkpoint: { epoch: 5 }, rule: 'earliest-of-best' },
      },
      {
        name: 'round-2',
        from: 'round-1',
        trainings: 2,
        picked: { checkpoint: { epoch: 6 }, score: expect.closeTo(3) },
      },
    ],
    picked: { checkpoint: { epoch: 6 } },
  })

  const server = openTestServer({}, commands.dataFolder)
  try {
    const { runs } = describeLineage(server.context, null)
    expect(runs.map(({ home, round, chosen }) => [home.name, round, chosen?.picked])).toEqual([
      ['tiny-terse', null, true],
      ['tiny-round-1', 1, true],
      ['tiny-round-2', 2, true],
    ])
    const picked = describeRun(server.context, requireRun(server.context, runs[1]!.id)).checkpoints.filter(
      (checkpoint) => checkpoint.picked,
    )
    const reason = 'the earliest of 2 that cannot be told from the highest score (3.000)'
    expect(picked).toMatchObject([{ epoch: 5, note: `Picked by the rule earliest-of-best: ${reason}.` }])
    expect(outcome.stages[1].picked.reason).toBe(reason)
  } finally {
    server.leave()
  }
})

test('killed in a round, the same command goes on there and repeats no stage that is done', async () => {
  const gate = path.join(commands.folder, 'gate')
  writeCurriculum({ gate })
  const first = commands.start(withData())
  await first.says('Stage 2 of 3, tiny-round-1: 1 training')
  first.process.kill('SIGKILL')
  expect(await first.ended).toBeNull()
  const before = commands.attempts()
  writeFileSync(gate, '')
  const second = await run('--json')
  expect(second.code, second.stderr).toBe(0)
  expect(JSON.parse(second.stdout).stages.map(({ sweep }: { sweep: { id: number } }) => sweep.id)).toEqual([1, 2, 3])
  // terse: a training and two evaluations; each run of a round the same
  expect(commands.attempts()).toBe(12)
  expect(before).toBeLessThanOrEqual(4)
})

test('after Ctrl-C the stages that follow wait for the same command; one that fails ends it with 1', async () => {
  const gate = path.join(commands.folder, 'gate')
  const trap = ['bash', '-c', '[[ -e $1 ]] || { echo "no reward model" >&2; exit 3; }; shift; exec "$@"', 'bash', gate]
  writeCurriculum({
    gate: path.join(commands.folder, 'never'),
    secondRound: [...trap, ...stub('finishes', '6', '5', '6')],
  })
  const first = commands.start(withData())
  await first.says('Stage 2 of 3')
  first.process.kill('SIGINT')
  expect(await first.ended).toBe(130)
  expect(first.stderr()).toContain('Stopped with 1 of 3 stages done. ')
  writeFileSync(path.join(commands.folder, 'never'), '')
  const failed = await run()
  expect(failed.code).toBe(1)
  expect(failed.stderr).toContain('no reward model')
  expect(failed.stdout).toMatch(/^tiny: 2 of 3 stages done/)
  writeFileSync(gate, '')
  const mended = await run('--json')
  expect(mended.code, mended.stderr).toBe(0)
  expect(JSON.parse(mended.stdout).stages[2].sweep).toMatchObject({ id: 3, status: 'done' })
})

test('where a server holds the data folder, the stages run there', async () => {
  const server = await startServer({ dataFolder: commands.dataFolder })
  try {
    writeCurriculum()
    const first = await run('--json')
    expect(first.code, first.stderr).toBe(0)
    expect(first.stderr).toContain(`the server ${server.url}`)
    const attempts = commands.attempts()
    const again = await run('--json')
    expect(again.code, again.stderr).toBe(0)
    expect(again.stdout).toBe(first.stdout)
    expect(commands.attempts()).toBe(attempts)
  } finally {
    await server.stop()
  }
})

/** A scheduler over the commands' data folder in this process, and its newest curriculum. */
function openServer() {
  const server = openTestServer({ SWEEPBOARD_SLOTS: '2' }, commands.dataFolder)
  const { context } = server
  const curriculum = (): CurriculumView => {
    const [newest] = listCurriculumSummaries(context)
    return describeCurriculum(context, requireCurriculum(context, newest!.id))
  }
  /** Resolves once it holds; looks whenever something changes. */
  async function until(holds: (seen: CurriculumView) => boolean): Promise<CurriculumView> {
    const met = Promise.withResolvers<CurriculumView>()
    const look = () => {
      const seen = curriculum()
      if (holds(seen)) met.resolve(seen)
    }
    context.signals.on('change', look)
    look()
    const seen = await met.promise
    context.signals.off('change', look)
    return seen
  }
  const text = () => readFileSync(path.join(commands.folder, 'curriculum.yaml'), 'utf8')
  const start = () => startCurriculum(context, { text: text(), directory: commands.folder })
  return { ...server, until, start }
}

test('it survives its terminal and its server: both killed in a round, the next server brings it to its end', async () => {
  const gate = path.join(commands.folder, 'gate')
  writeCurriculum({ gate })
  const first = await startServer({ dataFolder: commands.dataFolder })
  try {
    const command = commands.start(withData())
    await command.says('Stage 2 of 3, tiny-round-1: 1 training')
    command.process.kill('SIGKILL')
    await command.ended
  } finally {
    const ended = new Promise((resolve) => first.process.on('close', resolve))
    first.process.kill('SIGKILL')
    await ended
  }
  const next = openServer()
  try {
    writeFileSync(gate, '')
    const { stages } = await next.until(({ status }) => status === 'done')
    expect(stages.map(({ name, picked }) => [name, picked?.checkpointName])).toEqual([
      ['terse', 'step 2'],
      ['round-1', 'step 5'],
      ['round-2', 'step 6'],
    ])
    expect(stages.map(({ sweep }) => sweep!.id)).toEqual([1, 2, 3])
    expect(commands.attempts()).toBe(12)
  } finally {
    next.leave()
  }
})

test('paused in a round it starts no stage, goes on when asked to, and after a cancel again', async () => {
  const gate = path.join(commands.folder, 'gate')
  writeCurriculum({ gate })
  const { context, until, start, leave } = openServer()
  try {
    const { id } = await start()
    await until(({ current }) => current?.name === 'round-1' && current.status === 'running')
    pauseCurriculum(context, id)
    const paused = await until(({ status }) => status === 'paused')
    expect(paused).toMatchObject({ reason: 'Paused by you.', stagesDone: 1, current: { status: 'paused' } })
    expect(() => pauseCurriculum(context, id)).toThrow('tiny is paused; only a running curriculum can be paused.')
    await resumeCurriculum(context, id)
    await until(({ status, current }) => status === 'running' && current?.status === 'running')
    cancelCurriculum(context, id)
    const cancelled = await until(({ status }) => status === 'cancelled')
    expect(cancelled).toMatchObject({ current: { name: 'round-1', status: 'cancelled' } })
    expect(cancelled.stages[2]!.sweep).toBeNull()
    // what was asked to stop has to have stopped before it can be run again
    await until(({ stages }) => sweepIsStill(context, stages[1]!.sweep!.id))
    writeFileSync(gate, '')
    // the same file finds it
    expect(await start()).toEqual({ id })
    const done = await until(({ status }) => status === 'done')
    expect(done.stages.map(({ sweep }) => sweep!.id)).toEqual([1, 2, 3])
  } finally {
    leave()
  }
})

const sweepIsStill = (context: Context, id: number) => describeSweep(context, requireSweep(context, id)).slotsHeld === 0

test('a stage that was cancelled or deleted by itself ends the curriculum with a sentence', async () => {
  writeCurriculum({ gate: path.join(commands.folder, 'never') })
  const { context, until, start, close } = openServer()
  try {
    const { id } = await start()
    const running = await until(({ current }) => current?.name === 'round-1' && current.status === 'running')
    cancelSweep(context, running.current!.sweepId)
    const failed = await until(({ status }) => status === 'failed')
    expect(failed.reason).toBe('Stage round-1: its sweep was cancelled. The stages after it were not started.')
    removeSweep(context, running.current!.sweepId)
    await resumeCurriculum(context, id)
    const again = await until(({ status }) => status === 'failed')
    expect(again.reason).toBe('Stage round-1: its sweep was deleted. The stages after it were not started.')
    // the file begins anew: what is there of the first stage serves
    const other = await start()
    expect(other.id).not.toBe(id)
    const anew = await until(({ current }) => current?.name === 'round-1')
    expect(anew.stages[0]!.sweep!.id).toBe(1)
    cancelCurriculum(context, other.id)
  } finally {
    await close()
  }
})

test('a file with anything wrong in any stage is refused with its place before anything starts', async () => {
  const write = (text: string) => writeFileSync(path.join(commands.folder, 'curriculum.yaml'), text)
  const stages = [
    'name: x',
    'train: { command: [./none.sh] }',
    'score: { baseline: { A: 0.5 } }',
    'stages:',
    '  - { name: a, axes: { s: [1] }, pick: best }',
  ]
  for (const [last, message] of [
    [
      '  - { name: b, axes: { s: [1] }, pick: newest }',
      'curriculum.yaml:6:40: stages[1].pick is "newest"; expected one of',
    ],
    ['  - { name: a, axes: { s: [1] }, pick: best }', 'curriculum.yaml:6:13: Two stages are called a'],
    ['  - { name: b, axes: { s: [1, 1] }, pick: best }', 'curriculum.yaml:6:31: The value 1 stands twice'],
    ['', 'curriculum.yaml:2:20: The program ./none.sh is not found'],
  ] as const) {
    write([...stages, last, ''].join('\n'))
    const { code, stdout, stderr } = await run('--json')
    expect(stderr).toContain(message)
    expect([code, stdout, commands.attempts()]).toEqual([2, '', 0])
  }
})

const root = path.join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const page = read('docs/curriculum.md')

test.each([
  ['the example', read('examples/curriculum.yaml'), 7],
  ['the one of docs/curriculum.md', /^```yaml\n(.*?)^```$/ms.exec(page)![1]!, 2],
])('%s is in order, stage by stage', (_, text, stages) => {
  const { definition, issues } = readCurriculumText(text)!
  expect(issues).toEqual([])
  expect(checkCurriculum(definition!)).toEqual([])
  expect(definition!.stages).toHaveLength(stages)
  const storedBaselines = definition!.stages.flatMap((stage) => stage.save_as_baseline ?? [])
  for (const index of definition!.stages.keys()) {
    const sweep = sweepOfStage(definition!, index, { init: index === 0 ? null : '/a', baselines: new Map() })
    expect(checkSweep(sweep, { slots: 4, storedBaselines })).toEqual([])
  }
})

test('the example may start: what its stages start from is still to be trained', async () => {
  const server = openTestServer({ SWEEPBOARD_SLOTS: '1' })
  try {
    const text = read('examples/curriculum.yaml')
    const { issues } = prepareCurriculum(server.context, { text, directory: path.join(root, 'examples') })
    expect(issues).toEqual([])
    const broken = text.replace('learning_rate: 1e-3', 'learning_rate: -1')
    expect(prepareCurriculum(server.context, { text: broken }).issues).toMatchObject([
      { message: expect.stringContaining('learning_rate is -1') },
    ])
  } finally {
    await server.close()
  }
})

test('docs/curriculum.md names every key and rule', () => {
  const { stages, ...shared } = curriculumSchema.shape
  const ofStage = Object.keys(stages.element.shape).filter((key) => !(key in sweepSchema.shape))
  for (const name of [...Object.keys(shared), 'stages', ...ofStage, ...pickRules]) expect(page).toMatch(`\`${name}\``)
})
