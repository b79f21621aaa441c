/**
 * A curriculum: stages that are trained one after the other, each a sweep of its own that starts from the checkpoint that
 * a rule picked in an earlier one. One schema serves the file and its checks (docs/curriculum.md).
 */
import { z } from 'zod'
import type { Issue } from '../../errors.ts'
import { pickRules } from './pick-rule.ts'
import { type Sweep, type SweepInput, sweepSchema } from '../sweep.ts'

const { config, train, evaluate, score } = sweepSchema.shape

const stageSchema = sweepSchema.extend({
  name: z.string().trim().min(1, 'a stage needs a name').max(90),
  /** The stage whose picked checkpoint it starts from; where absent, the stage before. */
  from: z.string().min(1).optional(),
  score: score.optional(),
  pick: z.enum(pickRules, `expected one of ${pickRules.join(', ')}`),
  /** The picked checkpoint's accuracies become the stored baseline of this name, for the scores of later stages. */
  save_as_baseline: z.string().trim().min(1).max(100).optional(),
})
export type Stage = z.output<typeof stageSchema> & Pick<Sweep, 'written'>

export const curriculumSchema = z.strictObject({
  name: z.string().trim().min(1, 'a curriculum needs a name').max(100),
  /** What stages have that do not say otherwise: `config` key by key (built-in trainers only), the others as a whole. */
  config,
  train,
  evaluate,
  score: score.optional(),
  stages: z.array(stageSchema).min(1, 'a curriculum needs at least one stage'),
})
/** A checked curriculum: defaults filled in. */
export type Curriculum = Omit<z.output<typeof curriculumSchema>, 'stages'> &
  Pick<Sweep, 'written'> & { stages: Stage[] }

/** The place of the stage that a stage starts from; null where it starts from new weights or a model of its own. */
export function startOf(curriculum: Curriculum, index: number): number | null {
  const { from, init } = curriculum.stages[index]!
  if (from !== undefined) return curriculum.stages.findIndex(({ name }) => name === from)
  return index === 0 || init !== undefined ? null : index - 1
}

/** What stands against a curriculum beyond its schema and beyond what is wrong with a stage's own sweep. */
export function checkCurriculum(curriculum: Curriculum): Issue[] {
  const { stages } = curriculum
  return stages.flatMap(({ name, from, init, save_as_baseline: saved, ...stage }, index) => {
    const at = (...keys: string[]) => ['stages', index, ...keys]
    const earlier = stages.slice(0, index)
    const issues: Issue[] = []
    if (earlier.some((other) => other.name === name)) {
      issues.push({ path: at('name'), message: `Two stages are called ${name}; expected each name once.` })
    }
    if (from !== undefined && !earlier.some((other) => other.name === from)) {
      const names = earlier.map((other) => other.name)
      const expected = names.length === 0 ? 'the first stage has none' : `expected one of ${names.join(', ')}`
      issues.push({ path: at('from'), message: `There is no stage ${from} before this one; ${expected}.` })
    }
    if (from !== undefined && init !== undefined) {
      const message = `The stage starts from ${from} and from ${init}; expected from or init, not both.`
      issues.push({ path: at('init'), message })
    }
    if (saved !== undefined && earlier.some((other) => other.save_as_baseline === saved)) {
      const message = `Two stages save the baseline ${saved}; expected each name once.`
      issues.push({ path: at('save_as_baseline'), message })
    }
    if (stage.score === undefined && curriculum.score === undefined) {
      const message = `The stage ${name} has no score; expected score: { baseline: … } here or beside stages.`
      issues.push({ path: at(), message })
    }
    return issues
  })
}

/**
 * The sweep of a stage, once what it starts from is known. `baselines`: under which names the baselines of earlier stages
 * were stored. Only of a curriculum that `checkCurriculum` found nothing wrong with.
 */
export function sweepOfStage(
  curriculum: Curriculum,
  index: number,
  {
    init,
    baselines,
  }: { init: string | null; baselines: ReadonlyMap<string, NonNullable<SweepInput['score']>['baseline']> },
): Sweep {
  const { from: _from, pick: _pick, save_as_baseline: _saved, written, ...own } = curriculum.stages[index]!
  const scored = (own.score ?? curriculum.score)!
  const stored = typeof scored.baseline === 'string' ? baselines.get(scored.baseline) : undefined
  const shared = own.trainer === undefined ? undefined : curriculum.config
  const sweep = sweepSchema.parse({
    ...own,
    name: `${curriculum.name}-${own.name}`,
    config: shared || own.config ? { ...shared, ...own.config } : undefined,
    train: own.train ?? curriculum.train,
    evaluate: own.evaluate ?? curriculum.evaluate,
    init: init ?? own.init,
    score: { ...scored, baseline: stored ?? scored.baseline },
  })
  const texts = { ...(shared && curriculum.written), ...written }
  return Object.keys(texts).length === 0 ? sweep : { ...sweep, written: texts }
}

/**
 * Under which name a stage's baseline is stored: the name itself, or with the lowest number that is free. One that was
 * stored of the same checkpoint (`note` says which) or with the same accuracies is used again, so that no figures of another
 * training, and none that somebody edited, are overwritten.
 */
export function nameOfBaseline(
  wanted: { name: string; note: string; accuracies: Readonly<Record<string, number>> },
  stored: readonly { name: string; note: string; accuracies: Readonly<Record<string, number>> }[],
): { name: string; stored: boolean } {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted.name : `${wanted.name}-${number}`
    const known = stored.find((baseline) => baseline.name === name)
    if (known === undefined) return { name, stored: false }
    if (known.note === wanted.note || haveSame(known.accuracies, wanted.accuracies)) return { name, stored: true }
  }
}

function haveSame(left: Readonly<Record<string, number>>, right: Readonly<Record<string, number>>): boolean {
  const names = Object.keys(left)
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name])
}
