/** What is fuzzed: a kind says how a case is made of random numbers, and what is done with it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseFilter, type FilterField } from '../../domain/asking/filter.ts'
import { readBoardQuery, writeBoardQuery } from '../../domain/asking/board-query.ts'
import type { Random } from '../../domain/stats/rng.ts'
import { transformer } from '../../contract/transformer.ts'
import { openFileHandle, readFileEnd, readWholeFile, UnreadableFile } from '../../server/attempt-files/open-file.ts'
import { NestedTooDeep } from '../../server/attempt-files/json-depth.ts'
import { measureSizeBytes } from '../../server/base/measure-size.ts'
import { matchPattern } from '../../server/base/path-pattern.ts'
import { traceOf } from '../../server/base/traces.ts'
import { missingPart } from '../../server/formats/checkpoint-folder.ts'
import { parseEvents } from '../../server/formats/parse-events.ts'
import { resultsOfReport } from '../../server/formats/read-report.ts'
import { readCurriculumText, readSweepText } from '../../server/formats/read-sweep-file.ts'
import { writeSweepText } from '../../server/formats/write-sweep-file.ts'
import { parseAddress } from '../../server/http/answer.ts'
import { judgeRequest } from '../../server/http/guard.ts'
import { Refusal, type IntakeRequest, type IntakeRun, type Protocol } from '../../server/intake/protocol.ts'
import { Mlflow } from '../../server/intake/mlflow/index.ts'
import { Trackio } from '../../server/intake/trackio.ts'
import { Wandb } from '../../server/intake/wandb/index.ts'
import { itemReader, openItems } from '../../server/tables/items.ts'
import { anyEntries, leaveEntries } from './entries.ts'
import { anyObject, anyText, anyValue, below, damaged, jsonOf, oneOf } from './generate.ts'

/** `make` gives a case as text, so that a find can be kept; `meet` throws where what must hold does not. */
export type Kind = { make(random: Random): string; meet(given: string): void | Promise<void> }

const bytesOf = (given: string) => Buffer.from(given, 'latin1')
const textOf = (bytes: Buffer) => bytes.toString('latin1')
/** Whatever is made of it must be able to go to a page, and come back. */
const travels = (value: unknown) => transformer.deserialize(JSON.parse(JSON.stringify(transformer.serialize(value))))
const repeat = <Value>(count: number, make: () => Value): Value[] => Array.from({ length: count }, make)

/** Runs the work; errors of these kinds say what is wrong with the input, and are as it should be. */
function told<Result>(
  expected: readonly (abstract new (...given: never[]) => Error)[],
  work: () => Result,
): Result | null {
  try {
    return work()
  } catch (error) {
    if (expected.some((kind) => error instanceof kind)) return null
    throw error
  }
}

const reportNames = ['acc', 'accuracy', 'correct', 'total', 'samples', 'outcomes', 'gsm8k', 'items']
const reports: Kind = {
  make: (random) => textOf(damaged(random, jsonOf(anyObject(random, reportNames)))),
  meet(given) {
    for (const accuracies of [undefined, 'acc', 'acc.gsm8k'])
      for (const benchmark of [null, 'gsm8k'])
        for (const scale of ['fraction', 'percent'] as const)
          travels(resultsOfReport('report.json', bytesOf(given).toString(), { accuracies, scale } as never, benchmark))
  },
}

const eventTypes = [
  'metrics',
  'sample',
  'checkpoint',
  'evaluation',
  'progress',
  'note',
  'config',
  'summary',
  'tags',
  'file',
  'mine',
]
const eventNames = [
  'step',
  'time',
  'values',
  'loss',
  'prompt',
  'response',
  'reward',
  'path',
  'epoch',
  'text',
  'level',
  'done',
  'total',
  'correct',
  'benchmark',
  'items',
  'parts',
]
const events: Kind = {
  make: (random) =>
    textOf(
      Buffer.concat(
        repeat(1 + below(random, 8), () => {
          const event = {
            ...anyObject(random, eventNames),
            type: random.uniform() < 0.9 ? oneOf(random, eventTypes) : anyValue(random, []),
          }
          return Buffer.concat([
            damaged(random, jsonOf(event)),
            Buffer.from(oneOf(random, ['\n', '\n', '\r\n', '\n\n', ''])),
          ])
        }),
      ),
    ),
  meet(given) {
    const parsed = parseEvents(bytesOf(given), given.length, 1)
    if (JSON.stringify(parsed).length === 0) throw new Error('nothing came of it')
    travels(parsed)
    for (const row of parsed.metrics)
      if (
        !Number.isSafeInteger(row.step) ||
        row.step < 0 ||
        Object.values(row.values).some((value) => typeof value !== 'number')
      )
        throw new Error(`a row that the store would refuse: ${JSON.stringify(row)}`)
  },
}

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-fuzz-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const itemNames = ['id', 'prompt', 'response', 'answer', 'given', 'correct', 'doc', 'target', 'filtered_resps']
let itemFiles = 0
const items: Kind = {
  make: (random) =>
    textOf(
      Buffer.concat(
        repeat(below(random, 6), () =>
          Buffer.concat([damaged(random, jsonOf(anyObject(random, itemNames))), Buffer.from('\n')]),
        ),
      ),
    ),
  async meet(given) {
    const file = path.join(folder, `items-${itemFiles++ % 50}.jsonl`)
    rmSync(file, { force: true })
    writeFileSync(file, bytesOf(given))
    const index = await openItems(file, [folder])
    if (typeof index === 'string') return
    const reader = await itemReader(index)
    for (let place = 0; place < index.ids.length; place++) await reader?.read(place)
    await reader?.close()
    travels(index.problems)
  },
}

const folders: Kind = {
  make: anyEntries,
  async meet(given) {
    const root = path.join(folder, 'run')
    rmSync(root, { recursive: true, force: true })
    mkdirSync(root)
    leaveEntries(root, given)
    for (const [, , name] of given.matchAll(/^(\w+) (.+)$/gm)) {
      const file = path.join(root, name!)
      told([UnreadableFile], () => readWholeFile(file, [root], 1 << 16))
      told([UnreadableFile], () => readFileEnd(file, [root], 100))
      const opened = await openFileHandle(file, [root]).catch((error: unknown) => {
        if (!(error instanceof UnreadableFile)) throw error
        return null
      })
      await opened?.handle.close()
      traceOf(file)
      measureSizeBytes(file)
      told([UnreadableFile], () => missingPart(file))
    }
    traceOf(root)
    missingPart(root)
    for (const pattern of ['*', '**/*', 'checkpoint-*', '*/trainer_state.json']) matchPattern(root, pattern)
  },
}

const sweepNames = [
  'name',
  'axes',
  'train',
  'trainer',
  'config',
  'evaluate',
  'score',
  'baseline',
  'command',
  'env',
  'init',
  'checkpoint',
  'values',
  'range',
  'log',
  'milestones',
  'epoch',
  'report',
  'accuracies',
  'stages',
  'track',
  'executor',
  'retries',
]
const plainSweep =
  'name: x\naxes: { a: [1, 2], epoch: { milestones: [1, 3] } }\ntrain: { command: [true, "${a}"] }\nscore: { baseline: { B: 0.5 } }\n'
const sweepFiles: Kind = {
  make: (random) => {
    const own =
      random.uniform() < 0.5
        ? plainSweep + `${oneOf(random, sweepNames)}: ${jsonOf(anyValue(random, sweepNames))}\n`
        : jsonOf(anyObject(random, sweepNames))
    return textOf(damaged(random, own))
  },
  meet(given) {
    const text = bytesOf(given).toString()
    const read = readSweepText(text)
    for (const issue of read.issues) {
      if (issue.message === '') throw new Error('an issue without words')
      read.locate(issue.path)
    }
    if (read.definition !== null) travels(readSweepText(writeSweepText(read.definition)))
    travels(readCurriculumText(text)?.issues ?? [])
  },
}

const fields: FilterField[] = [
  { name: 'score', kind: 'number' },
  { name: 'status', kind: 'text' },
  { name: 'gsm8k', kind: 'share' },
  { name: 'constructor', kind: 'hash' },
]
const filterWords = [
  'score',
  'status',
  'gsm8k',
  'constructor',
  '__proto__',
  '<',
  '<=',
  '=',
  '!=',
  '~',
  'and',
  'or',
  'not',
  '(',
  ')',
  '"',
  '0.5',
  '50%',
  '1e400',
  '-',
  '\\',
  '.*',
  '(a+)+$',
  '9'.repeat(5000),
]
const filters: Kind = {
  make: (random) =>
    random.uniform() < 0.9
      ? repeat(below(random, 30), () => oneOf(random, filterWords)).join(oneOf(random, ['', ' ']))
      : oneOf(random, filterWords).repeat(below(random, 3000)),
  meet(given) {
    const parsed = parseFilter(given, fields)
    if ((parsed.filter === null) !== (parsed.error !== null) && given.trim() !== '')
      throw new Error('neither a filter nor an error')
    travels(parsed)
    const query = readBoardQuery(
      new URLSearchParams({ filter: given, q: given, sort: given, page: given, columns: given }),
    )
    readBoardQuery(writeBoardQuery(query))
  },
}

const addressParts = [
  '/',
  '//',
  '/..',
  '/api/trpc/',
  '/sweeps/',
  '?',
  '#',
  '%',
  '%00',
  '%2e%2e',
  '%ff',
  '\\',
  ':',
  '@',
  '[',
  ']',
  '1',
  'http:',
  '*',
  'token=',
  '&',
  ' ',
  'é',
  '\t',
  '?input={}',
]
const addresses: Kind = {
  make: (random) =>
    JSON.stringify([
      repeat(below(random, 12), () => oneOf(random, addressParts)).join(''),
      oneOf(random, ['GET', 'POST', 'OPTIONS', 'X']),
      anyText(random),
      anyText(random),
    ]),
  meet(given) {
    const [url, method, host, cookie] = JSON.parse(given) as [string, string, string, string]
    const address = parseAddress(url)
    if (address === null) return
    const request = {
      method,
      url,
      headers: { host, cookie, authorization: cookie, origin: host },
    } as unknown as IncomingMessage
    for (const token of [null, 'a-token-of-enough-length']) {
      const config = { host: '127.0.0.1', token, spareToken: 'a-spare-token-of-enough-length' }
      for (const owner of ['allowed', 'other', 'unknown'] as const) {
        const { allowed } = judgeRequest(request, config, { port: 3000, owner, address })
        if (allowed && host !== '127.0.0.1:3000' && host !== 'localhost:3000') throw new Error('allowed')
      }
    }
  },
}

const clientNames = [
  'query',
  'variables',
  'files',
  'content',
  'offset',
  'wandb-history.jsonl',
  'output.log',
  'run_id',
  'run_uuid',
  'key',
  'value',
  'step',
  'timestamp',
  'metrics',
  'params',
  'tags',
  'data',
  'config',
  'entity',
  'project',
  'name',
  '_step',
  'loss',
  'experiment_id',
  'filter',
  'order_by',
  'max_results',
]
const clientPaths: Record<string, readonly string[]> = {
  wandb: ['/graphql', '/files/a/b/c/file_stream', '/files/%ff/b/%/file_stream', '/sdk/otel/x', '/upload/x'],
  mlflow: [
    '/api/2.0/mlflow/runs/create',
    '/api/2.0/mlflow/runs/log-batch',
    '/api/2.0/mlflow/runs/log-metric',
    '/api/2.0/mlflow/runs/search',
    '/api/2.0/mlflow/runs/get',
    '/api/2.0/mlflow/experiments/get-by-name',
    '/api/2.0/mlflow/runs/update',
    '/api/2.0/mlflow/metrics/get-history',
    '/api/2.0/mlflow/artifacts/list',
  ],
  trackio: ['/api/bulk_log', '/gradio_api/call/bulk_log', '/config', '/gradio_api/upload', '/gradio_api/info'],
}
const messages: Kind = {
  make: (random) => {
    const name = oneOf(random, Object.keys(clientPaths))
    return JSON.stringify({
      name,
      method: oneOf(random, ['GET', 'POST', 'PUT']),
      path: random.uniform() < 0.9 ? oneOf(random, clientPaths[name]!) : `/${anyText(random)}`,
      query: anyText(random),
      body: jsonOf(anyObject(random, clientNames)),
    })
  },
  meet(given) {
    const {
      name,
      method,
      path: asked,
      query,
      body,
    } = JSON.parse(given) as Record<'name' | 'method' | 'path' | 'query' | 'body', string>
    const run = intakeRun()
    const protocol: Protocol =
      name === 'wandb' ? new Wandb(run) : name === 'mlflow' ? new Mlflow(run) : new Trackio(run)
    const request = {
      method,
      path: asked,
      query: new URLSearchParams({ run_id: query, path: query }),
      body: Buffer.from(body),
    } satisfies IntakeRequest
    const outcome = told([Refusal, NestedTooDeep], () => protocol.handle(request))
    if (outcome !== null) {
      outcome.commit?.()
      for (const event of outcome.events) JSON.stringify(event)
      JSON.stringify([outcome.reply, protocol.save(), protocol.end()])
    }
  },
}

function intakeRun(): IntakeRun {
  const files = path.join(folder, 'kept')
  return {
    id: 'a1',
    hexId: '0'.repeat(32),
    uploads: () => 'http://127.0.0.1:1',
    ofItsOwn: false,
    key: 'k',
    files,
    isStopping: () => false,
  }
}

export const kinds: Record<string, Kind> = {
  reports,
  events,
  items,
  folders,
  'sweep files': sweepFiles,
  filters,
  addresses,
  messages,
}
