import { Link } from '../../_shell/link.tsx'
import { isSweepFinished } from '../../../domain/life/run-status.ts'
import { searchingOf } from '../../../domain/sweep/searching.ts'
import type { PointView } from '../../../contract/api/points.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { formatCount, formatInterval, formatScore, mostOfValue, plural, valueOn } from '../../_words/format.ts'
import { LongValue } from '../../_words/long-value.tsx'
import { CurvesLink } from './curves/curves-link.tsx'
import styles from './sweep.module.css'

/** The page's answer in a sentence: the best settings, and how sure that is. */
export function SweepAnswer({ sweep }: { sweep: SweepDetail }) {
  const { bestPoint: best, picked } = sweep
  return (
    <div className={styles.answer} role="status">
      <div>
        {best ? <BestSentence sweep={sweep} best={best} /> : <p>{noScoreSentence(sweep)}</p>}
        {sweep.code.map((sentence) => (
          <p key={sentence} className={`small ink2 ${styles.code}`}>
            {sentence}
          </p>
        ))}
      </div>
      {!best && sweep.origin === 'imported' && !hasMetrics(sweep) && (
        <Link className="btn" href={`/lineage?run=${sweep.runs[0]!.id}`}>
          See its lineage
        </Link>
      )}
      {searchingOf(sweep.definition) !== null && (
        <Link className="btn" href={`/sweeps/${sweep.id}/search`}>
          How it searches
        </Link>
      )}
      {hasMetrics(sweep) && sweep.counts.trainings > 1 && <CurvesLink id={sweep.id} />}
      {best && (
        <div className="actions">
          <Link className="btn" href={`/runs/${best.runId}`}>
            See run {best.runNumber}
          </Link>
          {best.checkpoint?.path && (
            <Link className="btn" href={`/sweeps/new?checkpoint=${best.checkpoint.id}`}>
              Start the next round from it
            </Link>
          )}
          {picked.length > 1 && (
            <Link className="btn" href={`/sweeps/new?checkpoint=${picked.join(',')}`}>
              Start one from the {picked.length} picked
            </Link>
          )}
        </div>
      )}
    </div>
  )
}

function BestSentence({ sweep, best }: { sweep: SweepDetail; best: PointView }) {
  const { tiedWithBest: tied, withInterval } = sweep.inShort
  const { objectives } = sweep.definition
  return (
    <p>
      {objectives && `${frontWords(sweep)} `}
      {isSweepFinished(sweep.status) ? 'Best' : 'Best so far'}
      {objectives && ` by ${sweep.objective?.metric ?? 'score'} alone`}:{' '}
      {sweep.objective && `${sweep.objective.metric} `}
      <b>{formatScore(best.score)}</b>{' '}
      {best.interval && <span className="ink2">({formatInterval(best.interval)})</span>} at{' '}
      {sweep.axes.map((axis, at) => (
        <span key={axis.name}>
          {at > 0 && ', '}
          {axis.name}{' '}
          <b>
            <LongValue text={valueOn(best.params, axis.name)} most={mostOfValue} />
          </b>
        </span>
      ))}
      .{' '}
      {withInterval > 0 &&
        (tied > 0 ? tiedSentence(tied) : sweep.counts.scored > 1 && 'It can be told from every other point.')}{' '}
      {sweep.inShort.mostlyLuck && 'Scores this close: mostly luck.'} {limitWords(sweep)} {overSeeds(sweep.finalists)}
      {sweep.objective && objectiveWords(sweep.objective, best)}
    </p>
  )
}

/** The best of means over seeds, which one point alone is not. */
function overSeeds(finalists: SweepDetail['finalists']): string {
  const best = finalists?.way === 'seeds' ? finalists.settings[0] : undefined
  if (best === undefined || best.mean === null || best.seeds.some(({ score }) => score === null)) return ''
  const name = Object.entries(best.params).map(([axis, value]) => `${axis} ${value}`)
  return `Over ${best.seeds.length} seeds the best is ${name.join(', ')}: ${formatScore(best.mean)} (Finalists, below). `
}

/** Which value it is, which way it is better, and that luck is in it. */
function objectiveWords({ goal, at }: NonNullable<SweepDetail['objective']>, { scoreStep }: PointView): string {
  const step = scoreStep === null ? '' : `Logged at step ${formatCount(scoreStep)}. `
  const best = at === 'best' ? ' The best of many steps is good by luck too.' : ''
  return `${step}${goal === 'minimize' ? 'Less' : 'More'} is better. One run each: how much of a difference is luck is not known.${best}`
}

/** By several objectives nobody is the best: how many are on the front. */
function frontWords({ definition, inShort, counts }: SweepDetail): string {
  const names = definition.objectives!.map(({ metric }) => metric).join(', ')
  return `${plural(inShort.onFront, 'point')} of ${formatCount(counts.scored)} on the Pareto front of ${names}: no other one is better in all.`
}

function limitWords({ inShort: { broken }, definition }: SweepDetail): string {
  if (broken === 0) return ''
  const limits = definition.constraints!.join(', ')
  return broken === 1
    ? `One point breaks a constraint (${limits}) and is not ranked.`
    : `${formatCount(broken)} points break a constraint (${limits}) and are not ranked.`
}

function tiedSentence(tied: number): string {
  return `${plural(tied, 'other point')} cannot be told from it.`
}

/** Whether an imported sweep has runs with curves, not published figures alone. */
function hasMetrics(sweep: SweepDetail): boolean {
  return sweep.runs.some((run) => run.attempt > 0)
}

/** Of a sweep that only keeps track of its runs. */
function trackedSentence({ counts, status }: SweepDetail): string {
  const failed = counts.failed > 0 ? ` ${plural(counts.failed, 'point')} failed.` : ''
  if (!isSweepFinished(status)) return `Nothing is scored here; each run below has its curves, live.${failed}`
  return `Nothing was scored; each run below has its curves.${failed}`
}

function noScoreSentence(sweep: SweepDetail): string {
  const { counts, status } = sweep
  if (sweep.origin === 'imported') {
    return hasMetrics(sweep)
      ? 'Its metrics were imported; nothing was scored. Each run below has its curves.'
      : 'No score of it was published.'
  }
  if (!sweep.isScored) return trackedSentence(sweep)
  if (sweep.inShort.broken > 0)
    return `Every point that is scored breaks a constraint (${sweep.definition.constraints!.join(', ')}), so none is the best.`
  if (counts.failed === counts.points) return 'No point has a score: every one of them failed.'
  if (status === 'cancelled') return 'No point has a score: the sweep was cancelled before the first evaluation ended.'
  if (counts.failed > 0) return `No score yet, and ${plural(counts.failed, 'point')} failed.`
  if (status === 'waiting') return 'No score yet: the sweep waits for its first free slot.'
  if (sweep.objective) return `No value yet. The first ${sweep.objective.metric} comes when a training has ended.`
  return 'No score yet. The first one comes when a checkpoint has been evaluated.'
}
