/**
 * The grader on pairs of answers labelled by hand (trainer/grading/pairs.json and more-pairs.json), beside math-verify where PYTHON (default
 * python3) has it (`pip install 'math-verify[antlr4_13_2]'`), and on 10,000 random and some two hundred hostile answers. Times
 * are of the processor, so that other programs on the machine disturb them little.
 */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { lastBoxed } from '../trainer/grading/boxed.ts'
import { hostileAnswers, randomAnswer } from '../trainer/grading/hostile-answers.ts'
import morePairs from '../trainer/grading/more-pairs.json' with { type: 'json' }
import pairs from '../trainer/grading/pairs.json' with { type: 'json' }
import { sameAnswer } from '../trainer/grading/same-answer.ts'
import { randomStream } from '../trainer/rng.ts'
import { printTable } from './table.ts'

type Pair = { gold: string; response: string; equal: boolean }
type Outcome = { refused: number; accepted: number; microseconds: number; slowest: number }

/** Microseconds of this process's processor time. */
function cost(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

function ours(pairs: readonly Pair[]): Outcome {
  let [refused, accepted, slowest, total] = [0, 0, 0, 0]
  for (const { gold, response, equal } of pairs) {
    let same = false
    const spent = cost(() => {
      const answer = lastBoxed(response)
      same = answer !== null && sameAnswer(answer, gold)
    })
    total += spent
    slowest = Math.max(slowest, spent / 1000)
    if (equal && !same) refused++
    if (same && !equal) accepted++
  }
  return { refused, accepted, microseconds: total / pairs.length, slowest }
}

function mathVerify(pairs: readonly Pair[]): Outcome | null {
  const script = path.join(import.meta.dirname, 'grading-math-verify.py')
  const { status, stdout } = spawnSync(process.env.PYTHON || 'python3', [script], {
    input: JSON.stringify(pairs),
    encoding: 'utf8',
  })
  return status === 0 ? (JSON.parse(stdout) as Outcome) : null
}

/** The slowest comparison of each answer with five others, in milliseconds. */
function slowestOf(answers: readonly string[]): number {
  let slowest = 0
  for (const [at, answer] of answers.entries()) {
    for (const other of [`${answer} `, answers[(at * 7 + 1) % answers.length]!, 'x^2+1', '\\{1,2,3\\}', '-1<x<3']) {
      const spent = cost(() => {
        lastBoxed(answer)
        sameAnswer(answer, other)
      })
      slowest = Math.max(slowest, spent / 1000)
    }
  }
  return slowest
}

/** Prints the tables. */
export async function run(): Promise<void> {
  const row = (name: string, pairs: readonly Pair[], outcome: Outcome | null) =>
    outcome === null
      ? [name, 'not installed', '', '', '', '', '']
      : [
          name,
          `${pairs.length}`,
          `${pairs.length - outcome.refused - outcome.accepted}`,
          `${outcome.refused}`,
          `${outcome.accepted}`,
          outcome.microseconds.toFixed(0),
          outcome.slowest.toFixed(1),
        ]
  const more = morePairs.map(({ gold, given, equal }) => ({ gold, equal, response: `So \\boxed{${given}}.` }))
  ours(pairs) // compiled by now
  printTable('Answers compared: pairs labelled by hand', [
    ['grader', 'pairs', 'right', 'refused, the same', 'accepted, not the same', 'µs an answer', 'slowest, ms'],
    row('Sweepboard', pairs, ours(pairs)),
    row('math-verify', pairs, mathVerify(pairs)),
    row('Sweepboard', more, ours(more)),
    row('math-verify', more, mathVerify(more)),
  ])
  const random = randomStream(1)
  printTable('The slowest of many answers, ms of processor time', [
    ['answers', 'number', 'slowest'],
    ['random', '10,000', slowestOf(Array.from({ length: 10_000 }, () => randomAnswer(random))).toFixed(1)],
    ['hostile', `${hostileAnswers().length}`, slowestOf(hostileAnswers()).toFixed(1)],
  ])
}
