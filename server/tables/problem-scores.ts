/** Learning impact of the problems of a run, from its samples: held until more samples come, or something else is asked. */
import {
  type EpochRule,
  type ImpactScore,
  inRange,
  learningImpact,
  passesMade,
  rewardCurves,
  rewardRange,
  type Visit,
} from '../../domain/score/learning-impact.ts'
import { findSamples } from '../../db/queries/samples.ts'
import type { Context } from '../base/context.ts'
import { heldBy } from '../base/process/held.ts'
import { isSuperseded, type SampleColumns, sampleColumns } from './sample-columns.ts'

/** What is measured of a run's samples. */
export type ImpactQuery = {
  /** A part of the reward, or '' for the reward itself; absent: the part that says whether a response is right, where all have it. */
  by?: string | undefined
  /** Absent: by passes, as many as were made. */
  epochs?: EpochRule | undefined
}

export type ScoredProblem = {
  /** Id of the first sample of the problem. */
  sampleId: number
  samples: number
  visits: Visit[]
}

export type ProblemScores = {
  by: string
  range: { zero: number; one: number }
  epochs: EpochRule
  /** How often nine in ten problems were asked. */
  passes: number
  /** In the order in which they were first asked. */
  problems: ScoredProblem[]
  /** By problem; null where it has no curve, or nothing can be told apart. */
  scores: (ImpactScore | null)[]
  curves: (number[] | null)[]
  mean: number[]
  luck: number
  /** Why no problem has a score: a sentence; null where some have one. */
  why: string | null
}

/** Names of the part of a reward that says whether a response is right, the likeliest first. */
const namesOfRight = ['correct', 'acc', 'accuracy', 'is_correct']

const mostHeld = 8
const held = heldBy<SampleColumns, string, { samples: number; superseded: string; scores: ProblemScores }>(mostHeld)

/** Scores of the run's problems as its samples stand now. */
export async function problemScores(context: Context, runId: number, query: ImpactQuery): Promise<ProblemScores> {
  const columns = await sampleColumns(context, runId)
  const superseded = JSON.stringify([...columns.supersededFrom])
  const isCurrent = (one: { samples: number; superseded: string }) =>
    one.samples === columns.ids.length && one.superseded === superseded
  return held(columns).take(
    JSON.stringify([query.by, query.epochs]),
    () => ({ samples: columns.ids.length, superseded, scores: measure(columns, query) }),
    isCurrent,
  ).scores
}

/** What `by` may be: parts of the reward that samples have. */
export function partNames(columns: SampleColumns): string[] {
  return [...columns.parts.keys()]
}

function measure(columns: SampleColumns, query: ImpactQuery): ProblemScores {
  const places = [...columns.order].filter((at) => !isSuperseded(columns, at))
  const by = query.by ?? usualPart(columns, places)
  const values = by === '' ? columns.rewards : (columns.parts.get(by) ?? [])
  const rewarded = places.filter((at) => Number.isFinite(values[at]))
  const range = rewardRange(rewarded.map((at) => values[at]!))
  const problems = problemsOf(columns, rewarded, (at) => inRange(values[at]!, range))
  const visits = problems.map((problem) => problem.visits)
  const passes = passesMade(visits)
  const epochs = query.epochs ?? { passes }
  const curves = rewardCurves(visits, epochs)
  const known = curves.filter((curve) => curve !== null)
  const length = known[0]?.rewards.length ?? 0
  const impact = length < 2 ? null : learningImpact(known)
  let next = 0
  return {
    by,
    range,
    epochs,
    passes,
    problems,
    scores: curves.map((curve) => (curve === null || impact === null ? null : impact.scores[next++]!)),
    curves: curves.map((curve) => curve?.rewards ?? null),
    mean: impact?.mean ?? [],
    luck: impact?.luck ?? 0,
    why: impact === null ? whyNone(by, problems, epochs, length) : null,
  }
}

function whyNone(by: string, problems: ScoredProblem[], epochs: EpochRule, length: number): string {
  const what = by === '' ? 'a reward' : `a number as the part ${by} of its reward`
  if (problems.length === 0) return `No sample of this run has ${what}.`
  if (length >= 2) return 'Every problem has the highest reward in every epoch: nothing tells them apart.'
  if ('steps' in epochs)
    return `No problem has two epochs of ${epochs.steps} steps: an epoch has to be as long as a pass over the problems, and the run two of them.`
  if (epochs.passes > 1) return `No problem was asked ${epochs.passes} times.`
  return (
    'Most problems were asked once: a curve needs two passes over the problems at least. Where prompts are drawn with replacement, or few ' +
    'samples are reported, say how many steps make an epoch.'
  )
}

function usualPart({ parts }: SampleColumns, places: readonly number[]): string {
  const tells = (name: string) => {
    const values = parts.get(name)
    return values !== undefined && places.every((at) => Number.isFinite(values[at]))
  }
  return namesOfRight.find(tells) ?? ''
}

function problemsOf(
  columns: SampleColumns,
  places: readonly number[],
  reward: (at: number) => number,
): ScoredProblem[] {
  const problems = new Map<number, ScoredProblem>()
  for (const at of places) {
    const number = columns.prompts[at]!
    const step = columns.steps[at]!
    let problem = problems.get(number)
    if (problem === undefined) problems.set(number, (problem = { sampleId: columns.ids[at]!, samples: 0, visits: [] }))
    problem.samples += 1
    const visit = problem.visits.at(-1)
    if (visit?.step !== step) problem.visits.push({ step, samples: 1, sum: reward(at) })
    else {
      visit.samples += 1
      visit.sum += reward(at)
    }
  }
  return [...problems.values()]
}

/** A problem as data of a trainer, and its score. */
export type ProblemLine = { question: string; answer: string | null; impact: number | null }

const textsAtOnce = 500

/** Every problem's text, right answer (null where no sample told it) and score, in the order in which they were first asked. */
export function problemLines(context: Context, runId: number, { problems, scores }: ProblemScores): ProblemLine[] {
  const lines: ProblemLine[] = []
  for (let from = 0; from < problems.length; from += textsAtOnce) {
    const ids = problems.slice(from, from + textsAtOnce).map(({ sampleId }) => sampleId)
    const texts = new Map(findSamples(context.database, runId, ids).map(({ id, body }) => [id, body]))
    for (const [at, id] of ids.entries()) {
      const body = texts.get(id)
      lines.push({
        question: body?.prompt ?? '',
        answer: body?.answer ?? null,
        impact: scores[from + at]?.score ?? null,
      })
    }
  }
  return lines
}

/** The line as it stands in a file: what is not known is left out. */
export function problemData({ question, answer, impact }: ProblemLine): Record<string, string | number> {
  return {
    question,
    ...(answer !== null && { answer }),
    ...(impact !== null && { impact: Number(impact.toFixed(6)) }),
  }
}
