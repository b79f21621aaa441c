/**
 * Questions of JSONL files as people have them: `question` (or `problem`), and an `answer` that is the answer alone, or GSM8K's, which ends
 * with `#### 72`, or in its place MATH's `solution`, which holds it in a box.
 */
import { lastBoxed } from '../grading/boxed.ts'
import type { Question } from './benchmarks.ts'
import { readLines } from './examples.ts'

type Line = Record<string, unknown>

/** What a worked answer of GSM8K ends with. */
const marked = /(?:^|\n)[ \t]*####[ \t]*(\S[^\n]*)/g

/**
 * The right answer of a line: of `answer` what follows its last `####`, or all of it; without one, the last box of `solution`.
 * @throws with what the line has and what was expected
 */
export function rightAnswer({ answer, solution }: Line): string {
  if (typeof answer === 'number') return String(answer)
  if (typeof answer === 'string' && answer.trim() !== '') {
    const last = [...answer.matchAll(marked)].at(-1)
    if (last !== undefined) return last[1]!.trim()
    if (/(?:^|\n)[ \t]*####/.test(answer))
      throw new Error(`answer ends with ${JSON.stringify(answer.slice(-30))}; expected the answer after ####`)
    return answer
  }
  if (answer === undefined && typeof solution === 'string') {
    const boxed = lastBoxed(solution)
    if (boxed !== null) return boxed
    throw new Error(
      `there is no answer, and solution, which ends with ${JSON.stringify(solution.slice(-30))}, has no \\boxed{…} that closes; expected one of them`,
    )
  }
  throw new Error(`answer is ${JSON.stringify(answer)}; expected a text or a number`)
}

/** What is asked: `question`, or `problem`. @throws where neither is a text */
export function questionOf({ question, problem }: Line): string {
  const asked = question ?? problem
  if (typeof asked !== 'string' || asked === '') throw new Error('neither question nor problem is a text')
  return asked
}

/** The questions of a JSONL file. Throws naming the file and line. */
export function readQuestions(file: string): Question[] {
  return readLines(file).map(({ place, line }, index) => {
    try {
      return { id: String(line.id ?? index + 1), prompt: questionOf(line), answer: rightAnswer(line) }
    } catch (error) {
      throw new Error(`${place}: ${(error as Error).message}`)
    }
  })
}
