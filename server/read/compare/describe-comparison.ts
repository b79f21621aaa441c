/** Runs or checkpoints side by side: settings, scores against one baseline, and whether their questions tell them apart. */
import { isScored, scoringOf } from '../../../domain/sweep/scoring.ts'
import { findBaseline } from '../../../db/queries/baselines.ts'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { listCodeOfCheckpoints } from '../../../db/queries/recorded.ts'
import { runSettings, settingRows } from '../../../domain/sweep/settings/definition-differences.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { differenceInterval, holmAdjusted, mcnemarTest } from '../../../domain/score/paired-test.ts'
import { type ComparedCounts, scoreDifference } from '../../../domain/score/score-difference.ts'
import type { PairCounts } from '../../../domain/score/same-questions.ts'
import { scoreResults } from '../../../domain/score/score.ts'
import type { Counts } from '../../../domain/score/counted-points.ts'
import { uncertaintyOf } from '../../../domain/score/uncertainty.ts'
import { checkpointName } from '../../base/finding/find-checkpoint.ts'
import { accuracyOf } from '../../../domain/score/score.ts'
import { orderMetrics } from '../../../domain/score/metric-roles.ts'
import type { Context } from '../../base/context.ts'
import { metricNames } from '../../base/finding/metric-names.ts'
import { ranDifferences } from '../../../domain/provenance/ran-differences.ts'
import { ranParts } from '../../base/saying/what-was-run.ts'
import { codeNotes } from '../../base/saying/code-notes.ts'
import { baselineOf } from '../../base/finding/baseline-of.ts'
import { runHome } from '../../base/finding/run-home.ts'
import { describeResults, resultCounts } from '../../tables/describe-results.ts'
import { describeStart } from '../runs/describe-start.ts'
import type { ComparedBenchmark, ComparedPair, ComparedView, CompareView } from '../../../contract/api/compare.ts'
import { type Compared, findCompared } from '../../base/finding/find-compared.ts'
import { answersOf, pairItems } from './pair-items.ts'
import { ownValue } from '../../../domain/own-value.ts'

/**
 * Two to eight runs or checkpoints, the first of them against each of the others. `baselineId` null: the baseline of the
 * first that is of a sweep with one, for all. Throws `invalid` for another number of them, and `not-found`.
 */
export async function describeComparison(
  context: Context,
  input: { of: 'runs' | 'checkpoints'; ids: number[]; baselineId: number | null },
): Promise<CompareView> {
  const compared = findCompared(context, input.of, input.ids)
  const [first, ...others] = compared as [Compared, ...Compared[]]
  // a run of its own has no baseline: the first that has one says what all compare with
  const scoring = compared.find(({ sweep }) => sweep !== null && isScored(sweep.definition))?.sweep ?? first.sweep
  const chosen = findChosenBaseline(context, scoring, input.baselineId)
  const baseline = chosen?.accuracies ?? {}
  const { aggregate } = scoringOfRun(scoring)
  const names = compared.map((one) => one.evaluations.map(({ benchmark }) => benchmark))
  const benchmarks = [...new Set([...Object.keys(baseline), ...names.flat()])].filter((name) =>
    names.some((measured) => measured.includes(name)),
  )
  const scored = scoreAll(compared, baseline, aggregate)
  const pairs = await Promise.all(
    others.map((other, at) =>
      comparePair(context, {
        pair: [first, other],
        place: at + 1,
        scores: [scored[0]!.score, scored[at + 1]!.score],
        benchmarks,
        baseline,
        aggregate,
      }),
    ),
  )
  adjust(pairs)
  const settings = settingRows(compared.map(settingsOfCompared))
  const trained = compared.map((one) => ({ runId: one.run.reusedFrom ?? one.run.id, attempt: attemptOfCompared(one) }))
  const parts = trained.map(({ runId, attempt }) => ranParts(context, runId, attempt))
  return {
    of: input.of,
    baseline: chosen,
    aggregate,
    compared: compared.map((one, at) => ({
      ...describeCompared(context, one, baseline),
      ...scored[at]!,
      ran: parts[at] ? { ...trained[at]!, hasPatch: parts[at].code.patch !== null } : null,
    })),
    settings,
    code: codeOf(context, compared),
    ran: ranDifferences(parts),
    benchmarks,
    pairs,
    metrics: sharedMetrics(context, [...new Set(compared.map(({ run }) => run.id))]),
    lastStep: compared.reduce((last, { run }) => Math.max(last, run.lastStep ?? 0), 0),
  }
}

/** The attempt that wrote the checkpoint, else the run's newest. */
const attemptOfCompared = ({ checkpoint, run }: Compared) => checkpoint?.attempt ?? run.attempt

/** Sentences where what is compared came from more than one state of the code. */
function codeOf(context: Context, compared: Compared[]): string[] {
  const letters = new Map(
    compared.flatMap(({ checkpoint, letter }) => (checkpoint ? [[checkpoint.id, letter] as const] : [])),
  )
  const words = (ids: number[]) =>
    ids
      .map((id) => letters.get(id))
      .toSorted()
      .join(', ')
  const directories = compared.flatMap(({ sweep }) => sweep?.directory ?? [])
  return codeNotes(context, listCodeOfCheckpoints(context.database, [...letters.keys()]), { directories, words })
}

/** What a run was told: by its sweep, or, of a run of its own, as its client said it. */
function settingsOfCompared({ sweep, run }: Compared): ReadonlyMap<string, string> {
  return sweep === null
    ? new Map(Object.entries(run.params))
    : runSettings({ definition: sweep.definition, params: run.params })
}

/** Metrics that two of the runs have at least, those of all first, each kind as charts stand; of a single run all. */
function sharedMetrics({ series }: Context, runIds: number[]): string[] {
  const counts = new Map<string, number>()
  for (const name of runIds.flatMap((id) => metricNames(series, id))) counts.set(name, (counts.get(name) ?? 0) + 1)
  const least = Math.min(2, runIds.length)
  const ofSome = orderMetrics([...counts.keys()].filter((name) => counts.get(name)! >= least))
  return ofSome.toSorted((a, b) => Number(counts.get(b) === runIds.length) - Number(counts.get(a) === runIds.length))
}

const scoringOfRun = (sweep: SweepRow | null) => scoringOf(sweep?.definition ?? {})

function findChosenBaseline(
  context: Context,
  sweep: SweepRow | null,
  baselineId: number | null,
): CompareView['baseline'] {
  if (baselineId === null) {
    if (sweep === null) return null
    const own = baselineOf(context, sweep)
    return { ...own, name: own.name ?? sweep.name }
  }
  const stored = findBaseline(context.database, baselineId)
  if (stored === undefined) throw new SweepboardError('not-found', `There is no baseline ${baselineId}.`)
  return { id: stored.id, name: stored.name, accuracies: stored.accuracies }
}

const countsOfBenchmark = ({ evaluations, sweep }: Compared, benchmark: string): Counts | null => {
  const row = evaluations.find((one) => one.benchmark === benchmark)
  return row === undefined ? null : resultCounts(row, ownValue(scoringOfRun(sweep).questions, benchmark))
}

/** Scores of all against one baseline, with their intervals. */
function scoreAll(
  compared: Compared[],
  baseline: Record<string, number>,
  aggregate: CompareView['aggregate'],
): Pick<ComparedView, 'score' | 'interval' | 'rounded' | 'error'>[] {
  const benchmarks = Object.keys(baseline)
  const scores = compared.map(({ evaluations, point }) => {
    const { score, error } = scoreResults({
      aggregate,
      baseline,
      results: Object.fromEntries(
        evaluations.map((row) => [row.benchmark, { accuracy: accuracyOf(row), error: row.error }]),
      ),
    })
    // a published score stands for itself where its accuracies were not published
    if (evaluations.length === 0 && point?.rounded) return { score: point.score, error: null, rounded: true }
    if (evaluations.length === 0) return { score: null, error: 'It has not been evaluated.', rounded: false }
    if (benchmarks.length === 0) return { score: null, error: 'No score: no baseline to compare with.', rounded: false }
    return { score, error, rounded: point?.rounded ?? false }
  })
  const intervals = uncertaintyOf({
    aggregate,
    baseline,
    points: compared.map((one, at) => ({
      score: one.evaluations.length === 0 ? null : scores[at]!.score,
      counts: Object.fromEntries(benchmarks.map((name) => [name, countsOfBenchmark(one, name)])),
    })),
  })
  return scores.map((one, at) => ({ ...one, interval: intervals[at]!.interval }))
}

function describeCompared(
  context: Context,
  { letter, run, sweep, checkpoint, standsAs, evaluations }: Compared,
  baseline: Record<string, number>,
): Omit<ComparedView, 'score' | 'interval' | 'rounded' | 'error' | 'ran'> {
  const start = describeStart(context, run)
  const { home, name } = runHome(context, run)
  const at = checkpoint && (checkpoint.epoch !== null ? `epoch ${checkpoint.epoch}` : checkpointName(checkpoint))
  return {
    letter,
    runId: run.id,
    home,
    runName: name,
    status: run.status,
    name: `${name}${at === null ? '' : standsAs === 'asked' ? `, ${at}` : `, its ${standsAs} at ${at}`}`,
    checkpoint: checkpoint && { id: checkpoint.id, step: checkpoint.step, epoch: checkpoint.epoch },
    startedFrom:
      start === null
        ? null
        : start.checkpoint === null
          ? start.init
          : `${start.checkpoint.runTitle}, ${checkpointName(start.checkpoint)}`,
    results: describeResults(evaluations, baseline, scoringOfRun(sweep).questions),
  }
}

async function comparePair(
  context: Context,
  given: {
    pair: [Compared, Compared]
    place: number
    scores: [number | null, number | null]
    benchmarks: string[]
    baseline: Record<string, number>
    aggregate: CompareView['aggregate']
  },
): Promise<ComparedPair> {
  const [first, second] = given.pair
  const notes: string[] = []
  const known = Object.create(null) as Record<string, ComparedCounts>
  const benchmarks: ComparedBenchmark[] = []
  const answers =
    first.checkpoint && second.checkpoint
      ? ([
          answersOf(context, first.letter, first.checkpoint.id),
          answersOf(context, second.letter, second.checkpoint.id),
        ] as const)
      : null
  for (const name of given.benchmarks) {
    const paired = answers && (await pairItems(name, ...answers))
    notes.push(...(paired?.notes ?? []))
    const [one, two] = [countsOfBenchmark(first, name), countsOfBenchmark(second, name)]
    if (paired?.questions) {
      known[name] = {
        first: one ?? rightOf(paired.counts, 'onlyFirst'),
        second: two ?? rightOf(paired.counts, 'onlySecond'),
        pair: paired.counts,
      }
      benchmarks.push({
        name,
        counts: paired.counts,
        test: { ...mcnemarTest(paired.counts), adjusted: 1 },
        difference: null,
      })
    } else {
      if (one && two) known[name] = { first: one, second: two, pair: null }
      benchmarks.push({ name, counts: null, test: null, difference: one && two && differenceInterval(one, two) })
    }
  }
  const all = benchmarks.reduce<PairCounts | null>((sum, { counts }) => (counts ? added(sum, counts) : sum), null)
  const [score, otherScore] = given.scores
  const difference =
    score === null || otherScore === null
      ? null
      : scoreDifference({ aggregate: given.aggregate, baseline: given.baseline, benchmarks: known })
  return {
    other: given.place,
    benchmarks,
    all: all && { ...all, ...mcnemarTest(all), adjusted: 1 },
    score: difference && { difference: score! - otherScore!, ...difference },
    notes: [...new Set(notes)],
  }
}

/** How many of the questions that both were asked one of them answered: for evaluations that report an accuracy alone. */
function rightOf(pair: PairCounts, only: 'onlyFirst' | 'onlySecond'): Counts {
  return { correct: pair.both + pair[only], total: pair.both + pair.onlyFirst + pair.onlySecond + pair.neither }
}

function added(sum: PairCounts | null, counts: PairCounts): PairCounts {
  if (sum === null) return counts
  return {
    both: sum.both + counts.both,
    onlyFirst: sum.onlyFirst + counts.onlyFirst,
    onlySecond: sum.onlySecond + counts.onlySecond,
    neither: sum.neither + counts.neither,
  }
}

/** One family of tests over all benchmarks and pairs, another over what the pairs say on the whole. */
function adjust(pairs: ComparedPair[]): void {
  for (const tests of [
    pairs.flatMap(({ benchmarks }) => benchmarks.flatMap(({ test }) => test ?? [])),
    pairs.flatMap(({ all }) => all ?? []),
  ]) {
    const adjusted = holmAdjusted(tests.map(({ chance }) => chance))
    for (const [at, one] of tests.entries()) one.adjusted = adjusted[at]!
  }
}
