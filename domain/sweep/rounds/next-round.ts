/** The sweep that goes on from a checkpoint: a proposal, for a person to change in the form. */
import { milestoneAxisName } from '../axes/axes.ts'
import { trainerConfig } from '../commands/commands.ts'
import type { Sweep } from '../sweep.ts'
import { writtenUnder } from '../files/written.ts'

export type RoundStart = {
  name: string
  /** The checkpoint's path. */
  init: string
  /** The sweep that the checkpoint comes from. */
  before: Sweep
  /** The values of its run on the axes that multiply trainings. */
  params: Readonly<Record<string, string>>
}

/** Settings of the built-in GRPO as contract/trainer-settings.ts declares them, written out so that each can be seen and changed. */
const grpoSettings = {
  learning_rate: 2e-5,
  prompts_per_step: 16,
  samples_per_prompt: 8,
  temperature: 1,
  minibatches: 4,
  clip_low: 0.2,
  clip_high: 0.2,
  kl_coefficient: 0,
  reward: { correct: 100, wrong: 0, unparseable: -1 },
}

/** Settings of supervised training that mean the same to GRPO, and are carried over where they were set. */
const carriedOver = ['seed', 'levels', 'benchmarks', 'maximum_questions', 'maximum_new_tokens', 'gradient_clip']

/** Steps at which a first round is saved and scored. */
const firstMilestones = ['20', '40', '60']

/** A first round after built-in supervised training: one GRPO training, scored every 20 steps, with the defaults written out. */
export function roundAfterSupervised({ name, init, before, params }: RoundStart): Sweep {
  const settings = trainerConfig(before, params)
  const carried = Object.entries(settings).filter(([key]) => carriedOver.includes(key))
  return {
    name,
    search: 'grid',
    axes: { step: { milestones: firstMilestones } },
    trainer: 'grpo',
    config: { ...Object.fromEntries(carried), ...grpoSettings },
    written: { ...writtenUnder(carriedOver, { ...before.written, ...params }), learning_rate: '2e-5' },
    init,
    ...(before.train && { train: before.train }),
    ...(before.evaluate && { evaluate: before.evaluate }),
    ...(before.score && { score: before.score }),
    ...(before.track !== undefined && { track: before.track }),
    ...(before.concurrency !== undefined && { concurrency: before.concurrency }),
    ...(before.max_slots !== undefined && { max_slots: before.max_slots }),
    ...(before.budget !== undefined && { budget: before.budget }),
  }
}

/**
 * The round after a round: the same sweep with the values of the checkpoint's run, one on each axis, and `init` set. An axis
 * of starting points is dropped, as there is one now.
 */
export function roundAfterRound({ name, init, before, params }: RoundStart): Sweep {
  const milestone = milestoneAxisName(before.axes)
  const kept = Object.entries(before.axes).filter(([axis]) => before.init !== `\${${axis}}` || usedBeside(before, axis))
  const axes = Object.fromEntries(
    kept.map(([axis, values]) => [axis, axis === milestone || params[axis] === undefined ? values : [params[axis]]]),
  )
  return {
    ...before,
    name,
    init,
    // a sweep needs an axis: the seed is one that every trainer has a use for
    axes: Object.keys(axes).length > 0 ? axes : { seed: ['1'] },
  }
}

/** Whether a command or path of the sweep holds the axis: it stays, or the command could not be filled in. */
function usedBeside({ train, evaluate, checkpoint }: Sweep, axis: string): boolean {
  return JSON.stringify([train, evaluate, checkpoint]).includes(`\${${axis}}`)
}

/** The same round from several checkpoints: an axis of their paths, slowest of all, and `init` naming it. */
export function roundFromSeveral(round: Sweep, inits: readonly string[]): Sweep {
  let name = 'start'
  while (Object.hasOwn(round.axes, name)) name += '_'
  return { ...round, axes: { [name]: [...inits], ...round.axes }, init: `\${${name}}` }
}

/** What a person should look at before a round of their own command starts; empty where nothing stands out. */
export function roundWarnings(before: Sweep | null, after: Sweep): string[] {
  const warnings: string[] = []
  const { train, checkpoint } = after
  const told = JSON.stringify([train?.command, train?.env])
  if (train?.command !== undefined && !told.includes('${init}')) {
    warnings.push(
      'The command does not hold ${init}: unless it reads job.json, it does not start from this checkpoint.',
    )
  }
  if (train?.command !== undefined && Object.hasOwn(after.axes, 'problems') && !told.includes('${problems}')) {
    warnings.push('The command does not hold ${problems}: unless it reads job.json, it trains on what it did before.')
  }
  if (
    before !== null &&
    checkpoint !== undefined &&
    checkpoint === before.checkpoint &&
    !checkpoint.includes('${run}')
  ) {
    warnings.push(
      `Checkpoints are looked for where those of ${before.name} stand, in ${checkpoint}: a round that writes there takes their place. Change the folder in the command and here.`,
    )
  }
  return warnings
}
