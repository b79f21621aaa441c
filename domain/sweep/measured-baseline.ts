/** A baseline that the sweep measures itself: `score: { baseline: { measure: PATH } }`. */
import type { Issue } from '../errors.ts'
import { placeholdersOf } from './commands/placeholders.ts'
import type { Scoring } from './scoring.ts'
import type { Sweep } from './sweep.ts'

/** The evaluation that measures it has this number in its sweep; those of points begin at 1. */
export const measurementNumber = 0

/** Settings of a built-in trainer that its evaluation reads: as an axis each would ask for a baseline of its own. */
const settingsOfEvaluation = [
  'benchmarks',
  'prompt_template',
  'chat_template',
  'system_prompt',
  'stop',
  'maximum_questions',
  'maximum_new_tokens',
]

const at: Issue['path'] = ['score', 'baseline', 'measure']

/** Whether a baseline is a checkpoint that is evaluated first. */
export function isMeasuredBaseline(baseline: Scoring['baseline']): baseline is { measure: string } {
  return typeof baseline === 'object' && 'measure' in baseline && typeof baseline.measure === 'string'
}

/**
 * The checkpoint that a sweep measures its baseline of, as the file names it: `init` stands for the sweep's own; null where it
 * measures none, or has no `init` to stand for.
 */
export function measuredCheckpoint({ score, init }: Pick<Sweep, 'score' | 'init'>): string | null {
  if (score === undefined || !isMeasuredBaseline(score.baseline)) return null
  const { measure } = score.baseline
  return measure === 'init' || measure === '${init}' ? (init ?? null) : measure
}

/** What stands against measuring: that there is no one checkpoint, or no one evaluation, whatever the point. */
export function measureIssues(sweep: Sweep): Issue[] {
  const { score, axes, trainer, evaluate } = sweep
  if (score === undefined || !isMeasuredBaseline(score.baseline)) return []
  const checkpoint = measuredCheckpoint(sweep)
  const expected = 'expected the path of the checkpoint that the scores compare with, e.g. measure: models/base'
  if (checkpoint === null)
    return [{ path: at, message: `measure is ${score.baseline.measure}, and the sweep has no init; ${expected}.` }]
  const [varies] = placeholdersOf(checkpoint)
  if (varies !== undefined) {
    const whose = score.baseline.measure === checkpoint ? 'measure' : 'init'
    const message = `${whose} is ${checkpoint}, and \${${varies.name}} differs from point to point; ${expected}.`
    return [{ path: at, message }]
  }
  if (trainer === undefined && evaluate?.command === undefined)
    return [
      {
        path: at,
        message: `The sweep has no evaluation to measure ${checkpoint} with; expected evaluate: { command: [...] }, or accuracies, e.g. baseline: { GSM8k: 0.716 }.`,
      },
    ]
  if (trainer !== undefined)
    return settingsOfEvaluation
      .filter((name) => Object.hasOwn(axes, name))
      .map((name) => ({
        path: at,
        message: `The evaluation depends on the axis ${name}, so that one measured baseline is not that of every point; expected ${name} under config, or accuracies in place of measure.`,
      }))
  return startIssues(sweep)
}

/**
 * What stands for the axes in the command that measures: no point's value is the base model's, so each is the word `baseline`, which
 * serves names and paths, and which a program that wanted a number refuses. None for a built-in trainer: its settings alone count.
 */
export function measurementParams({ axes, trainer }: Pick<Sweep, 'axes' | 'trainer'>): Record<string, string> {
  return trainer === undefined ? Object.fromEntries(Object.keys(axes).map((name) => [name, 'baseline'])) : {}
}

/** `${init}` in an evaluation, where the base model has none: it differs from point to point. */
function startIssues({ init, evaluate }: Sweep): Issue[] {
  if (init === undefined || placeholdersOf(init).length === 0) return []
  const names = (template: string) => placeholdersOf(template).some(({ name }) => name === 'init')
  const message =
    '${init} differs from point to point, and the checkpoint that baseline: { measure } evaluates has none; expected the same evaluation for every point.'
  const { command, env } = evaluate!
  return [
    ...command!.flatMap((argument, index) =>
      names(argument) ? [{ path: ['evaluate', 'command', index], message }] : [],
    ),
    ...Object.entries(env).flatMap(([name, value]) =>
      names(value) ? [{ path: ['evaluate', 'env', name], message }] : [],
    ),
  ]
}
