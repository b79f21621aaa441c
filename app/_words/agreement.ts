/** What comparing checkpoints rests on. */
import type { SweepAgreement } from '../../domain/score/same-questions.ts'
import { listWords, plural } from './format.ts'

/** `thing`: what is compared. null: they were asked different questions, or nobody knows which. */
export function agreementWords(agreement: SweepAgreement | null, thing: 'point' | 'row'): string {
  if (agreement === null)
    return `Only how many questions were right is known: ${thing}s are compared as if each had been asked questions of its own.`
  const found = Object.entries(agreement.benchmarks)
  const figures = found.map(([name, { correlation }]) => `${name} ${correlation.toFixed(2)}`)
  const questions = found.reduce((sum, [, one]) => sum + one.questions, 0)
  const models = Math.min(...found.map(([, one]) => one.models))
  return `Compared question by question. How alike two ${thing}s answer, ρ: ${listWords(figures)}; from the answers of ${plural(models, 'checkpoint')} to ${plural(questions, 'question')}. What all answer alike says nothing of who is better.`
}
