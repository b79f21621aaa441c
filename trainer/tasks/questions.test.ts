import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readTrainerConfig } from '../../contract/check-settings.ts'
import type { SupervisedConfig } from '../../contract/trainer-settings.ts'
import { arithmeticTokenizer } from '../tokenizer.ts'
import { trainingExamples } from './examples.ts'
import { readQuestions, rightAnswer } from './questions.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-questions-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const fileOf = (...lines: object[]) => {
  const file = path.join(folder, 'lines.jsonl')
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return file
}

const answers: [string, Record<string, unknown>, string][] = [
  ['the answer alone', { answer: '72' }, '72'],
  ['a number', { answer: -1.5 }, '-1.5'],
  ["GSM8K's worked answer", { answer: 'Half of 48 is <<48/2=24>>24.\n48 and 24 are 72.\n#### 72' }, '72'],
  ['one with a thousands separator and spaces', { answer: 'so\n####  1,080 \n' }, '1,080'],
  ['one that was marked twice', { answer: '#### 3\nno:\n#### 4' }, '4'],
  ['a mark within a line, which is none', { answer: 'a #### b' }, 'a #### b'],
  [
    "MATH's solution",
    { solution: 'First $\\boxed{1}$, then\n$$x=\\boxed{\\frac{\\sqrt{3}}{2}}.$$' },
    '\\frac{\\sqrt{3}}{2}',
  ],
  ['an answer beside a solution', { answer: '5', solution: 'so \\boxed{6}' }, '5'],
]
test.each(answers)('the right answer is found: %s', (_name, line, expected) => {
  expect(rightAnswer(line)).toBe(expected)
})

const faults: [string, Record<string, unknown>, string][] = [
  ['nothing', {}, 'answer is undefined; expected a text or a number'],
  ['an empty answer', { answer: ' ' }, 'answer is " "; expected a text or a number'],
  ['a list', { answer: ['1'] }, 'answer is ["1"]; expected a text or a number'],
  [
    'nothing after the mark',
    { answer: 'so\n#### \n' },
    'answer ends with "so\\n#### \\n"; expected the answer after ####',
  ],
  [
    'a box that does not close',
    { solution: 'so \\boxed{7' },
    'solution, which ends with "so \\\\boxed{7", has no \\boxed{…}',
  ],
]
test.each(faults)('%s is no right answer, and says so', (_name, line, sentence) => {
  expect(() => rightAnswer(line)).toThrow(sentence)
})

test('questions are read from files of GSM8K and MATH, and a line that does not fit is named', () => {
  const file = fileOf(
    { question: 'q', answer: 'a\n#### 2' },
    { problem: 'p', solution: '\\boxed{3}', level: 'Level 5' },
  )
  expect(readQuestions(file)).toEqual([
    { id: '1', prompt: 'q', answer: '2' },
    { id: '2', prompt: 'p', answer: '3' },
  ])
  expect(() => readQuestions(fileOf({ question: 'q', answer: '1' }, { problem: 'p', solution: 'three' }))).toThrow(
    `${file}, line 2: there is no answer, and solution`,
  )
  expect(() => readQuestions(fileOf({ answer: '1' }))).toThrow(
    `${file}, line 1: neither question nor problem is a text`,
  )
})

test('sft learns solutions from the same files, and no bare answers', () => {
  const tokenizer = arithmeticTokenizer()
  const examples = (...lines: object[]) =>
    trainingExamples(readTrainerConfig({ trainer: 'sft', data: fileOf(...lines) }) as SupervisedConfig, tokenizer)
  const [math] = examples({ problem: '1+1=', solution: 'so \\boxed{2}' })
  expect([tokenizer.decode(math!.prompt), tokenizer.decode(math!.completion)]).toEqual(['1+1=', 'so \\boxed{2}'])
  expect(() => examples({ question: '1+1=', answer: '2' })).toThrow('line 1: solution is undefined; expected a text')
  // that it is taken is seen from what it fails at: the arithmetic vocabulary has no #
  expect(() => examples({ question: '1+1=', answer: '1\n#### 2' })).toThrow('The character')
})
