/** Files that attempts and evaluations leave. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openFileHandle, readFileEnd, readWholeFile, UnreadableFile } from '../../../server/attempt-files/open-file.ts'
import { measureSizeBytes } from '../../../server/base/process/measure-size.ts'
import { matchPattern } from '../../../server/base/evaluation-files/path-pattern.ts'
import { traceOf } from '../../../server/base/evaluation-files/traces.ts'
import { missingPart } from '../../../server/formats/checkpoint-folder.ts'
import { parseEvents } from '../../../server/formats/parse-events.ts'
import { resultsOfReport } from '../../../server/formats/read-report.ts'
import { itemReader, openItems } from '../../../server/tables/items.ts'
import { anyEntries, leaveEntries } from '../entries.ts'
import { anyObject, anyValue, below, damaged, jsonOf, oneOf } from '../generate.ts'
import { type Kind, bytesOf, textOf, travels, repeat, told, folder } from './kind.ts'

const reportNames = ['acc', 'accuracy', 'correct', 'total', 'samples', 'outcomes', 'gsm8k', 'items']
export const reports: Kind = {
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
export const events: Kind = {
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

const itemNames = ['id', 'prompt', 'response', 'answer', 'given', 'correct', 'doc', 'target', 'filtered_resps']
let itemFiles = 0
export const items: Kind = {
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

export const folders: Kind = {
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
