/** Items files as they come: over block ends, torn, too long, written anew, or somewhere they must not be read from. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ItemsIndex, itemReader, openItems } from './items.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-items-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const opened = async (file: string) => (await openItems(file, [folder])) as ItemsIndex
const line = (id: string | number, response: string, correct = true) =>
  `${JSON.stringify({ id, prompt: 'What?', response, answer: '4', correct })}\n`

test('lines over the ends of blocks are found again to the byte, whatever their characters', async () => {
  const file = path.join(folder, 'items.jsonl')
  const responses = Array.from({ length: 400 }, (_, at) => `${'ü𝟜'.repeat(at * 9)} ${at}`)
  writeFileSync(file, responses.map((response, at) => line(at, response, at % 3 === 0)).join(''))
  const index = await opened(file)
  expect(index.ids).toHaveLength(400)
  expect(index.correct.reduce((sum, one) => sum + one, 0)).toBe(134)
  const reader = (await itemReader(index))!
  for (const at of [0, 1, 199, 398, 399])
    expect(await reader.read(at)).toEqual({
      id: String(at),
      prompt: 'What?',
      response: responses[at],
      answer: '4',
      given: null,
      correct: at % 3 === 0,
    })
  await reader.close()
})

test('what is no answer is told with its line and passed over; the lines around it count', async () => {
  const file = path.join(folder, 'items.jsonl')
  const long = `{"id":"long","response":"${'x'.repeat(5 << 20)}","correct":true}\n`
  writeFileSync(
    file,
    `${line('a', '1')}${long}[1]\n{"correct":true}\n\n${line('a', 'again')}${line('b', '2').trimEnd()}`,
  )
  const index = await opened(file)
  expect(index.ids).toEqual(['a', 'b'])
  expect(index.repeated).toBe(1)
  expect(index.problems).toEqual([
    'line 2 is longer than 4 MB and was passed over',
    'line 3 is no JSON object: [1]',
    'line 4 has the id nothing; expected a text or a number',
  ])
  const reader = (await itemReader(index))!
  expect((await reader.read(1))!.response).toBe('2')
  await reader.close()
})

test('a file stays known while it is the same, and is read anew when it has grown', async () => {
  const file = path.join(folder, 'items.jsonl')
  writeFileSync(file, line(1, 'one'))
  const index = await opened(file)
  expect(await opened(file)).toBe(index)
  appendFileSync(file, line(2, 'two'))
  expect((await opened(file)).ids).toEqual(['1', '2'])
})

test('files that are gone, are none or stand elsewhere are not read, and links are followed before that is decided', async () => {
  const outside = mkdtempSync(path.join(tmpdir(), 'sweepboard-outside-'))
  try {
    writeFileSync(path.join(outside, 'secret.jsonl'), line(1, 'secret'))
    symlinkSync(path.join(outside, 'secret.jsonl'), path.join(folder, 'link.jsonl'))
    mkdirSync(path.join(folder, 'directory'))
    const said = (name: string) => openItems(path.join(folder, name), [folder])
    expect(await said('link.jsonl')).toMatch(/link\.jsonl leads out of the folders of its run and sweep/)
    expect(await said('../elsewhere.jsonl')).toMatch(/elsewhere\.jsonl is not there$/)
    expect(await said('directory')).toMatch(/directory is a folder, and is not read; a plain file was expected$/)
  } finally {
    rmSync(outside, { recursive: true })
  }
})
