/** Tables that trainers log (TRL's completions, rollouts of one's own) to samples. */
import type { SampleEvent } from '../../contract/trainer.ts'
import { emptyValues, isStep, numberOf } from './plain-values.ts'

const prompts = /^(prompts?|questions?|quer(y|ies)|inputs?|problems?)$/i
const responses = /^(responses?|completions?|outputs?|generations?|predictions?)$/i
/** Where no other column holds responses, these do. */
const answers = /^answers?$/i
/** verl calls it `gts`, data sets by one of the others. */
const rightAnswers = /^(gts?|ground_truths?|answers?|solutions?|targets?|references?)$/i
const rewards = /^(rewards?|scores?|total_rewards?)$/i
const advantages = /^advantages?$/i
/** A table of more rows than this is data, not rollouts to look at. */
const mostRows = 10_000

/**
 * The samples in a table: null where no column holds prompts, or none responses. Columns of numbers beside the reward are its
 * parts; a column `step` says the step, else it is `step`.
 */
export function tableSamples(columns: unknown[], rows: unknown[][], step: number): SampleEvent[] | null {
  const names = columns.map(String)
  const promptAt = names.findIndex((name) => prompts.test(name))
  const columnOf = (kind: RegExp) => names.findIndex((name, at) => at !== promptAt && kind.test(name))
  const responseAt = columnOf(responses) === -1 ? columnOf(answers) : columnOf(responses)
  if (promptAt === -1 || responseAt === -1) return null
  const rewardAt = names.findIndex((name) => rewards.test(name))
  const advantageAt = names.findIndex((name) => advantages.test(name))
  const stepAt = names.indexOf('step')
  const answerAt = names.findIndex((name, at) => at !== responseAt && rightAnswers.test(name))
  const noParts = new Set([rewardAt, advantageAt, stepAt, answerAt])
  return rows.slice(0, mostRows).map((row) => {
    const parts = emptyValues()
    for (const [at, name] of names.entries()) {
      const number = noParts.has(at) || typeof row[at] === 'boolean' ? null : numberOf(row[at])
      if (number !== null) parts[name] = number
    }
    const reward = rewardAt === -1 ? null : numberOf(row[rewardAt])
    const advantage = advantageAt === -1 ? null : numberOf(row[advantageAt])
    const own = stepAt === -1 ? null : Number(row[stepAt])
    return {
      type: 'sample' as const,
      step: isStep(own) ? own : step,
      prompt: asText(row[promptAt]),
      response: asText(row[responseAt]),
      ...(reward === null ? {} : { reward }),
      ...(Object.keys(parts).length > 0 ? { parts } : {}),
      ...(advantage === null || !Number.isFinite(advantage) ? {} : { advantage }),
      ...(answerAt === -1 ? {} : { answer: asText(row[answerAt]) }),
    }
  })
}

/** Conversations come as lists of messages. */
function asText(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}
