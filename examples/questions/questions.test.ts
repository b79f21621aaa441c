import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readCurriculumText } from '../../server/formats/read-sweep-file.ts'
import { checkTraining } from '../../server/base/preparing/check-training.ts'
import { checkCurriculum, startOf, sweepOfStage } from '../../domain/sweep/rounds/curriculum.ts'
import { fileOf, linesOf, mixes } from './make-problems.ts'

const page = readFileSync(path.join(import.meta.dirname, '../../docs/questions.md'), 'utf8')
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.yaml'))

test.each(Object.keys(mixes) as (keyof typeof mixes)[])('the %s problems are what the script makes', (name) => {
  expect(readFileSync(fileOf(name), 'utf8')).toBe(linesOf(name))
})

test.each(files)('%s can be started, asks with three seeds, and its answer stands in the docs', (file) => {
  const baselines = new Map<string, { measured: number }>()
  const read = readCurriculumText(readFileSync(path.join(import.meta.dirname, file), 'utf8'))
  expect(read?.issues).toEqual([])
  const curriculum = read!.definition!
  expect(checkCurriculum(curriculum)).toEqual([])
  for (const [index, stage] of curriculum.stages.entries()) {
    const start = startOf(curriculum, index)
    const sweep = sweepOfStage(curriculum, index, { init: start === null ? null : 'earlier', baselines })
    expect(checkTraining({}, sweep, import.meta.dirname, { startIsToCome: start !== null })).toEqual([])
    if (stage.trainer === 'grpo') expect(stage.axes.seed).toHaveLength(3)
    if (stage.save_as_baseline !== undefined) baselines.set(stage.save_as_baseline, { measured: 0.5 })
  }
  expect(page).toContain(`examples/questions/${file}`)
})
