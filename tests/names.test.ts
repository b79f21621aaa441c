/** Names that objects have by themselves are data: of benchmarks, metrics, parts of rewards, axes and questions. */
import type { RunDetail } from '../contract/api/runs.ts'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { appRouter } from '../server/api/root.ts'
import { transformer } from '../contract/transformer.ts'
import { serveFile } from '../server/http/files.ts'
import type { SweepInput } from '../domain/sweep/sweep.ts'
import { openTestServer, smallSweep, type TestServer } from './harness.ts'

/** Own names of every object's prototype, and some that code often asks for. */
const names = [...Object.getOwnPropertyNames(Object.prototype), 'prototype', 'length', 'name', 'then', 'toJSON']

let server: TestServer
const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-names-'))
beforeAll(() => {
  server = openTestServer()
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** An object with these keys as its own, as JSON has it. */
function withNames<Value>(value: Value, of: readonly string[] = names): Record<string, Value> {
  return JSON.parse(`{${of.map((name) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`)
}

/** As a page gets it. */
function onPage<Value>(value: Value): Value {
  return transformer.deserialize(JSON.parse(JSON.stringify(transformer.serialize(value)))) as Value
}

/** A sweep whose one training writes these lines, and whose evaluation this report. */
function sweepOf(name: string, lines: object[], accuracies: object, parts: Partial<SweepInput>): number {
  const [events, report] = [path.join(folder, `${name}.jsonl`), path.join(folder, `${name}.json`)]
  writeFileSync(events, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  writeFileSync(report, JSON.stringify({ acc: accuracies }))
  return server.create(
    smallSweep({
      name,
      axes: { a: ['1', '2'] },
      train: {
        command: [
          'sh',
          '-c',
          `cat ${events} >> "$SWEEPBOARD_EVENTS"; mkdir -p "$SWEEPBOARD_RUN_DIR/c"; echo x > "$SWEEPBOARD_RUN_DIR/c/x"`,
        ],
      },
      evaluate: { command: ['cp', report, '${report}'], report: { accuracies: 'acc' } },
      ...parts,
    }),
  )
}

/** Everything that pages, and downloads, ask of a sweep and its runs. */
async function askEverything(id: number, benchmark: string, metric: string): Promise<string[]> {
  const caller = appRouter.createCaller({ app: server.context, scheduler: server.scheduler, tries: server.tries })
  const failed: string[] = []
  const ask = async (what: string, answer: () => unknown) => {
    try {
      onPage(await answer())
    } catch (error) {
      failed.push(`${what}: ${(error as Error).message}`)
    }
  }
  const { points } = server.sweep(id)
  const [first, second] = points.map((point) => point.runId)
  const checkpoints = points.flatMap((point) => point.checkpoint?.id ?? [])
  await ask('sweeps.list', () => caller.sweeps.list())
  await ask('sweeps.get', () => caller.sweeps.get({ id }))
  await ask('sweeps.whole', () => caller.sweeps.whole({ id }))
  for (const key of ['score', `benchmark:${benchmark}`, `metric:${metric}`, 'axis:a', 'axis:toString'])
    await ask(`sweeps.points by ${key}`, () =>
      caller.sweeps.points({ id, offset: 0, limit: 50, sort: { key, descending: true }, metrics: [metric] }),
    )
  await ask('sweeps.metricNames', () => caller.sweeps.metricNames({ id }))
  await ask('sweeps.point', () => caller.sweeps.point({ id, pointId: points[0]!.id }))
  await ask('sweeps.parameters', () => caller.sweeps.parameters({ id }))
  await ask('sweeps.parallel', () => caller.sweeps.parallel({ id, ranges: {} }))
  await ask('sweeps.map', () => caller.sweeps.map({ id, down: 'a', across: null, panel: null, fixed: {} } as never))
  await ask('runs.get', () => caller.runs.get({ id: first! }))
  await ask('runs.reasons', () => caller.runs.reasons({ id: first! }))
  await ask('runs.axes', () => caller.runs.axes({ runIds: [first!, second!] }))
  await ask('samples.steps', () => caller.samples.steps({ id: first! }))
  await ask('samples.page', () =>
    caller.samples.page({ id: first!, filter: '', search: '', order: 'reported', limit: 20 } as never),
  )
  await ask('leaderboard.get', () =>
    caller.leaderboard.get({ offset: 0, limit: 50, sort: `benchmark:${benchmark}` } as never),
  )
  await ask('leaderboard.grouped', () => caller.leaderboard.get({ offset: 0, limit: 50, grouped: true } as never))
  await ask('leaderboard.choices', () => caller.leaderboard.choices())
  await ask('lineage.tree', () => caller.lineage.tree({}))
  await ask('compare.get', () => caller.compare.get({ of: 'checkpoints', ids: checkpoints }))
  await ask('compare.candidates', () => caller.compare.candidates({ of: 'runs' } as never))
  await ask('compare.questions', () =>
    caller.compare.questions({
      first: checkpoints[0]!,
      second: checkpoints[1]!,
      benchmarks: [benchmark],
      outcome: 'both',
      limit: 20,
    } as never),
  )
  await ask('checkpoints.nextRound', () => caller.checkpoints.nextRound({ ids: checkpoints }))
  await ask('checkpoints.againOptions', () => caller.checkpoints.againOptions({ ids: checkpoints }))
  await ask('baselines.list', () => caller.baselines.list())
  const downloads = createServer((asked, response) => {
    if (!serveFile(server.context, asked, response, new URL(asked.url!, 'http://localhost')))
      response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(downloads, 'listening')
  const { port } = downloads.address() as AddressInfo
  for (const target of [
    ...['csv', 'json', 'yaml', 'parameters.csv', 'metrics.csv', 'metrics.jsonl'].map(
      (format) => `/export/sweeps/${id}${format.includes('.') ? '/' : '.'}${format}`,
    ),
    `/export/runs/${first}/samples.jsonl`,
    `/export/checkpoints/${checkpoints[0]}.tar`,
    '/export/leaderboard.csv',
  ])
    await ask(target, async () => {
      const answer = await fetch(`http://127.0.0.1:${port}${target}`)
      await answer.arrayBuffer()
      if (!answer.ok) throw new Error(`status ${answer.status}`)
    })
  downloads.close()
  return failed
}

test('names that every object has are names like others, from the file to the page', async () => {
  const lines = [1, 2, 3].flatMap((step) => [
    { type: 'metrics', step, values: { ...withNames(step), __proto__: undefined } },
    JSON.parse(`{"type":"metrics","step":${step + 10},"values":${JSON.stringify(withNames(0.5))}}`),
    JSON.parse(
      `{"type":"sample","step":${step},"prompt":"p","response":"r","reward":1,"parts":${JSON.stringify(withNames(step))}}`,
    ),
    JSON.parse(`{"type":"toString","step":1,"constructor":{"__proto__":1}}`),
    { type: 'checkpoint', step: 3, path: 'c' },
  ])
  const id = sweepOf('own-names', lines, withNames(0.5), {
    // `__proto__` is refused in a sweep file, with its place
    score: {
      baseline: withNames(
        0.25,
        names.filter((name) => name !== '__proto__'),
      ),
    },
  })
  const seen = await server.finished(id)
  expect(seen.points.map(({ status, error, score }) => ({ status, error, score }))).toEqual([
    { status: 'scored', error: null, score: 2 },
    { status: 'scored', error: null, score: 2 },
  ])
  for (const name of ['__proto__', 'toString', 'constructor', 'a'])
    expect(await askEverything(id, name, name)).toEqual([])
  const caller = appRouter.createCaller({ app: server.context, scheduler: server.scheduler, tries: server.tries })
  const run = onPage(await caller.runs.get({ id: seen.points[0]!.runId }))
  expect(Object.keys((run as RunDetail).checkpoints[0]!.results).toSorted()).toEqual(names.toSorted())
  expect([...run.metrics].toSorted()).toEqual(names.toSorted())
  const { samples } = onPage(
    await caller.samples.page({ id: run.id, filter: '', search: '', order: 'reported', limit: 1 } as never),
  )
  expect(Object.entries(samples[0]!.parts).toSorted()).toEqual(names.map((name) => [name, 1]).toSorted())
}, 120_000)

test('what nobody reported is missing under any name: no function of an object is taken for a result', async () => {
  const id = sweepOf(
    'missing',
    [
      { type: 'metrics', step: 1, values: { loss: 1 } },
      { type: 'sample', step: 1, prompt: 'p', response: 'r', parts: { a: 1 } },
      { type: 'checkpoint', step: 1, path: 'c' },
    ],
    { B: 0.5 },
    {
      score: { baseline: { ...withNames(0.25, ['toString', 'constructor']), B: 0.25 } },
    },
  )
  const seen = await server.finished(id)
  expect(seen.points[0]).toMatchObject({
    status: 'failed',
    score: null,
    error: expect.stringContaining('toString is missing'),
  })
  for (const name of ['toString', 'constructor']) expect(await askEverything(id, name, name)).toEqual([])
}, 120_000)
