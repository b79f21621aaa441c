/** What is done to a data folder by hand, and metrics as downloads: real processes, real requests. */
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startServer, surroundings } from './start-server.ts'

const program = path.join(import.meta.dirname, '../cli/data.ts')
const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-data-cli-'))
const dataFolder = path.join(folder, 'data')
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

async function data(...given: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [program, ...given], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...surroundings(), INIT_CWD: folder },
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, stdout, stderr }
}

test('arguments that mean nothing are told, with what was expected', async () => {
  expect(await data()).toMatchObject({ code: 2, stderr: expect.stringContaining('A verb is missing') })
  expect(await data('mend')).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no verb mend') })
  expect(await data('import', '--data', dataFolder)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/none was given/),
  })
  expect(await data('check', '--now')).toMatchObject({ code: 2, stderr: expect.stringContaining('--now') })
  expect(await data('import', '--data', dataFolder, 'no.jsonl')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/There is no file .*no\.jsonl/),
  })
})

test('one command loads the published study, and again changes nothing', async () => {
  const study = path.join(folder, 'study')
  const loaded = await data('load-study', '--data', study)
  expect(loaded).toMatchObject({
    code: 0,
    stdout: 'The study is loaded: 7 sweeps and its baselines. npm start, then /sweeps/1\n',
  })
  expect(await data('load-study', '--data', study)).toEqual(loaded)
  expect(await data('check', '--data', study)).toMatchObject({ code: 0 })
})

test('a file that another program writes is followed while it grows, and ends when nothing comes any more', async () => {
  const [file, events] = [path.join(folder, 'growing.jsonl'), path.join(folder, 'events.jsonl')]
  const child = spawn(process.execPath, [program, 'follow', '--idle', '2', file], {
    cwd: folder,
    env: { ...surroundings(), SWEEPBOARD_EVENTS: events },
  })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const steps = () =>
    existsSync(events)
      ? readFileSync(events, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).step as number)
      : []
  appendFileSync(file, '{"step":1,"data":{"loss":1}}\n{"step":2,"da')
  await expect.poll(steps, { timeout: 10_000 }).toEqual([1])
  appendFileSync(file, 'ta":{"loss":0.5}}\n')
  await expect.poll(steps, { timeout: 10_000 }).toEqual([1, 2])
  expect(await ended).toBe(0)
  expect(await data('follow', file)).toMatchObject({ code: 2, stderr: expect.stringContaining('SWEEPBOARD_EVENTS') })
})

test('imported metrics are checked, shown by a server, and downloaded as they came', async () => {
  const steps = 30_000
  const lines = Array.from(
    { length: steps },
    (_, step) => `{"step":${step},"data":{"loss":${1 / (step + 1)},"odd":"NaN"}}\n`,
  )
  writeFileSync(path.join(folder, 'metrics.jsonl'), lines.join(''))
  const imported = await data('import', '--data', 'data', '--name', 'elsewhere', 'metrics.jsonl')
  expect(imported).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^Run 1: 30,000 rows of metrics from metrics\.jsonl\nProject elsewhere: npm start, then \/runs\?project=1$/m,
    ),
  })
  expect(await data('import', '--data', 'data', '--name', 'elsewhere', 'metrics.jsonl')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Run 1: nothing new from metrics.jsonl'),
  })
  expect(await data('check', '--data', 'data')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Nothing is wrong/),
  })

  const server = await startServer({ dataFolder })
  try {
    expect(await data('check', '--data', 'data')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^Process \d+ works on the data folder .*\. Stop it first/),
    })
    const csv = await fetch(`${server.url}/export/runs/1/metrics.csv`)
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="elsewhere-run-1-metrics.csv"')
    const rows = (await csv.text()).trimEnd().split('\r\n')
    expect(rows).toHaveLength(steps + 1)
    expect(rows[0]).toBe('run,attempt,step,time,loss,odd')
    expect(rows.at(-1)).toBe(`1,1,${steps - 1},,${1 / steps},NaN`)
    const jsonl = (await (await fetch(`${server.url}/export/runs/1/metrics.jsonl`)).text()).trimEnd().split('\n')
    expect(jsonl).toHaveLength(steps)
    expect(JSON.parse(jsonl[1]!)).toMatchObject({ run: 1, step: 1, values: { loss: 0.5, odd: 'NaN' } })
    const missing = await fetch(`${server.url}/export/runs/9/metrics.csv`)
    expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('no run 9')])

    // a reader that leaves in the middle harms nobody
    await new Promise<void>((resolve) => {
      get(`${server.url}/export/runs/1/metrics.csv`, (response) => {
        response.once('data', () => response.destroy())
        response.once('close', resolve)
      })
    })
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    expect(server.output()).not.toMatch(/Error/)
  } finally {
    await server.stop()
  }
})
