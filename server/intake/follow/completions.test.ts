/** Rollouts in Parquet files of a training that is followed. */
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { IntakeEvent } from '../protocol.ts'
import { Followers } from './followers.ts'

let folder: string
let events: IntakeEvent[]
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-parquet-'))
  events = []
})
afterEach(() => rmSync(folder, { recursive: true }))

/** One that follows the folder, and knows what an earlier one wrote. */
function follower(): Followers {
  const own = path.join(folder, 'own')
  const followers = new Followers([folder], path.join(folder, 'before.json'), own, {
    write: (written) => void events.push(...written),
    wandb: () => {},
  })
  for (const event of events) if (event.from !== undefined) followers.restore(event)
  return followers
}

/** As TRL writes the completions of a step. */
function writeStep(step: number, completions: string[], name = `completions_0000${step}.parquet`): string {
  const file = path.join(folder, name)
  const rows = completions.length
  const columnData = [
    { name: 'step', data: Array<bigint>(rows).fill(BigInt(step)), type: 'INT64' as const },
    { name: 'prompt', data: Array<string>(rows).fill('1 + 1 ='), type: 'STRING' as const },
    { name: 'completion', data: completions, type: 'STRING' as const },
    { name: 'accuracy_reward', data: completions.map((text) => Number(text === '2')), type: 'DOUBLE' as const },
    { name: 'advantage', data: completions.map((_, at) => (at === 0 ? NaN : at / 2)), type: 'DOUBLE' as const },
  ]
  writeFileSync(file, new Uint8Array(parquetWriteBuffer({ columnData })))
  return file
}

const samples = () => events.flatMap((event) => (event.type === 'sample' ? [`${event.step}: ${event.response}`] : []))
const notes = () => events.flatMap((event) => (event.type === 'note' ? [event.text] : []))

test('a file a step, taken when it is whole, once, also by an intake that was started again; equal completions are all there', () => {
  const first = follower()
  writeStep(1, ['2', '2', '3'])
  first.poll(false)
  first.poll(false)
  expect(events[1]).toMatchObject({
    type: 'sample',
    step: 1,
    prompt: '1 + 1 =',
    response: '2',
    parts: { accuracy_reward: 1 },
    advantage: 0.5,
  })
  expect(events[0]).not.toHaveProperty('advantage')
  const half = writeStep(2, ['4', '5'])
  truncateSync(half, 200)
  first.poll(false)
  expect(samples()).toEqual(['1: 2', '1: 2', '1: 3'])
  const second = follower()
  writeStep(2, ['4', '5'])
  second.poll(true)
  expect(samples()).toEqual(['1: 2', '1: 2', '1: 3', '2: 4', '2: 5'])
  expect(notes()).toEqual([])
})

test('one that is written again gives what is new at its end; as another step it gives all', () => {
  const first = follower()
  writeStep(1, ['a'], 'completions.parquet')
  first.poll(false)
  writeStep(1, ['a', 'b'], 'completions.parquet')
  follower().poll(false)
  expect(samples()).toEqual(['1: a', '1: b'])
  writeStep(2, ['c', 'd'], 'completions.parquet')
  follower().poll(false)
  expect(samples()).toEqual(['1: a', '1: b', '2: c', '2: d'])
})

test('what stood there before is not of the attempt; what is no table of rollouts, or broken, is told and costs the others nothing', () => {
  writeStep(1, ['before'])
  const one = follower()
  const broken = path.join(folder, 'completions_00007.parquet')
  writeFileSync(broken, `PAR1${'x'.repeat(64)}PAR1`)
  const other = path.join(folder, 'completions_00008.parquet')
  const columnData = [{ name: 'length', data: [1, 2], type: 'DOUBLE' as const }]
  writeFileSync(other, new Uint8Array(parquetWriteBuffer({ columnData })))
  const cut = path.join(folder, 'completions_00009.parquet')
  writeFileSync(cut, 'PAR1 and no more')
  writeStep(6, ['after'])
  one.poll(false)
  one.poll(true)
  one.poll(true)
  expect(samples()).toEqual(['6: after'])
  expect(notes()).toEqual([
    expect.stringContaining(`${broken} cannot be read (`),
    `The followed file ${other} has the columns length; expected rollouts, with a prompt and a completion.`,
    `The followed file ${cut} is not whole: no Parquet file ends so.`,
  ])
})
