'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { FrontView } from '../../../contract/api/points.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import type { Goal } from '../../../domain/sweep/stop-early.ts'
import { formatValue } from '../../_charts/curve-data.ts'
import { airyDomain, linearScale, LinesAcross, useWidth } from '../../_charts/frame.tsx'
import { roundTicks } from '../../_charts/ticks.ts'
import { useTRPC } from '../../_shell/trpc.ts'
import { formatCount, plural, pointName } from '../../_words/format.ts'
import styles from './front-chart.module.css'

const height = 340
const edgesOf = (width: number) => ({ left: 64, right: width - 16, top: 12, bottom: height - 40 })

type Props = { sweep: SweepDetail; pinned: number | null; onPin: (pointId: number | null) => void }

/** Two objectives of every point, and the front: those that no other point beats in all of them. */
export function FrontChart({ sweep, pinned, onPin }: Props) {
  const trpc = useTRPC()
  const { data: view } = useQuery(
    trpc.sweeps.front.queryOptions({ id: sweep.id }, { placeholderData: keepPreviousData }),
  )
  const [across, setAcross] = useState(1)
  const [up, setUp] = useState(0)
  if (!view || view.objectives.length < 2) return null
  return (
    <section className="section" aria-labelledby="front-title">
      <div className="section-head">
        <h2 id="front-title">Pareto front</h2>
        <span className="note">
          {formatCount(view.onFront)} of {plural(view.total, 'point')} on it: no other one is at least as good in all of{' '}
          {view.objectives.map(({ metric }) => metric).join(', ')} and better in one
        </span>
        {view.objectives.length > 2 && (
          <div className="actions">
            <Chooser label="Up" view={view} value={up} other={across} onChange={setUp} />
            <Chooser label="Across" view={view} value={across} other={up} onChange={setAcross} />
          </div>
        )}
      </div>
      {view.points.length === 0 ? (
        <p className="ink3">Drawn once a point has a value of every objective.</p>
      ) : (
        <Marks view={view} up={up} across={across} sweep={sweep} pinned={pinned} onPin={onPin} />
      )}
    </section>
  )
}

type ChooserProps = { label: string; view: FrontView; value: number; other: number; onChange: (at: number) => void }

function Chooser({ label, view, value, other, onChange }: ChooserProps) {
  return (
    <label className="chooser">
      {label}
      <select value={value} onChange={(event) => onChange(Number(event.target.value))}>
        {view.objectives.map(({ metric }, at) => (
          <option key={metric} value={at} disabled={at === other}>
            {metric}
          </option>
        ))}
      </select>
    </label>
  )
}

function Marks({ view, up, across, sweep, pinned, onPin }: Props & { view: FrontView; up: number; across: number }) {
  const { points, objectives } = view
  const [holder, width] = useWidth<HTMLDivElement>()
  const edges = edgesOf(width)
  const [ofUp, ofAcross] = [objectives[up]!, objectives[across]!]
  const [xs, ys] = [across, up].map((at) =>
    airyDomain(
      points.map(({ values }) => values[at]!),
      { air: 0.06, least: 0.5 },
    ),
  ) as [[number, number], [number, number]]
  const x = linearScale(xs, [edges.left, edges.right])
  const y = linearScale(ys, [edges.bottom, edges.top])
  const ticks = roundTicks(...xs, Math.max(2, Math.floor(width / 120)))
  return (
    <div ref={holder}>
      {width > 0 && (
        <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={chartWords(view, up, across)}>
          <LinesAcross domain={ys} y={y} from={edges.left} to={edges.right} count={5} label={formatValue} />
          {ticks.map((tick) => (
            <text key={tick} x={x(tick)} y={edges.bottom + 18} textAnchor="middle">
              {formatValue(tick)}
            </text>
          ))}
          <text x={edges.right} y={height - 6} textAnchor="end">
            {ofAcross.metric}, {wayWords(ofAcross.goal)}
          </text>
          <text x={edges.left + 4} y={edges.top + 8}>
            {ofUp.metric}, {wayWords(ofUp.goal)}
          </text>
          <path
            className={styles.front}
            d={frontPath(
              points.filter(({ onFront }) => onFront).map(({ values }) => [values[across]!, values[up]!]),
              [ofAcross.goal, ofUp.goal],
            )
              .map(([at, value], place) => (place === 0 ? `M${x(at)} ${y(value)}` : `L${x(at)} ${y(value)}`))
              .join('')}
          />
          {points.toReversed().map((point) => {
            const classes = [
              point.onFront ? styles.on : point.broken ? styles.broken : styles.off,
              point.id === pinned && styles.pinned,
            ]
            return (
              <circle
                key={point.id}
                className={classes.filter(Boolean).join(' ')}
                cx={x(point.values[across]!)}
                cy={y(point.values[up]!)}
                r={point.onFront ? 5 : 4}
                onClick={() => onPin(point.id)}
              >
                <title>{markWords(view, point, sweep)}</title>
              </circle>
            )
          })}
        </svg>
      )}
    </div>
  )
}

const wayWords = (goal: Goal) => (goal === 'minimize' ? 'less is better' : 'more is better')

/**
 * The edge of what the points beat in two objectives, as corners from left to right: between two of the front nothing is known, so it goes
 * in steps. With further objectives points that others beat in these two lie inside, and are left out.
 */
function frontPath(points: [number, number][], [across, up]: [Goal, Goal]): [number, number][] {
  const better = (goal: Goal, one: number, other: number) => (goal === 'minimize' ? one < other : one > other)
  // the best across first, then whoever is better up
  const sorted = points.toSorted((a, b) =>
    a[0] === b[0] ? (better(up, a[1], b[1]) ? -1 : 1) : better(across, a[0], b[0]) ? -1 : 1,
  )
  const edge: [number, number][] = []
  for (const [at, value] of sorted) {
    const last = edge.at(-1)
    if (last !== undefined && !better(up, value, last[1])) continue
    if (last !== undefined) edge.push([at, last[1]])
    edge.push([at, value])
  }
  return edge
}

function markWords({ objectives }: FrontView, point: FrontView['points'][number], { axes }: SweepDetail): string {
  const values = objectives.map(({ metric }, at) => `${metric} ${formatValue(point.values[at]!)}`)
  const state = point.onFront ? ', on the front' : point.broken ? ', breaks a constraint' : ''
  return `${pointName(point.params, axes)}: ${values.join(', ')}${state}`
}

function chartWords(view: FrontView, up: number, across: number): string {
  const [first, second] = [view.objectives[up]!.metric, view.objectives[across]!.metric]
  return `${first} over ${second} of ${plural(view.points.length, 'point')}, ${formatCount(view.onFront)} of them on the Pareto front; the leaderboard below marks them`
}
