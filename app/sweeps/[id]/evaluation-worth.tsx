'use client'
import { useState } from 'react'
import {
  betterNumbers,
  type EvaluationWorth as Worth,
  intervalWith,
  type MeasuredEvaluation,
  worthOfEvaluation,
} from '../../../domain/score/evaluation-worth.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { ownValue } from '../../../domain/own-value.ts'
import { formatCount, formatInterval, listWords, pointName } from '../../_words/format.ts'
import styles from './evaluation-worth.module.css'

const percent = (share: number) => (100 * share).toFixed(1)

/** Which benchmark the luck of a score comes from, what its questions cost, and what other numbers of them would give. */
export function EvaluationWorthSection({ sweep }: { sweep: SweepDetail }) {
  const { bestPoint: best } = sweep
  if (!best || Object.keys(best.results).length === 0) return null
  const { aggregate, baseline } = sweep.score
  const counts = Object.fromEntries(
    Object.entries(best.results).map(([name, { correct, total }]) => [
      name,
      correct === null || total === null ? null : { correct, total },
    ]),
  )
  const measured: MeasuredEvaluation = { aggregate, baseline: baseline.accuracies, counts }
  const worth = worthOfEvaluation(measured)
  return (
    <section className="section" aria-labelledby="worth-title">
      <div className="section-head">
        <h2 id="worth-title">What an evaluation is worth</h2>
        <span className="note">at the accuracies of the best, {pointName(best.params, sweep.axes)}</span>
      </div>
      {worth === null ? (
        <p className="ink2">{unknownWords(measured)}</p>
      ) : (
        // other benchmarks are other fields
        <Known key={Object.keys(baseline.accuracies).join('\n')} measured={measured} worth={worth} />
      )}
    </section>
  )
}

function unknownWords({ baseline, counts }: MeasuredEvaluation): string {
  const lacking = Object.keys(baseline).filter((name) => !ownValue(counts, name))
  return `How many questions ${listWords(lacking)} ${lacking.length === 1 ? 'has' : 'have'} is not known, so nothing can be said: let the report give correct and total, or the sweep file score.questions.`
}

function Known({ measured, worth }: { measured: MeasuredEvaluation; worth: Worth }) {
  const better = betterNumbers(worth)
  const [typed, setTyped] = useState<Record<string, string>>({})
  const preset = (name: string, least: number) => (better ? ownValue(better, name)! : least)
  const numbers = Object.fromEntries(
    worth.benchmarks.map(({ benchmark, leastQuestions }) => {
      const text = ownValue(typed, benchmark)
      return [benchmark, text === undefined ? preset(benchmark, leastQuestions) : Number(text)]
    }),
  )
  const sumOf = (of: (one: Worth['benchmarks'][number]) => number) =>
    worth.benchmarks.reduce((sum, one) => sum + of(one), 0)
  const asked = Object.values(numbers).reduce((sum, one) => sum + one, 0)
  const isWhole = Object.values(numbers).every(isNumber)
  return (
    <>
      <p className={styles.answer}>{answerWords(measured, worth, better)}</p>
      <div className="table-wrap">
        <table className={styles.table} aria-labelledby="worth-title">
          <thead>
            <tr>
              <th>Benchmark</th>
              <th className="num">Questions</th>
              <th className="num">of all, %</th>
              <th className="num">Variance, %</th>
              <th className={styles.barHead}>Share of variance; line: of questions</th>
              <th className="num">As narrow with</th>
              <th className="num">Narrowest with as many</th>
              <th className="num">Other numbers</th>
            </tr>
          </thead>
          <tbody>
            {worth.benchmarks.map((one) => (
              <tr key={one.benchmark}>
                <td>{one.benchmark}</td>
                <td className="num">{formatCount(one.questions)}</td>
                <td className="num">{percent(one.questionShare)}</td>
                <td className="num score">{percent(one.varianceShare)}</td>
                <td>
                  <Bar variance={one.varianceShare} questions={one.questionShare} />
                </td>
                <td className="num">{formatCount(one.leastQuestions)}</td>
                <td className="num">{formatCount(one.bestQuestions)}</td>
                <td className="num">
                  <input
                    type="number"
                    min={1}
                    step={1}
                    className={styles.number}
                    aria-label={`Questions of ${one.benchmark}`}
                    aria-invalid={!isNumber(numbers[one.benchmark]!) || undefined}
                    value={ownValue(typed, one.benchmark) ?? String(preset(one.benchmark, one.leastQuestions))}
                    onChange={({ target }) => setTyped((before) => ({ ...before, [one.benchmark]: target.value }))}
                  />
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td>together</td>
              <td className="num">{formatCount(worth.questions)}</td>
              <td className="num">100.0</td>
              <td className="num">100.0</td>
              <td aria-hidden="true" />
              <td className="num">{formatCount(sumOf((one) => one.leastQuestions))}</td>
              <td className="num">{formatCount(sumOf((one) => one.bestQuestions))}</td>
              <td className="num">{isWhole ? formatCount(asked) : '–'}</td>
            </tr>
          </tfoot>
        </table>
      </div>
      <p className="small ink2" role="status">
        {otherWords(measured, worth, numbers)}
      </p>
      <p className="small ink3">
        If its accuracies are what they were measured to be, and there are as many questions like these; several answers
        to one question stand for further questions only in part.
      </p>
    </>
  )
}

const isNumber = (number: number) => Number.isInteger(number) && number >= 1

/** The benchmark that makes most of the luck, and one whose questions hardly count; then numbers that would be better. */
function answerWords(measured: MeasuredEvaluation, worth: Worth, better: Record<string, number> | null): string {
  const byYield = worth.benchmarks.toSorted(
    (a, b) => b.varianceShare / b.questionShare - a.varianceShare / a.questionShare,
  )
  const [most, least] = [byYield[0]!, byYield.at(-1)!]
  if (most === least) return `All of the variance is that of ${most.benchmark}.`
  const shares = ({ varianceShare, questionShare }: Worth['benchmarks'][number]) => [
    `${percent(varianceShare)}\u00a0%`,
    `${percent(questionShare)}\u00a0%`,
  ]
  const [variance, questions] = shares(most)
  const [little, many] = shares(least)
  const first = `${most.benchmark} makes ${variance} of the score’s variance with ${questions} of the questions, ${least.benchmark} ${little} with ${many}.`
  if (better === null) return first
  const changed = worth.benchmarks.filter(({ benchmark, questions }) => better[benchmark] !== questions)
  const said = listWords(changed.map(({ benchmark }) => `${formatCount(better[benchmark]!)} of ${benchmark}`))
  const asked = Object.values(better).reduce((sum, one) => sum + one, 0)
  const interval = intervalWith(measured, better)!
  return `${first} ${said} would be ${Math.round((100 * asked) / worth.questions)}\u00a0% of the questions, and a narrower interval: ${formatInterval(interval)} in place of ${formatInterval(worth.interval)}.`
}

function otherWords(measured: MeasuredEvaluation, worth: Worth, numbers: Record<string, number>): string {
  const wrong = Object.entries(numbers).filter(([, number]) => !isNumber(number))
  if (wrong.length > 0)
    return `Expected a whole number of questions above 0 for ${listWords(wrong.map(([name]) => name))}.`
  const asked = Object.values(numbers).reduce((sum, one) => sum + one, 0)
  const [low, high] = intervalWith(measured, numbers)!
  const width = (high - low) / (worth.interval[1] - worth.interval[0])
  return `With the other numbers: ${formatCount(asked)} questions, ${Math.round((100 * asked) / worth.questions)}\u00a0% of ${formatCount(worth.questions)}; 95\u00a0% interval ${formatInterval([low, high])}, ${width.toFixed(2)} times as wide.`
}

/** A benchmark's share of the variance as a bar, with a line at its share of the questions. */
function Bar({ variance, questions }: { variance: number; questions: number }) {
  const x = (share: number) => 1 + 158 * share
  return (
    <svg className={styles.bar} width="160" height="16" viewBox="0 0 160 16" aria-hidden="true">
      <rect x="1" y="4" width={158} height="8" rx="2" fill="var(--sunken)" />
      <rect x="1" y="4" width={Math.max(1, 158 * variance)} height="8" rx="2" fill="var(--ink-3)" />
      <path d={`M${x(questions)} 1v14`} stroke="var(--accent)" strokeWidth="2" />
    </svg>
  )
}
