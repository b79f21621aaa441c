// evaluates-questions.mjs STRENGTH QUESTIONS REPORT [WAY]
// Answers the questions that the file QUESTIONS names, the one at place n rightly when (37 n + 13 STRENGTH) mod 100 is below STRENGTH,
// and adds a line for each to the file RACE_ASKED. WAY: counts (in the report; the default), accuracies (alone), all (answers 1000
// questions whatever it was asked), items (as events, with a file of answers), fails-once (the first attempt of each job). A baseline's
// STRENGTH is the word baseline, for 50: it waits while the file RACE_HOLD is there, and fails where that says so, or adds a benchmark D.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'

const [word, questions, report, way = 'counts'] = process.argv.slice(2)
const strength = word === 'baseline' ? 50 : Number(word)
const hold = word === 'baseline' ? (process.env.RACE_HOLD ?? '') : ''
const told = existsSync(hold) ? readFileSync(hold, 'utf8') : ''
if (told === 'fail') process.exit(3)
while (told === '' && existsSync(hold)) await setTimeout(20)
const { SWEEPBOARD_RUN: run, SWEEPBOARD_ATTEMPT: attempt, SWEEPBOARD_EVENTS: events } = process.env
if (way === 'fails-once' && attempt === '1') process.exit(3)
const { evaluation } = JSON.parse(readFileSync(process.env.SWEEPBOARD_JOB, 'utf8'))
const acc = {}
for (const [benchmark, places] of Object.entries(JSON.parse(readFileSync(questions, 'utf8')))) {
  const asked = way === 'all' ? Array.from({ length: 1000 }, (_, n) => n) : places
  const isRight = (n) => (37 * n + 13 * strength) % 100 < strength
  const correct = asked.filter(isRight).length
  if (process.env.RACE_ASKED)
    appendFileSync(
      process.env.RACE_ASKED,
      asked.map((n) => `${run} ${evaluation.checkpoint} ${benchmark} ${n}\n`).join(''),
    )
  acc[benchmark] = way === 'accuracies' ? correct / asked.length : { correct, total: asked.length }
  if (way !== 'items') continue
  const file = `items-${benchmark}.jsonl`
  const items = asked.map((n) => ({
    id: `${benchmark}-${n}`,
    prompt: `${n}?`,
    response: `${n}`,
    answer: '1',
    correct: isRight(n),
  }))
  writeFileSync(
    path.join(process.env.SWEEPBOARD_RUN_DIR, file),
    items.map((item) => `${JSON.stringify(item)}\n`).join(''),
  )
  const event = { type: 'evaluation', step: evaluation.step, benchmark, correct, total: asked.length, items: file }
  appendFileSync(events, `${JSON.stringify(event)}\n`)
}
if (told === 'add D') acc.D = { correct: 1, total: 2 }
if (way !== 'items') writeFileSync(report, JSON.stringify({ acc }))
