/** Stores of other trackers, of any content: what is read of one is events, and what is wrong is told. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { SweepboardError } from '../../../domain/errors.ts'
import type { Random } from '../../../domain/stats/rng.ts'
import { findStores } from '../../../server/formats/imports/stores.ts'
import { readStore } from '../../../server/intake/stores/read-store.ts'
import { wandbFile, wandbRecord } from '../../wandb-file.ts'
import { anyNumber, anyObject, anyText, anyValue, below, damaged, jsonOf, oneOf } from '../generate.ts'
import { type Kind, bytesOf, folder, repeat, textOf, told, travels } from './kind.ts'

const names = [
  '_step',
  '_timestamp',
  'loss',
  'a/b',
  '_type',
  'path',
  '_value',
  'train/global_step',
  '__proto__',
  '_wandb',
]
/** More of YAML that is none takes longer than a case may. */
const mostMetaBytes = 4000
const between = '\0\0'

function wandb(random: Random): Buffer {
  const { run, row, summary, axis, exit } = wandbRecord
  const records = repeat(below(random, 6), () =>
    oneOf(random, [
      () => row(anyObject(random, names)),
      () => summary(anyObject(random, names)),
      () => axis(oneOf(random, names), oneOf(random, names)),
      () => exit(below(random, 300), below(random, 1000)),
      () =>
        run(anyText(random), {
          name: anyText(random),
          start: below(random, 2 ** 31),
          config: anyObject(random, names),
        }),
    ])(),
  )
  const bytes = wandbFile([run('aa', { config: anyObject(random, names) }), ...records])
  for (let left = below(random, 3); left > 0; left--) bytes[below(random, bytes.length)] = below(random, 256)
  return bytes
}

const keys = [
  'name',
  'run_id',
  'experiment_id',
  'status',
  'start_time',
  'end_time',
  'lifecycle_stage',
  'artifact_uri',
  'run_name',
]
const lineOf = (random: Random) => [anyNumber(random), anyNumber(random), anyNumber(random)].join(' ')

function mlflow(random: Random): Buffer {
  const meta = { run_id: 'aa', artifact_uri: 'x', experiment_id: '1', ...anyObject(random, keys) }
  const text = Object.entries(meta)
    .map(([name, value]) => `${name}: ${jsonOf(value)}\n`)
    .join('')
  const lines = repeat(below(random, 5), () => lineOf(random)).join('\n')
  return Buffer.concat([
    damaged(random, text).subarray(0, mostMetaBytes),
    Buffer.from(between),
    damaged(random, lines),
    Buffer.from(between + anyText(random)),
  ])
}

const trackio = (random: Random): Buffer =>
  Buffer.concat([
    damaged(random, jsonOf(anyObject(random, names))),
    Buffer.from(between),
    damaged(random, jsonOf(anyObject(random, names))),
    Buffer.from(between),
    damaged(random, jsonOf(anyValue(random, names))),
  ])

const writers: Record<string, (at: string, parts: Buffer[]) => void> = {
  wandb: (at, parts) => writeFileSync(path.join(at, 'run-aa.wandb'), Buffer.concat(parts)),
  mlflow(at, [meta, metric, tag]) {
    for (const below of ['metrics', 'tags']) mkdirSync(path.join(at, '1/aa', below), { recursive: true })
    writeFileSync(path.join(at, '1/meta.yaml'), "artifact_location: x\nexperiment_id: '1'\nname: one\n")
    writeFileSync(path.join(at, '1/aa/meta.yaml'), meta!)
    writeFileSync(path.join(at, '1/aa/metrics/loss'), metric!)
    writeFileSync(path.join(at, '1/aa/tags/mlflow.log-model.history'), tag!)
  },
  trackio(at, [config, metrics, step]) {
    const database = new SqliteDatabase(path.join(at, 'p.db'))
    database.exec(`pragma synchronous = off; pragma journal_mode = memory; create table metrics (id integer primary key, run_id, timestamp, run_name, step, metrics, log_id);
      create table configs (id integer primary key, run_id, run_name, config, created_at)`)
    database.prepare(`insert into configs values (1, 'aa', 'a', ?, '')`).run(config)
    const row = database.prepare(`insert into metrics values (null, 'aa', ?, 'a', ?, ?, ?)`)
    for (const text of [step!.toString(), 1]) row.run(text, text, metrics, text)
    database.close()
  },
}

export const stores: Kind = {
  make(random) {
    const kind = oneOf(random, ['wandb', 'mlflow', 'trackio'])
    return `${kind}\n${textOf({ wandb, mlflow, trackio }[kind]!(random))}`
  },
  meet(given) {
    const kind = given.slice(0, given.indexOf('\n'))
    const bytes = given.slice(kind.length + 1)
    const at = mkdtempSync(path.join(folder, 'store-'))
    try {
      const parts = kind === 'wandb' ? [bytes] : bytes.split(between)
      writers[kind]?.(at, [...parts, '', '', ''].map(bytesOf))
      const options = { tell: travels, note: travels }
      for (const store of findStores(at, options).stores)
        told([SweepboardError], () => {
          for (const telling of readStore(store, options)) travels(telling.events)
        })
    } finally {
      rmSync(at, { recursive: true })
    }
  },
}
