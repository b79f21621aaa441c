/** The learning impact of a run's problems: what a page shows of it, and its table in pages. Texts are read for what is shown only. */
import { listCheckpoints } from '../../../db/queries/checkpoints.ts'
import { findSamples } from '../../../db/queries/samples.ts'
import { isCloseTo, usualThreshold } from '../../../domain/score/learning-impact.ts'
import type { ImpactOrder, ImpactPage, ImpactView } from '../../../contract/api/impact.ts'
import { shownCharacters } from '../../../contract/api/samples.ts'
import type { Context } from '../../base/context.ts'
import { checkpointName } from '../../base/finding/find-checkpoint.ts'
import { requireAnyRun } from '../../base/finding/find-run-job.ts'
import { type ImpactQuery, partNames, type ProblemScores, problemScores } from '../../tables/problem-scores.ts'
import { sampleColumns } from '../../tables/sample-columns.ts'

/** A chart of more curves is a surface. */
const mostCurves = 60
const binWidth = 0.05
/** Scores below stand in the first bin: nobody chooses down there. */
const lowestBin = -1

/** How the problems of a run follow its mean curve. Throws `not-found` where there is no such run. */
export async function describeImpact(
  context: Context,
  runId: number,
  { threshold = usualThreshold, ...query }: ImpactQuery & { threshold?: number | undefined },
): Promise<ImpactView> {
  const run = requireAnyRun(context, runId)
  const measured = await problemScores(context, run.id, query)
  const { problems, scores, by, range, epochs, passes, why, luck, mean } = measured
  const known = scores.filter((score) => score !== null)
  const ranked = rankedPlaces(measured)
  const shown = Math.min(mostCurves, ranked.length)
  return {
    problems: problems.length,
    samples: problems.reduce((sum, problem) => sum + problem.samples, 0),
    parts: partNames(await sampleColumns(context, run.id)),
    by,
    range,
    epochs,
    passes,
    why,
    threshold,
    scored: known.length,
    chosen: known.filter(({ score }) => score >= threshold).length,
    close: known.filter((score) => isCloseTo(threshold, score)).length,
    luck,
    mean,
    curves: Array.from({ length: shown }, (_, index) => {
      const at = ranked[shown === 1 ? 0 : Math.round((index * (ranked.length - 1)) / (shown - 1))]!
      return { sampleId: problems[at]!.sampleId, score: scores[at]!.score, rewards: measured.curves[at]! }
    }),
    bins: binsOf(known.map(({ score }) => score)),
    starts: startsOf(context, run.id),
  }
}

/** Problems with a score, the lowest first; of equal ones the first asked. */
function rankedPlaces({ scores }: ProblemScores): number[] {
  return scores
    .flatMap((score, at) => (score === null ? [] : [{ at, score: score.score }]))
    .toSorted((a, b) => a.score - b.score)
    .map(({ at }) => at)
}

function binsOf(scores: number[]): ImpactView['bins'] {
  const lowest = scores.reduce((low, score) => Math.min(low, score), 1)
  const from = Math.max(lowestBin, Math.floor(lowest / binWidth) * binWidth)
  const counts = Array.from({ length: Math.max(1, Math.round((1 - from) / binWidth)) }, () => 0)
  for (const score of scores) {
    const bin = Math.floor((score - from) / binWidth + 1e-9)
    counts[Math.max(0, Math.min(counts.length - 1, bin))]! += 1
  }
  return { from, width: binWidth, counts }
}

function startsOf(context: Context, runId: number): ImpactView['starts'] {
  const saved = listCheckpoints(context.database, runId).filter(
    ({ path, removedAt }) => path !== null && removedAt === null,
  )
  return [
    { checkpointId: null, name: 'where this run started' },
    ...saved.map((checkpoint) => ({ checkpointId: checkpoint.id, name: checkpointName(checkpoint) })),
  ]
}

/** A page of the problems with their scores and curves. */
export async function listImpact(
  context: Context,
  runId: number,
  query: ImpactQuery & {
    threshold?: number | undefined
    order: ImpactOrder
    cursor?: number | undefined
    limit: number
  },
): Promise<ImpactPage> {
  const { threshold = usualThreshold, order, cursor = 0, limit } = query
  const run = requireAnyRun(context, runId)
  const measured = await problemScores(context, run.id, query)
  const ranked = inOrder(measured, order, threshold)
  const places = ranked.slice(cursor, cursor + limit)
  const ids = places.map((at) => measured.problems[at]!.sampleId)
  const texts = new Map(findSamples(context.database, run.id, ids).map(({ id, body }) => [id, body]))
  return {
    rows: places.map((at) => {
      const { sampleId, samples } = measured.problems[at]!
      const { score, deviation } = measured.scores[at]!
      const body = texts.get(sampleId)
      return {
        sampleId,
        prompt: (body?.prompt ?? '').slice(0, shownCharacters).toWellFormed(),
        answer: body?.answer ?? null,
        score,
        deviation,
        chosen: score >= threshold,
        samples,
        rewards: measured.curves[at]!,
      }
    }),
    next: cursor + limit < ranked.length ? cursor + limit : null,
  }
}

function inOrder(measured: ProblemScores, order: ImpactOrder, threshold: number): number[] {
  const ranked = rankedPlaces(measured)
  if (order === 'lowest') return ranked
  if (order === 'highest') return ranked.toReversed()
  const apart = (at: number) => Math.abs(measured.scores[at]!.score - threshold)
  return ranked.toSorted((a, b) => apart(a) - apart(b))
}
