/**
 * Runs of their own beside `mlflow server` with its SQLite store, in one run with one client that asks both for the same over HTTP and takes
 * as little as it can for itself.
 * MLFLOW is its program (default `mlflow`; `pip install mlflow`); where it is not there, only this server is measured.
 */
import { Agent, request as send } from 'node:http'
import { printTable } from './table.ts'
import { mlflow, noMlflow, ours, quantile, timed, type Server } from './tracker-servers.ts'

const calls = 500
const batches = 20
const perBatch = 1000
const runs = 200
const searches = 20

type Measured = { startSeconds: number; perSecond: number; behindMilliseconds: number | null } & Record<
  'call' | 'search',
  number[]
> & { madeSeconds: number; historySeconds: number }

async function measure({ url, startSeconds, behind }: Server): Promise<Measured> {
  const api = `${url}/api/2.0/mlflow`
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = async <Answer>(method: 'GET' | 'POST', name: string, body = ''): Promise<Answer> => {
    const once = () => request(agent, method, `${api}/${name}`, body)
    // a connection that is kept may be closed by a server in the moment that it is used again; clients send again, too
    const { status, text } = await once().catch(once)
    if (status !== 200) throw new Error(`${name}: ${status} ${text}`)
    return JSON.parse(text) as Answer
  }
  const post = <Answer>(name: string, body: object) => ask<Answer>('POST', name, JSON.stringify(body))
  const { experiment_id } = await post<{ experiment_id: string }>('experiments/create', { name: `bench ${Date.now()}` })
  const made = async (run_name: string) =>
    (
      await post<{ run: { info: { run_id: string } } }>('runs/create', {
        experiment_id,
        run_name,
        start_time: Date.now(),
      })
    ).run.info.run_id
  const first = await made('calls')
  const call: number[] = []
  for (let step = 0; step < calls; step++) {
    const body = { run_id: first, key: 'loss', value: 1 / (step + 1), timestamp: Date.now(), step }
    call.push(await timed(() => post('runs/log-metric', body)))
  }
  const long = await made('batches')
  const all = await timed(async () => {
    for (let batch = 0; batch < batches; batch++) {
      const metrics = Array.from({ length: perBatch }, (_, at) => {
        const step = (batch * perBatch + at) / 20
        return {
          key: `metric${at % 20}`,
          value: Math.sin(step),
          timestamp: 1e12 + Math.floor(step),
          step: Math.floor(step),
        }
      })
      await post('runs/log-batch', { run_id: long, metrics })
    }
  })
  const behindMilliseconds = behind === null ? null : await behind()
  const history = await timed(async () => {
    for (let key = 0; key < 20; key++) await ask('GET', `metrics/get-history?run_id=${long}&metric_key=metric${key}`)
  })
  const making = await timed(async () => {
    for (let run = 0; run < runs; run++) {
      const metrics = Array.from({ length: 20 }, (_, at) => ({ key: `m${at}`, value: run * at, timestamp: 1, step: 1 }))
      const params = Array.from({ length: 5 }, (_, at) => ({ key: `p${at}`, value: String((run + at) % 7) }))
      await post('runs/log-batch', { run_id: await made(`run ${run}`), metrics, params })
    }
  })
  const search: number[] = []
  for (let at = 0; at < searches; at++) {
    const filter = `metrics.m3 > 10 and params.p1 = '${at % 7}'`
    search.push(
      await timed(() =>
        post('runs/search', { experiment_ids: [experiment_id], filter, order_by: ['metrics.m3 DESC'] }),
      ),
    )
  }
  agent.destroy()
  const perSecond = (batches * perBatch) / (all / 1000)
  return {
    startSeconds,
    call,
    perSecond,
    behindMilliseconds,
    historySeconds: history / 1000,
    madeSeconds: making / 1000,
    search,
  }
}

/** One request on a connection that is kept: `fetch` takes as long for itself as this server for its answer. */
function request(agent: Agent, method: string, url: string, body: string): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>()
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  send(url, { agent, method, headers }, (answer) => {
    const parts: Buffer[] = []
    answer.on('data', (part: Buffer) => parts.push(part)).on('error', reject)
    answer.on('end', () => resolve({ status: answer.statusCode!, text: Buffer.concat(parts).toString('utf8') }))
  })
    .on('error', reject)
    .end(body)
  return promise
}

/** Prints the table. */
export async function run(): Promise<void> {
  const columns: { name: string; measured: Measured }[] = []
  for (const [name, open] of [
    ['here', ours],
    ['mlflow server', mlflow],
  ] as const) {
    const server = await open()
    if (server === null) {
      console.log(noMlflow)
      continue
    }
    try {
      columns.push({ name, measured: await measure(server) })
    } finally {
      await server.stop()
    }
  }
  const row = (what: string, of: (measured: Measured) => string) => [
    what,
    ...columns.map(({ measured }) => of(measured)),
  ]
  const both = (values: number[]) => `${quantile(values, 0.5).toFixed(1)} / ${quantile(values, 0.95).toFixed(1)} ms`
  printTable('Runs of their own, over the REST interface of MLflow', [
    ['', ...columns.map(({ name }) => name)],
    row('start until the first answer', ({ startSeconds }) => `${startSeconds.toFixed(1)} s`),
    row(`log-metric, p50 / p95 of ${calls}`, ({ call }) => both(call)),
    row(`log-batch of ${perBatch} metrics, 20 names`, ({ perSecond }) => `${Math.round(perSecond)} points/s`),
    row('in the database after the last answer', ({ behindMilliseconds: behind }) =>
      behind === null ? 'before it' : `${Math.round(behind)} ms`,
    ),
    row(`histories of ${batches * perBatch} points`, ({ historySeconds }) => `${historySeconds.toFixed(2)} s`),
    row(`${runs} runs made, a batch each`, ({ madeSeconds }) => `${madeSeconds.toFixed(1)} s`),
    row(`search of them, p50 / p95 of ${searches}`, ({ search }) => both(search)),
  ])
}
