import { Link } from '../../_shell/link.tsx'
import { memo } from 'react'
import type { Brace } from '../../../domain/asking/order.ts'
import type { AxisView, LastMetrics, ListedPoint } from '../../../contract/api/points.ts'
import { formatValue } from '../../_charts/curve-data.ts'
import {
  formatChance,
  formatCount,
  formatInterval,
  formatPercent,
  formatRatio,
  formatScore,
  mostOfValue,
  partialWords,
  pointName,
  progressWords,
  valueOn,
} from '../../_words/format.ts'
import { CompareBox } from '../../_checkpoints/compare-choice.tsx'
import { reasonBeside, Status, statusWord } from '../../_words/status.tsx'
import { Whisker } from '../../_charts/whisker.tsx'
import { LongValue } from '../../_words/long-value.tsx'
import styles from './leaderboard.module.css'
import { ownValue } from '../../../domain/own-value.ts'

type Props = {
  point: ListedPoint
  brace: Brace
  axes: AxisView[]
  benchmarks: string[]
  /** The metrics shown, and the last values that the run has of them. */
  metrics: string[]
  values: LastMetrics | undefined
  domain: [number, number] | null
  rank: number | null
  best: boolean
  /** Whether the sweep's evaluations race: then there is a column of questions. */
  races: boolean
  /** Columns from the score on, up to the chosen metrics. */
  figures: number
  /** Of several objectives those with a column of their own, by their places; null where there are not several. */
  others: { metric: string; at: number }[] | null
  /** The sweep's constraints, as its file writes them. */
  constraints: readonly string[]
  /** Whether values have intervals and chances: those of a logged metric have none. */
  hasIntervals: boolean
  open: boolean
  /** Whether it is ticked to be compared. */
  ticked: boolean
  onTick: (checkpointId: number) => void
}

/** A point's row: on a phone two lines, its settings, then its score and whisker. */
export const LeaderboardRow = memo(function LeaderboardRow(props: Props) {
  const {
    point,
    brace,
    axes,
    benchmarks,
    metrics,
    values,
    domain,
    rank,
    best,
    races,
    figures,
    others,
    constraints,
    hasIntervals,
    open,
    ticked,
    onTick,
  } = props
  return (
    <tr
      className={[open && 'is-open', best && styles.best].filter(Boolean).join(' ') || undefined}
      data-point={point.number}
    >
      <td className={styles.brace}>{brace && <i className={styles[brace]} />}</td>
      <td className={`num ink3 ${styles.rank}`}>
        {point.checkpointId !== null && (
          <CompareBox id={point.checkpointId} name={pointName(point.params, axes)} checked={ticked} onToggle={onTick} />
        )}
        {rank}
      </td>
      {axes.map((axis) => (
        <td key={axis.name} className={`num mono ${styles.param}`}>
          <LongValue text={valueOn(point.params, axis.name)} most={mostOfValue} fixed />
        </td>
      ))}
      <td className={`mono ${styles.settings}`} aria-hidden="true">
        {pointName(point.params, axes)}
      </td>
      {point.score === null ? (
        <td colSpan={figures} className={styles.open}>
          <OpenState point={point} />
        </td>
      ) : (
        <>
          <td
            className={`num score ${styles.score} ${point.rounded ? styles.rounded : ''} ${point.asked === null ? '' : styles.partial} ${point.broken === null ? '' : styles.broken}`}
            title={point.rounded ? 'Published, known only rounded' : String(point.score)}
          >
            {formatScore(point.score)}
          </td>
          {hasIntervals && (
            <>
              <td
                className={styles.whisker}
                title={
                  point.interval ? formatInterval(point.interval) : 'No interval: the number of questions is not known'
                }
              >
                {domain && <Whisker score={point.score} interval={point.interval} domain={domain} width={144} />}
                {point.interval && <span className={`interval ${styles.words}`}>{formatInterval(point.interval)}</span>}
              </td>
              <td className={`num ${styles.figure}`}>{formatChance(point.chanceOfBest)}</td>
            </>
          )}
          {races && <Questions point={point} />}
          {benchmarks.map((name) => (
            <Benchmark key={name} result={ownValue(point.results, name)} />
          ))}
          {others?.map(({ metric, at }) => (
            <td key={metric} className={`num ${styles.figure}`}>
              {formatValue(point.objectives[at] ?? null)}
            </td>
          ))}
          {others && <td className={styles.front}>{point.onFront ? 'on the front' : ''}</td>}
          {constraints.length > 0 && (
            <td
              className={`${styles.limits} ${point.broken === null ? styles.kept : ''}`}
              title={point.broken ?? constraints.join(', ')}
            >
              {point.broken === null ? 'kept' : `breaks: ${point.broken}`}
            </td>
          )}
        </>
      )}
      {metrics.map((name) => (
        <td key={name} className={`num ${styles.figure}`}>
          {formatValue(values?.[name] ?? null)}
        </td>
      ))}
      <td className={`num ${styles.run}`}>
        <Link className="link small" href={`/runs/${point.runId}`}>
          run {point.runNumber}
        </Link>
      </td>
    </tr>
  )
})

/** How many questions it was asked, and whether that was the end of it. */
function Questions({ point }: { point: ListedPoint }) {
  return (
    <td className={`num ${styles.figure}`} title={partialWords(point) || undefined}>
      {point.asked === null ? formatCount(point.questions ?? 0) : `${formatCount(point.asked)}, cannot win`}
    </td>
  )
}

function Benchmark({ result }: { result: ListedPoint['results'][string] | undefined }) {
  const up = result?.ratio != null && result.ratio >= 1
  return (
    <td className={`num ${styles.figure}`} title={result?.error ?? undefined}>
      {formatPercent(result?.accuracy ?? null)}
      <span className={`${styles.ratio} ${up ? styles.up : ''}`}>{formatRatio(result?.ratio ?? null)}</span>
    </td>
  )
}

/** What a point without a score is doing, or why it has none. */
function OpenState({ point }: { point: ListedPoint }) {
  const share = point.status === 'training' || point.status === 'evaluating' ? progressWords(point.progress) : ''
  const notes = [point.attempt > 1 ? `attempt ${point.attempt}` : '', reasonBeside(point.status, point.error)].filter(
    Boolean,
  )
  return (
    <>
      <Status status={point.status} words={[statusWord(point.status), share].filter(Boolean).join(', ')} />
      {notes.length > 0 && (
        <span className="ink3 small" title={notes.join('; ')}>
          {notes.join('; ')}
        </span>
      )}
    </>
  )
}
