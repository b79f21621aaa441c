/** The rows of a leaderboard that stand for several seeds: which checkpoints are one row, and what they say together. */
import { sharedBySeeds, type SweepAgreement } from '../../domain/score/same-questions.ts'
import { seedGroupInterval, type SeedNoise } from '../../domain/score/seed-group.ts'
import {
  meanOverSeeds,
  ownSeedGroupKey,
  pooledSpread,
  type SeedMean,
  seedGroupKeys,
} from '../../domain/sweep/axes/seed-groups.ts'
import { commitKeyAt } from './board-code.ts'
import { isCopy } from './board-copies.ts'
import { homeAt } from './checkpoint-columns.ts'
import { countsAt, normalAt, type ScoreColumns } from './score-columns.ts'

/** What is known of each row's score, as normals of its cube root; NaN where its questions are not known. */
export type Normals = {
  mean: Float64Array
  deviation: Float64Array
  /** The deviation by what a row does not have in common with the others: what comparing them rests on. */
  own: Float64Array
}

/** Checkpoints of the same settings, step and epoch, whatever their seed; the best of each first. Copies of a model are one of them. */
export function groupOverSeeds(
  { columns, score, baselineId, accuraciesOf }: ScoreColumns,
  places: Uint32Array,
  byCommit: boolean,
): number[][] {
  const keysOf = new Map<number, (params: Record<string, string>) => string>()
  const keyOfRun = new Map<number, number>()
  const codes = new Map<string, number>()
  const groups = new Map<string, number[]>()
  for (const place of places) {
    const runId = columns.runIds[place]!
    let code = keyOfRun.get(runId)
    if (code === undefined) {
      const run = columns.runs.get(runId)!
      const { sweep, scoring } = columns.homes.get(run.home)!
      const keys = keysOf.get(run.home) ?? (sweep === null ? ownSeedGroupKey : seedGroupKeys(sweep.definition))
      keysOf.set(run.home, keys)
      // scores of other accuracies, or otherwise combined, have no mean
      const scale = [scoring.aggregate, baselineId === null ? accuraciesOf(run.home) : '']
      const start = sweep === null ? run.startCheckpointId : null
      const text = `${keys(run.params)}\n${start ?? ''}\n${JSON.stringify(scale)}`
      code = codes.get(text) ?? codes.size
      codes.set(text, code)
      keyOfRun.set(runId, code)
    }
    const commit = byCommit ? commitKeyAt(columns, place) : ''
    const key = `${code} ${columns.step[place]} ${columns.epoch[place]} ${commit}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [place])
    else if (!isCopy(columns, place) || !group.some((other) => columns.models[other] === columns.models[place]))
      group.push(place)
  }
  const value = (place: number) => (Number.isNaN(score[place]!) ? -Infinity : score[place]!)
  for (const group of groups.values()) group.sort((a, b) => value(b) - value(a) || a - b)
  return [...groups.values()]
}

/** The mean of a group's scores; null where none has one. */
export function meanOf({ score }: ScoreColumns, group: readonly number[]): SeedMean | null {
  const known = group.map((place) => score[place]!).filter((value) => !Number.isNaN(value))
  return known.length === 0 ? null : meanOverSeeds(known)
}

/** Of single checkpoints. */
export function singleNormals(mean: Float64Array, deviation: Float64Array, agreement: SweepAgreement | null): Normals {
  const share = Math.sqrt(agreement?.own ?? 1)
  return { mean, deviation, own: deviation.map((value) => share * value) }
}

/**
 * What is known of each group's mean, as a normal of its cube root. Its deviation is that of the questions, where what seeds answered
 * alike is not made smaller by their number, or, where that is larger, that of seeds as all groups together show it; a group of one is no
 * surer than its one seed. `agreement`: of all groups' checkpoints; what they answered alike takes no part in comparing them.
 */
export function groupNormals(
  scores: ScoreColumns,
  groups: readonly number[][],
  means: readonly (SeedMean | null)[],
  agreement: SweepAgreement | null,
): Normals {
  const ofSeeds = pooledSpread(means.filter((mean) => mean !== null))?.deviation ?? 0
  const empty = () => new Float64Array(groups.length).fill(NaN)
  const normals: Normals = { mean: empty(), deviation: empty(), own: empty() }
  for (const [row, group] of groups.entries()) {
    const mean = means[row]
    if (!mean) continue
    const squares = group.slice(0, mean.count).reduce((sum, place) => {
      const normal = normalAt(scores, place)
      return sum + (normal === null ? NaN : (3 * normal.mean ** 2 * normal.deviation) ** 2)
    }, 0)
    if (Number.isNaN(squares)) continue
    const variance = squares / mean.count
    const root = Math.cbrt(Math.max(mean.mean, 1e-6))
    const slope = 3 * root * root
    const seeds = ofSeeds / Math.sqrt(mean.count)
    normals.mean[row] = root
    const within = agreementOfGroup(scores, group, agreement)?.own ?? 1
    const deviation = Math.max(Math.sqrt(variance * (1 - within + within / mean.count)), seeds) / slope
    normals.deviation[row] = deviation
    normals.own[row] =
      agreement === null ? deviation : Math.max(Math.sqrt((variance * agreement.own) / mean.count), seeds) / slope
  }
  return normals
}

/** How alike a group's checkpoints answered: as its sweep knows it, of several sweeps as the whole board does. */
function agreementOfGroup({ columns }: ScoreColumns, group: readonly number[], ofBoard: SweepAgreement | null) {
  const homes = new Set(group.map((place) => homeAt(columns, place)))
  const [home] = homes
  return homes.size === 1 ? home!.agreement : ofBoard
}

/**
 * The interval over seeds: what their questions leave open, and how seeds vary as all groups together show it. Without the
 * numbers of questions Student's interval of the scores stands.
 */
export function groupInterval(
  scores: ScoreColumns,
  group: readonly number[],
  mean: SeedMean | null,
  noise: SeedNoise | null,
  ofBoard: SweepAgreement | null,
): [number, number] | null {
  if (mean === null || mean.interval === null || noise === null) return mean?.interval ?? null
  const { columns, accuraciesOf } = scores
  const { key, scoring } = homeAt(columns, group[0]!)
  const { aggregate } = scoring
  const baseline = accuraciesOf(key)
  const names = Object.keys(baseline).toSorted()
  const counted = group.slice(0, mean.count)
  const members = counted.map((place) => countsAt(scores, place, names))
  if (members.includes(null)) return mean.interval
  const agreement = agreementOfGroup(scores, group, ofBoard)
  return seedGroupInterval({
    aggregate,
    baseline: names.map((name) => baseline[name]!),
    members: members.map((counts) => counts!),
    scores: counted.map((place) => scores.score[place]!),
    correlations: names.map((name) => sharedBySeeds(agreement, name)),
    noise,
  })
}
