/** Which questions a racing evaluation has, and whether it can be asked some of them only. A question is known by its place in its benchmark, from 0. */
import { benchmarkNames, questionCounts } from '../../contract/trainer-settings.ts'
import type { Issue } from '../errors.ts'
import { placeholdersOf, questionsName } from './commands/placeholders.ts'
import { isScored, scoringOf } from './scoring.ts'
import type { Sweep } from './sweep.ts'

/** Whether the evaluations of a sweep race. */
export function isRacing({ evaluate }: Pick<Sweep, 'evaluate'>): boolean {
  return evaluate?.race === true
}

/** Whether the evaluation command is told which questions to ask. */
export function takesQuestions({ evaluate, axes }: Pick<Sweep, 'evaluate' | 'axes'>): boolean {
  const texts = [...(evaluate?.command ?? []), ...Object.values(evaluate?.env ?? {})]
  return !Object.hasOwn(axes, questionsName) && texts.some((text) => placeholdersOf(text).some(isQuestions))
}

const isQuestions = ({ name }: { name: string }) => name === questionsName

/**
 * How many questions each benchmark has, as far as that is known beforehand: `score.questions`, and of the built-in evaluation what it
 * brings along.
 */
export function knownQuestions(sweep: Sweep): Record<string, number> {
  const { questions } = scoringOf(sweep)
  if (sweep.trainer === undefined) return questions
  const { benchmarks, maximum_questions: most } = sweep.config ?? {}
  const asked = Array.isArray(benchmarks) ? benchmarks.map(String) : benchmarkNames
  const found = asked.flatMap((benchmark): [string, number][] => {
    const place = benchmarkNames.indexOf(benchmark)
    const name = benchmark.endsWith('.jsonl') ? benchmark.slice(benchmark.lastIndexOf('/') + 1, -6) : benchmark
    const own = Object.hasOwn(questions, name) ? questions[name] : undefined
    const count = place >= 0 ? questionCounts[place]! : own
    return count === undefined ? [] : [[name, typeof most === 'number' && most > 0 ? Math.min(most, count) : count]]
  })
  return Object.fromEntries(found)
}

/** Why the evaluations cannot race, in sentences; what the baseline's benchmarks lack is `raceLacks`. Empty where they do not. */
export function raceIssues(sweep: Sweep): Issue[] {
  const at = ['evaluate', 'race']
  if (!isRacing(sweep)) {
    const isTold = sweep.evaluate?.command !== undefined && takesQuestions(sweep)
    return isTold ? questionsIssues(sweep) : []
  }
  const refuse = (message: string): Issue[] => [{ path: at, message }]
  if (!isScored(sweep))
    return refuse(
      'A race is for the highest score, and this sweep has none; expected score: { baseline: … } beside it.',
    )
  if (sweep.trainer !== undefined) {
    const axis = ['benchmarks', 'maximum_questions'].find((name) => Object.hasOwn(sweep.axes, name))
    if (axis === undefined) return []
    return refuse(
      `Points that race are asked the same questions, and ${axis} is an axis; expected it in config, or race: false.`,
    )
  }
  if (sweep.evaluate?.command === undefined)
    return refuse(
      'The trainer reports its evaluations itself, all questions at once, so they cannot race; expected evaluate.command, or race: false.',
    )
  if (Object.hasOwn(sweep.axes, questionsName))
    return refuse(
      `An axis is called ${questionsName}, and \${questions} names the questions of a racing evaluation; expected another name for the axis, or race: false.`,
    )
  if (!takesQuestions(sweep))
    return refuse(
      'The evaluation command is not told which questions to ask, so it would answer all of them each time; expected ${questions} in evaluate.command or evaluate.env, or race: false.',
    )
  return questionsIssues(sweep)
}

/** Why a command that is told which questions to ask cannot be: nobody says how many there are. Empty where somebody does. */
export function questionsIssues(sweep: Sweep): Issue[] {
  if (Object.keys(knownQuestions(sweep)).length > 0) return []
  const message = `\${questions} is a file that names each benchmark's questions, and how many there are is not said; expected score.questions, e.g. { GSM8k: 1319 }.`
  return [{ path: ['score', 'questions'], message }]
}

/** Why a race cannot begin with these benchmarks: of which nobody knows how many questions there are. */
export function raceLacks(sweep: Sweep, benchmarks: readonly string[]): Issue[] {
  const known = knownQuestions(sweep)
  const lacking = benchmarks.filter((name) => !Object.hasOwn(known, name))
  if (lacking.length === 0) return []
  const asks = sweep.trainer === undefined ? '' : ' among its benchmarks, and'
  const message = `A race asks questions by their places, so it needs to know how many there are of ${lacking.join(', ')}; expected it${asks} in score.questions, e.g. questions: { ${lacking[0]}: 500 }.`
  return [{ path: ['score', 'questions'], message }]
}
