/** Sweeps that score nothing and keep track of their runs only. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { retrySweep } from '../../server/act/sweeps/retry-sweep.ts'
import { openTestServer } from '../harness.ts'
import { type CommandFolder, openCommandFolder } from '../start-command.ts'
import { surroundings } from '../start-server.ts'

let commands: CommandFolder
beforeEach(() => {
  commands = openCommandFolder()
})
afterEach(() => commands.close())

const event = '{\\"type\\":\\"metrics\\",\\"step\\":0,\\"values\\":{\\"loss\\":$0}}'
const logs = `echo "${event}" >> "$SWEEPBOARD_EVENTS"`

function write(script: string): string {
  const text = `name: tracked\naxes: { a: [1, 2] }\ntrain: { command: [sh, -c, ${JSON.stringify(script)}, "\${a}"] }\ntrack: none\n`
  writeFileSync(path.join(commands.folder, 'sweep.yaml'), text)
  return 'sweep.yaml'
}

test('every training that ended with 0 is done: exit 0, and the metrics of a run by its id', async () => {
  const { code, stdout, stderr } = await commands.run([write(logs), '--json', '--data', 'data'])
  expect(code, stderr).toBe(0)
  const outcome = JSON.parse(stdout) as { sweep: { status: string }; points: { status: string; run_id: number }[] }
  expect(outcome.sweep.status).toBe('done')
  expect(outcome.points).toMatchObject([
    { status: 'done', score: null, error: null, run_id: 1 },
    { status: 'done', score: null, error: null, run_id: 2 },
  ])
  expect(stderr).toContain('point 1 of 2 (a 1): done')
  const program = path.join(import.meta.dirname, '../../cli/data.ts')
  const metrics = (id: string) =>
    spawnSync(process.execPath, [program, 'metrics', id, '--data', commands.dataFolder], {
      encoding: 'utf8',
      env: surroundings(),
    })
  expect(metrics('2').stdout).toMatch(/^run,a,attempt,step,time,loss\r\n2,2,1,0,,2\r\n$/)
  expect(metrics('9')).toMatchObject({ status: 1, stderr: expect.stringContaining('9') })
  expect(metrics('x')).toMatchObject({ status: 2, stderr: expect.stringContaining('metrics takes the id of a run') })
})

test('a training that failed fails its point, the others are done: exit 1', async () => {
  const { code, stdout, stderr } = await commands.run([write('exit $(($0 - 1))'), '--data', 'data'])
  expect(code).toBe(1)
  expect(stdout).toMatch(/^tracked: 1 of 2 points done/)
  expect(stderr).toContain('Failed: point 2 (run 2; a 2): Exit code 1')
})

test('milestones need no checkpoint where nothing is scored; what failed can be tried again', async () => {
  const server = openTestServer()
  try {
    const id = server.create({
      name: 'tracked',
      axes: { a: ['1'], epoch: { milestones: ['1', '2'] } },
      train: { command: ['sh', '-c', 'test -e again || { touch again; exit 1; }'] },
      track: 'none',
    })
    expect((await server.finished(id)).status).toBe('failed')
    await retrySweep(server.context, id)
    const sweep = await server.finished(id)
    expect(sweep.points.map(({ status, error }) => [status, error])).toEqual([
      ['done', null],
      ['done', null],
    ])
    expect(sweep.status).toBe('done')
  } finally {
    await server.close()
  }
})
