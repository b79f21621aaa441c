/** A baseline out of what its evaluation reported. */
import { accuracyOf, type ReportedResult } from './score.ts'

type Result = ReportedResult & { benchmark: string }

/**
 * Accuracy and number of questions of each benchmark, those of `told` where the report gives accuracies alone; or why there is no
 * baseline, a sentence: nothing is divided by an accuracy of 0, and no benchmark is left out unsaid.
 */
export function baselineFromResults(
  results: readonly Result[],
  told: Readonly<Record<string, number>>,
): { accuracies: Record<string, number>; questions: Record<string, number> } | { problem: string } {
  if (results.length === 0) return { problem: 'Its evaluation reported no benchmark.' }
  const accuracies: [string, number][] = []
  const questions: [string, number][] = []
  for (const result of results) {
    const { benchmark, error, total } = result
    const accuracy = accuracyOf(result)
    if (error) return { problem: `${benchmark}: ${error.replace(/\.?$/, '.')}` }
    if (accuracy === null || !(accuracy > 0 && accuracy <= 1))
      return {
        problem: `It has ${accuracy ?? 'no accuracy'} on ${benchmark}, and a baseline accuracy must be above 0 and at most 1; expected an evaluation without ${benchmark}, or accuracies in place of measure.`,
      }
    accuracies.push([benchmark, accuracy])
    const asked = total ?? (Object.hasOwn(told, benchmark) ? told[benchmark]! : null)
    if (asked !== null && asked > 0) questions.push([benchmark, asked])
  }
  return { accuracies: Object.fromEntries(accuracies), questions: Object.fromEntries(questions) }
}
