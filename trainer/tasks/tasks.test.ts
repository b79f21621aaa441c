import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readTrainerConfig } from '../../contract/check-settings.ts'
import { type SupervisedConfig } from '../../contract/trainer-settings.ts'
import { lastBoxed } from '../grading/boxed.ts'
import { randomStream } from '../rng.ts'
import { arithmeticTokenizer } from '../tokenizer.ts'
import { arithmeticProblem, arithmeticSolution } from './arithmetic.ts'
import { arithmeticBenchmarks, heldOutPrompts } from './benchmarks.ts'
import { packExamples, trainingExamples } from './examples.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-tasks-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const tokenizer = arithmeticTokenizer()
const config = (change: object) => readTrainerConfig({ trainer: 'sft', ...change }) as SupervisedConfig

test('every solution is right, in every style', () => {
  const random = randomStream('solutions')
  for (let level = 1; level <= 4; level++) {
    for (let index = 0; index < 200; index++) {
      const problem = arithmeticProblem(level, random)
      // digits and signs only, checked on the line before it is computed
      expect(problem.prompt).toMatch(/^\d+([+-]\d+)+=$/)
      const terms = problem.prompt
        .slice(0, -1)
        .match(/[+-]?\d+/g)!
        .map(Number)
      expect(terms).toHaveLength(level + 1)
      expect(terms.reduce((sum, term) => sum + term, 0)).toBe(problem.answer)
      for (const style of ['short', 'long', 'direct'] as const) {
        const solution = arithmeticSolution(problem, style, 0.5, random)
        expect(lastBoxed(solution)).toBe(String(problem.answer))
        expect(tokenizer.decode(tokenizer.encode(solution))).toBe(solution)
      }
    }
  }
})

test("the benchmarks are the same each time, as large as the study's, and each prompt stands once", () => {
  const benchmarks = arithmeticBenchmarks()
  expect(benchmarks.map(({ name, questions }) => [name, questions.length])).toEqual([
    ['level-1', 40],
    ['level-2', 1319],
    ['level-3', 500],
    ['level-4', 675],
  ])
  expect(arithmeticBenchmarks()).toEqual(benchmarks)
  expect(heldOutPrompts().size).toBe(40 + 1319 + 500 + 675)
})

test('no question of a benchmark stands in training data', () => {
  const heldOut = heldOutPrompts()
  const examples = trainingExamples(config({ dataset_size: 3000 }), tokenizer)
  expect(examples).toHaveLength(3000)
  for (const { prompt } of examples) expect(heldOut.has(tokenizer.decode(prompt))).toBe(false)
})

test('levels and styles are mixed by their weights', () => {
  const examples = trainingExamples(
    config({ dataset_size: 2000, levels: [0, 0, 0, 1], solutions: { short: 3, direct: 1 } }),
    tokenizer,
  )
  const direct = examples.filter(({ completion }) => tokenizer.decode(completion).startsWith('\\boxed')).length
  expect(direct / 2000).toBeGreaterThan(0.2)
  expect(direct / 2000).toBeLessThan(0.3)
  for (const { prompt } of examples) expect(tokenizer.decode(prompt).match(/[+-]/g)).toHaveLength(4)
})

test('a JSONL file is read, and a line that does not fit is named', () => {
  const file = path.join(folder, 'data.jsonl')
  writeFileSync(file, '{"prompt":"1+1=","solution":"\\\\boxed{2}"}\n\n{"prompt":"2+2=","solution":"\\\\boxed{4}"}\n')
  expect(
    trainingExamples(config({ data: file }), tokenizer).map(({ completion }) => tokenizer.decode(completion)),
  ).toEqual(['\\boxed{2}', '\\boxed{4}'])
  expect(() => trainingExamples(config({ data: file }), tokenizer, 3)).toThrow(
    /, line 1: \d+ tokens; expected at most 3, the model's context$/,
  )
  writeFileSync(file, '{"prompt":"1+1="}\n')
  expect(() => trainingExamples(config({ data: file }), tokenizer)).toThrow(
    `${file}, line 1: solution is undefined; expected a text`,
  )
  writeFileSync(file, '{"prompt":"1+1=","solution":"2"}\nnonsense\n')
  expect(() => trainingExamples(config({ data: file }), tokenizer)).toThrow(`${file}, line 2: "nonsense" is not JSON`)
  writeFileSync(file, '{"prompt":"1 & 1","solution":"2"}\n')
  expect(() => trainingExamples(config({ data: file }), tokenizer)).toThrow(
    `${file}, line 1: The character "&" in "1 & 1" is not in the tokenizer's vocabulary`,
  )
  writeFileSync(file, '')
  expect(() => trainingExamples(config({ data: file }), tokenizer)).toThrow(`${file} is empty`)
})

test('packing keeps examples apart and every target in its place', () => {
  const examples = Array.from({ length: 9 }, (_, index) => ({
    prompt: [10 + index, 20],
    completion: Array.from({ length: 1 + index }, (_, place) => 30 + place),
  }))
  for (const packing of [true, false]) {
    const rows = packExamples(examples, { packing, rowLength: 16, padding: 0 })
    expect(rows.weights.reduce((sum, weight) => sum + weight, 0)).toBe(45)
    for (const [index, { prompt, completion }] of examples.entries()) {
      const start = rows.starts[index]!
      expect(rows.targets.slice(start, start + completion.length)).toEqual(Int32Array.from(completion))
      expect(rows.tokens.slice(start - 1, start + 1)).toEqual(Int32Array.from(prompt))
      const column = (start - 1) % rows.length
      for (let place = start - 1; place < start + completion.length; place++)
        expect(rows.segmentStart[place]).toBe(column)
    }
  }
  const packed = packExamples(examples, { packing: true, rowLength: 16, padding: 0 })
  expect(packed.batch).toBeLessThan(9)
})
