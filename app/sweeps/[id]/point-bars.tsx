'use client'
import { useCallback, useMemo } from 'react'
import type { PointView } from '../../../contract/api/points.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { formatInterval, formatScore, pointName } from '../../_words/format.ts'
import type { PlotColors } from '../../_charts/plot.tsx'
import { SavePicture } from '../../_charts/save-picture.tsx'
import { statusWord } from '../../_words/status.tsx'
import { roundTicks, tickLabel } from '../../_charts/ticks.ts'
import { pointBarsFigure } from './point-bars-figure.ts'
import { RankCurve } from './rank-curve.tsx'
import styles from './point-bars.module.css'

/** With more points than this, bars would be thinner than their labels: a curve over the ranks takes their place. */
const largestWithBars = 60

type Props = { sweep: SweepDetail; pinned: number | null; onPin: (pointId: number | null) => void }

/** Every point by its score, best first, with its interval and the baseline. */
export function PointBars({ sweep, pinned, onPin }: Props) {
  const { points, large } = sweep
  const sorted = useMemo(() => points.toSorted((a, b) => (b.score ?? -Infinity) - (a.score ?? -Infinity)), [points])
  const scored = useMemo(() => sorted.filter((point) => point.score !== null), [sorted])
  const bestId = sweep.best?.pointId ?? null
  const figure = useCallback(
    (colors: PlotColors) => pointBarsFigure(scored, { axes: sweep.axes, bestId, title: sweep.name, colors }),
    [scored, sweep.axes, bestId, sweep.name],
  )
  const ranks = useMemo(
    () => large?.ranks ?? scored.map(({ id, score, interval }, rank) => ({ id, rank, score: score!, interval })),
    [large, scored],
  )
  const withIntervals = ranks.some((point) => point.interval !== null)
  const withTied = scored.some((point) => point.tiedWithBest && point.id !== bestId)
  const asBars = sweep.counts.points <= largestWithBars
  const note = [
    withIntervals ? `${asBars ? 'line on each bar' : 'band'}: 95 % interval` : '',
    withTied && asBars ? 'stronger grey: cannot be told from the best' : '',
  ]
  return (
    <section aria-labelledby="bars-title">
      <div className="section-head">
        <h2 id="bars-title">All points, best first</h2>
        <span className="note">{note.filter(Boolean).join('; ')}</span>
        <div className="actions">{!large && <SavePicture figure={figure} name={`${sweep.name}-points`} />}</div>
      </div>
      {asBars ? (
        <Bars sorted={sorted} sweep={sweep} bestId={bestId} pinned={pinned} onPin={onPin} />
      ) : (
        <RankCurve ranks={ranks} scored={sweep.counts.scored} bestId={bestId} />
      )}
    </section>
  )
}

function Bars({ sorted, sweep, bestId, pinned, onPin }: Props & { sorted: PointView[]; bestId: number | null }) {
  const { axes } = sweep
  const top = 1.02 * Math.max(1.05, ...sorted.map((point) => Math.max(point.score ?? 0, point.interval?.[1] ?? 0)))
  const ticks = roundTicks(0, top, 3).filter((tick) => tick < 0.97 * top)
  const height = (score: number) => `${Math.max(0, (100 * score) / top).toFixed(2)}%`
  const widest = Math.max(4, ...axes.flatMap((axis) => axis.values.map((value) => value.length)))
  // a few bars stay bars
  const most = sorted.length <= 6 ? '120px' : '1fr'
  const columns = `repeat(${sorted.length}, minmax(${Math.max(28, Math.min(88, 7 * widest))}px, ${most}))`
  return (
    <div className={styles.scroll}>
      <div className={styles.figure}>
        <div className={styles.plot}>
          {ticks.map((tick) => (
            <span key={tick} className={styles.tick} style={{ bottom: height(tick) }} aria-hidden="true">
              {tickLabel(tick, ticks)}
            </span>
          ))}
          <div className={styles.bars} style={{ gridTemplateColumns: columns }}>
            {sorted.map((point) => (
              <button
                key={point.id}
                type="button"
                className={barClass(point, bestId, pinned)}
                aria-label={barLabel(point, sweep)}
                aria-pressed={point.id === pinned}
                title={barLabel(point, sweep)}
                onClick={() => onPin(point.id)}
              >
                {point.score === null ? (
                  <span className={styles.word}>{statusWord(point.status).toLowerCase()}</span>
                ) : (
                  <>
                    <span className={styles.column} style={{ height: height(point.score) }}>
                      <em>{point.score.toFixed(2)}</em>
                    </span>
                    {point.interval && (
                      <span
                        className={styles.range}
                        style={{
                          bottom: height(point.interval[0]),
                          height: height(point.interval[1] - point.interval[0]),
                        }}
                      />
                    )}
                  </>
                )}
              </button>
            ))}
            <div className={styles.one} style={{ bottom: height(1) }}>
              <span>baseline</span>
            </div>
          </div>
        </div>
        {axes.map((axis) => (
          <div
            key={axis.name}
            className={styles.labels}
            style={{ gridTemplateColumns: `85px ${columns}` }}
            aria-hidden="true"
          >
            <b title={axis.name}>{axis.name}</b>
            {sorted.map((point) => (
              <span key={point.id}>{point.params[axis.name]}</span>
            ))}
          </div>
        ))}
      </div>
    </div>
  )
}

function barClass(point: PointView, bestId: number | null, pinned: number | null): string {
  const classes = [
    styles.bar,
    point.id === bestId && styles.best,
    point.tiedWithBest && styles.tied,
    point.status === 'failed' && styles.failed,
    (point.status === 'training' || point.status === 'evaluating') && styles.live,
    point.id === pinned && styles.pinned,
  ]
  return classes.filter(Boolean).join(' ')
}

function barLabel(point: PointView, sweep: SweepDetail): string {
  const name = pointName(point.params, sweep.axes)
  if (point.score === null) return `${name}: ${statusWord(point.status).toLowerCase()}`
  return `${name}: ${formatScore(point.score)}${point.interval ? `, 95 % ${formatInterval(point.interval)}` : ''}`
}
