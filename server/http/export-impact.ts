/** Learning impact as files: every problem's score and curve as CSV, the chosen problems as data of a trainer. */
import { type EpochRule, usualThreshold } from '../../domain/score/learning-impact.ts'
import { SweepboardError } from '../../domain/errors.ts'
import type { Context } from '../base/context.ts'
import { csvTable } from '../formats/csv.ts'
import { problemData, type ImpactQuery, problemLines, problemScores } from '../tables/problem-scores.ts'

/** What an address asks for: `by`, `threshold`, and `passes` or `steps`. Throws `invalid` with the value that is none. */
export function readImpactQuery(search: URLSearchParams): ImpactQuery & { threshold: number } {
  const number = (name: string): number | undefined => {
    const given = search.get(name)
    if (given === null || given === '') return undefined
    const value = Number(given)
    if (Number.isFinite(value)) return value
    throw new SweepboardError('invalid', `${name} is ${JSON.stringify(given)}; expected a number.`)
  }
  const whole = (name: string): number | undefined => {
    const value = number(name)
    if (value === undefined || (Number.isSafeInteger(value) && value > 0)) return value
    throw new SweepboardError('invalid', `${name} is ${value}; expected a whole number of 1 or more.`)
  }
  const [passes, steps] = [whole('passes'), whole('steps')]
  const epochs: EpochRule | undefined = steps !== undefined ? { steps } : passes !== undefined ? { passes } : undefined
  return { by: search.get('by') ?? undefined, epochs, threshold: number('threshold') ?? usualThreshold }
}

/** A row a problem: its text and answer, score and deviation, whether it is chosen, and its reward in each epoch. */
export async function impactAsCsv(
  context: Context,
  runId: number,
  { threshold, ...query }: ImpactQuery & { threshold: number },
): Promise<string> {
  const measured = await problemScores(context, runId, query)
  const epochs = measured.mean.map((_, epoch) => `epoch_${epoch + 1}`)
  const head = ['question', 'answer', 'samples', 'impact', 'deviation', 'chosen', ...epochs]
  const rows = problemLines(context, runId, measured).map(({ question, answer, impact }, at) => [
    question,
    answer,
    measured.problems[at]!.samples,
    impact,
    measured.scores[at]?.deviation,
    impact === null ? null : impact >= threshold,
    ...(measured.curves[at] ?? []),
  ])
  return csvTable([head, ...rows])
}

/** The problems at or above the threshold, an object a line. */
export async function chosenAsJsonl(
  context: Context,
  runId: number,
  { threshold, ...query }: ImpactQuery & { threshold: number },
): Promise<string> {
  const measured = await problemScores(context, runId, query)
  return problemLines(context, runId, measured)
    .filter(({ impact }) => impact !== null && impact >= threshold)
    .map((line) => `${JSON.stringify(problemData(line))}\n`)
    .join('')
}
