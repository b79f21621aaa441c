/** Sweep files and curricula. */
import { readCurriculumText, readSweepText } from '../../../server/formats/read-sweep-file.ts'
import { writeSweepText } from '../../../server/formats/write-sweep-file.ts'
import { anyObject, anyValue, damaged, jsonOf, oneOf } from '../generate.ts'
import { type Kind, bytesOf, textOf, travels } from './kind.ts'

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
export const sweepFiles: Kind = {
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
