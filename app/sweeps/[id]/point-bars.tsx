'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { ListedPoint } from '../../../contract/api/points.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { cutMiddle, formatInterval, formatScore, mostOfHead, pointName, valueOn } from '../../_words/format.ts'
import type { PlotColors } from '../../_charts/plot.tsx'
import { SavePicture } from '../../_charts/save-picture.tsx'
import { statusWord } from '../../_words/status.tsx'
import { roundTicks, tickLabel } from '../../_charts/ticks.ts'
import { useTRPC } from '../../_shell/trpc.ts'
import { namedBars, pointBarsFigure, rankedBars } from './point-bars-figure.ts'
import { RankCurve } from './rank-curve.tsx'
import { firstPoints } from './use-held-pages.ts'
import styles from './point-bars.module.css'

/** With more points than this, bars would be thinner than their labels: a curve over the ranks takes their place. */
const largestWithBars = 60

type Props = { sweep: SweepDetail; pinned: number | null; onPin: (pointId: number | null) => void }

/** Every point by its score, best first, with its interval and the baseline. */
export function PointBars({ sweep, pinned, onPin }: Props) {
  const trpc = useTRPC()
  const { id, axes, name, counts, inShort } = sweep
  const { ranks } = inShort
  const asBars = counts.points <= largestWithBars
  // the leaderboard's first rows
  const page = useQuery(
    trpc.sweeps.points.queryOptions(firstPoints(id), { enabled: asBars, placeholderData: keepPreviousData }),
  ).data
  const sorted = useMemo(() => page?.rows.map(({ point }) => point) ?? [], [page])
  const bestId = sweep.best?.pointId ?? null
  const figure = useCallback(
    (colors: PlotColors) =>
      pointBarsFigure(asBars ? namedBars(sorted, axes) : rankedBars(ranks), { title: name, colors }),
    [asBars, sorted, ranks, axes, name],
  )
  const withIntervals = ranks.intervals.some((interval) => interval !== null)
  const note = [
    withIntervals ? `${asBars ? 'line on each bar' : 'band'}: 95 % interval` : '',
    inShort.tiedWithBest > 0 && asBars ? 'stronger grey: cannot be told from the best' : '',
  ]
  return (
    <section aria-labelledby="bars-title">
      <div className="section-head">
        <h2 id="bars-title">All points, best first</h2>
        <span className="note">{note.filter(Boolean).join('; ')}</span>
        <div className="actions">
          <SavePicture figure={figure} name={`${name}-points`} />
        </div>
      </div>
      {asBars ? (
        <Bars sorted={sorted} sweep={sweep} bestId={bestId} pinned={pinned} onPin={onPin} />
      ) : (
        <RankCurve ranks={ranks} scored={counts.scored} />
      )}
    </section>
  )
}

function Bars({ sorted, sweep, bestId, pinned, onPin }: Props & { sorted: ListedPoint[]; bestId: number | null }) {
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
              <span key={point.id}>{cutMiddle(valueOn(point.params, axis.name), mostOfHead)}</span>
            ))}
          </div>
        ))}
      </div>
    </div>
  )
}

function barClass(point: ListedPoint, bestId: number | null, pinned: number | null): string {
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

function barLabel(point: ListedPoint, sweep: SweepDetail): string {
  const name = pointName(point.params, sweep.axes)
  if (point.score === null) return `${name}: ${statusWord(point.status).toLowerCase()}`
  return `${name}: ${formatScore(point.score)}${point.interval ? `, 95 % ${formatInterval(point.interval)}` : ''}`
}
