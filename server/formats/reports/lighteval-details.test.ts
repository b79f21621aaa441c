/** Details with the columns of lighteval 0.13.0's own Doc and ModelResponse, written by pyarrow as datasets does. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { detailsOf } from './lighteval.ts'
import { readLightevalDetails } from './lighteval-details.ts'

const bytesOf = (name: string) => {
  const bytes = readFileSync(path.join(import.meta.dirname, 'fixtures/lighteval', name))
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
}

test('a generated answer: the prompt as it was put, the response, and what was taken of it', async () => {
  const items = await readLightevalDetails(bytesOf('details_gsm8k.parquet'), null)
  expect(items).toHaveLength(3)
  expect(items[1]).toEqual({
    id: '1',
    prompt: 'Question: 1 + 1?\nAnswer: 2\n\nQuestion: A train goes 60 km in 2 h. Its speed?\nAnswer:',
    response: '60 * 2 = 120',
    answer: ' 30',
    given: '120',
    correct: false,
  })
})

test('a choice: the likeliest is what was given; which of two metrics counts is not guessed', async () => {
  const file = bytesOf('details_mmlu_anatomy.parquet')
  expect(await readLightevalDetails(file, null)).toBe(
    'row 1 has several metrics (acc; em) and it is not said which counts',
  )
  expect(await readLightevalDetails(file, 'acc')).toMatchObject([
    { answer: ' B', given: ' B', response: '', correct: true },
    { answer: ' C', given: ' A', correct: false },
    { correct: true },
    { answer: ' D', given: ' B', correct: false },
  ])
  expect(await readLightevalDetails(file, 'f1')).toBe('row 1 has nothing as f1; expected 0 or 1')
})

test('another table is told by its columns, half a file fails', async () => {
  const other = parquetWriteBuffer({ columnData: [{ name: 'full_prompt', data: ['a'], type: 'STRING' }] })
  expect(await readLightevalDetails(other, null)).toBe(
    'has no doc and no metric and no model_response: expected details of lighteval 0.10 or newer',
  )
  const whole = bytesOf('details_gsm8k.parquet')
  await expect(readLightevalDetails(whole.slice(0, whole.byteLength / 2), null)).rejects.toThrow('parquet')
})

test('details stand beside the results, by task and date', () => {
  const found = detailsOf('/o/results/org/m/results_2026-11-28T09-40-00.1.json')!
  expect(found.folder).toBe('/o/details/org/m/2026-11-28T09-40-00.1')
  expect(found.isOf('details_gsm8k|5_2026-11-28T09-40-00.1.parquet', 'gsm8k')).toBe(true)
  expect(found.isOf('details_lighteval|gsm8k|5|0_2026-11-28T09-40-00.1.parquet', 'gsm8k')).toBe(true)
  expect(found.isOf('details_mmlu:anatomy|0_2026-11-28T09-40-00.1.parquet', 'gsm8k')).toBe(false)
  expect(found.isOf('details_gsm8k|5_2026-11-29.parquet', 'gsm8k')).toBe(false)
  expect(detailsOf('/o/model/results_2026.json')).toBeNull()
})
