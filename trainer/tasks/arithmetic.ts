/**
 * The arithmetic task: a sum of small numbers, worked step by step.
 *
 *   prompt      11-7+4=
 *   short       11-7=4;4+4=8;\boxed{8}
 *   long        11-7=4 check 4+7=11;4+4=8 check 8-4=4;so \boxed{8}
 *   direct      \boxed{8}
 *
 * Four levels, by the number of operations and the size of the operands; every value on the way stays between 0 and the
 * level's limit. Words of long solutions are English, or Chinese for a chosen share of them.
 */
import type { solutionStyles } from '../../contract/trainer-settings.ts'
import type { RandomStream } from '../rng.ts'

export type SolutionStyle = (typeof solutionStyles)[number]

export type Problem = { level: number; prompt: string; answer: number; steps: Step[] }
type Step = { left: number; operator: '+' | '-'; right: number; result: number }

type Level = { operations: number; start: [number, number]; operand: [number, number]; limit: number }
const levels: Level[] = [
  { operations: 1, start: [1, 9], operand: [1, 9], limit: 20 },
  { operations: 2, start: [1, 20], operand: [1, 9], limit: 30 },
  { operations: 3, start: [5, 50], operand: [1, 9], limit: 60 },
  { operations: 4, start: [10, 90], operand: [2, 19], limit: 99 },
]
export const levelCount = levels.length

/** A random problem of a level (1 to 4). */
export function arithmeticProblem(level: number, random: RandomStream): Problem {
  const rules = levels[level - 1]
  if (rules === undefined) throw new Error(`level is ${level}; expected 1 to ${levelCount}`)
  let value = random.integer(...rules.start)
  let prompt = String(value)
  const steps: Step[] = []
  while (steps.length < rules.operations) {
    const right = random.integer(...rules.operand)
    const operator = random.uniform() < 0.5 ? '+' : '-'
    const result = operator === '+' ? value + right : value - right
    if (result < 0 || result > rules.limit) continue
    steps.push({ left: value, operator, right, result })
    prompt += operator + right
    value = result
  }
  return { level, prompt: `${prompt}=`, answer: value, steps }
}

/** A worked solution. `chineseShare` is the chance of each word of a long one to be Chinese. */
export function arithmeticSolution(
  problem: Problem,
  style: SolutionStyle,
  chineseShare: number,
  random: RandomStream,
): string {
  const answer = `\\boxed{${problem.answer}}`
  if (style === 'direct') return answer
  const word = (english: string, chinese: string) => (random.uniform() < chineseShare ? chinese : english)
  const worked = problem.steps.map(({ left, operator, right, result }) => {
    const step = `${left}${operator}${right}=${result}`
    if (style === 'short') return `${step};`
    return `${step} ${word('check', '检查')} ${result}${operator === '+' ? '-' : '+'}${right}=${left};`
  })
  return worked.join('') + (style === 'long' ? `${word('so', '所以')} ` : '') + answer
}
