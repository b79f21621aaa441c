'use client'
import { useState } from 'react'
import type { RunDetail } from '../../../contract/api/runs.ts'
import { type CurveAxis, isTime, timeTicks } from '../../_charts/curve-axis.ts'
import { axisHeight, labelWidth } from '../../_charts/curve-drawing.ts'
import { formatCount, formatInterval, formatPercent, formatScore, plural } from '../../_words/format.ts'
import { airyDomain, BaselineAcross, linearScale, LinesAcross, useWidth, whiskerPath } from '../../_charts/frame.tsx'
import { roundTicks } from '../../_charts/ticks.ts'
import curves from '../../_charts/curves.module.css'
import styles from './checkpoint-charts.module.css'
import { ownValue } from '../../../domain/own-value.ts'

type Point = { id: number; step: number; value: number; interval: [number, number] | null; best: boolean }
type ChartOfPoints = {
  name: string
  note: string
  points: Point[]
  words: (point: Point) => string
  percent: boolean
  /** Whether 1.0 means the baseline. */
  hasBaseline: boolean
}

const scoreHeight = 92
const benchmarkHeight = 60
const shownAtFirst = 6
/** As the grid of curves has them (curves.module.css). */
const leastColumn = 400
const columnGap = 24
/** As the curves leave it at their right. */
const rightPadding = 20

/** The scores of a run's checkpoints, and their accuracies on each benchmark, as points on the axis that the curves stand on. */
export function CheckpointCharts({ run, range, axis }: { run: RunDetail; range: [number, number]; axis: CurveAxis }) {
  const [holder, width] = useWidth<HTMLDivElement>()
  const [all, setAll] = useState(false)
  const charts = chartsOf(run)
  const shown = all ? charts : charts.slice(0, shownAtFirst)
  const columns = Math.max(1, Math.floor((width + columnGap) / (leastColumn + columnGap)))
  return (
    <div className={styles.charts}>
      <div ref={holder} className={curves.grid}>
        {width > 0 &&
          shown.map((chart, at) => (
            <PointsChart
              key={chart.name}
              chart={chart}
              range={range}
              axis={axis}
              width={(width - (columns - 1) * columnGap) / columns}
              height={at === 0 || columns > 1 ? scoreHeight : benchmarkHeight}
              withAxis={columns > 1 || at === shown.length - 1}
            />
          ))}
      </div>
      {shown.length < charts.length && (
        <button type="button" className="btn sm" onClick={() => setAll(true)}>
          Show all {formatCount(charts.length)} charts of checkpoints
        </button>
      )}
    </div>
  )
}

function chartsOf(run: RunDetail): ChartOfPoints[] {
  const stepped = run.checkpoints.filter((checkpoint) => checkpoint.step !== null)
  const charts: ChartOfPoints[] = [
    {
      name: run.sweep.objective?.metric ?? 'score',
      note:
        run.sweep.objective === null
          ? 'each checkpoint with its 95 % interval; line at 1.0, the baseline'
          : 'of each checkpoint',
      percent: false,
      hasBaseline: run.sweep.objective === null,
      points: stepped.flatMap(({ id, step, score, interval, best }) =>
        score === null ? [] : [{ id, step: step!, value: score, interval, best }],
      ),
      words: ({ value, interval }) =>
        `${formatScore(value)}${interval ? `, 95 % interval ${formatInterval(interval)}` : ''}`,
    },
  ]
  for (const name of new Set(stepped.flatMap(({ results }) => Object.keys(results)))) {
    const baseline = ownValue(run.sweep.baseline, name)
    charts.push({
      name,
      note: `accuracy, %${baseline === undefined ? '' : `; baseline ${formatPercent(baseline)}`}`,
      percent: true,
      hasBaseline: false,
      points: stepped.flatMap(({ id, step, results, best }) => {
        const result = ownValue(results, name)
        return result?.accuracy == null
          ? []
          : [{ id, step: step!, value: result.accuracy, interval: result.interval, best }]
      }),
      words: ({ value, interval }) =>
        `${formatPercent(value)} %${interval ? `, 95 % interval ${formatPercent(interval[0])} to ${formatPercent(interval[1])}` : ''}`,
    })
  }
  return charts.filter(({ points }) => points.length > 0)
}

function PointsChart({
  chart: { name, note, points, words, percent, hasBaseline },
  range,
  axis,
  width,
  height,
  withAxis,
}: {
  chart: ChartOfPoints
  range: [number, number]
  axis: CurveAxis
  width: number
  height: number
  withAxis: boolean
}) {
  const [hovered, setHovered] = useState<Point | null>(null)
  const right = width - rightPadding
  const scale = axis.logarithmic ? Math.log10 : (place: number) => place
  const across = linearScale(range.map(scale) as [number, number], [labelWidth, right])
  const xOfPlace = (place: number) => across(scale(place))
  const x = (step: number) => xOfPlace(axis.placeOf(step) ?? range[0])
  const inside = points.filter(({ step }) => {
    const place = axis.placeOf(step)
    return place !== null && place >= range[0] && place <= range[1]
  })
  const ends = points.flatMap(({ value, interval }) => [value, ...(interval ?? [])])
  if (hasBaseline) ends.push(1)
  const domain = airyDomain(ends, { air: 0.08, least: 0.05 })
  const y = linearScale(domain, [height - 4, 4])
  const shown = hovered ?? points.findLast(({ best }) => best) ?? points.at(-1)!
  return (
    <figure className={curves.chart}>
      <figcaption className={`${curves.head} ${styles.head}`}>
        <span className={curves.name}>{name}</span>
        <span className={`${curves.note} ${styles.note}`}>{note}</span>
        <span className={curves.value}>
          {words(shown)} <span>at step {formatCount(shown.step)}</span>
        </span>
      </figcaption>
      <svg
        className={`chart ${styles.plot}`}
        viewBox={`0 0 ${width} ${height + (withAxis ? axisHeight - 12 : 0)}`}
        role="img"
        aria-label={`${name} of ${plural(points.length, 'checkpoint')} by step; ${words(shown)} at step ${shown.step}`}
        onPointerLeave={() => setHovered(null)}
      >
        <LinesAcross
          domain={domain}
          y={y}
          from={labelWidth}
          to={right}
          count={height > 70 ? 3 : 2}
          {...(percent && { label: (share) => String(Math.round(1000 * share) / 10) })}
        />
        {hasBaseline && <BaselineAcross domain={domain} y={y} from={labelWidth} to={right} />}
        {inside.map((point) => (
          <a
            key={point.id}
            href={`#checkpoint-${point.id}`}
            tabIndex={-1}
            aria-label={`Step ${point.step}: ${words(point)}`}
            onPointerEnter={() => setHovered(point)}
          >
            <title>{`Step ${formatCount(point.step)}: ${words(point)}`}</title>
            <rect x={x(point.step) - 8} y={0} width={16} height={height} fill="transparent" />
            {point.interval && (
              <path
                className={styles.interval}
                d={whiskerPath({ x: x(point.step) }, [y(point.interval[0]), y(point.interval[1])], 3)}
              />
            )}
            <circle className={point.best ? styles.best : styles.dot} cx={x(point.step)} cy={y(point.value)} r={3.5} />
          </a>
        ))}
        {withAxis && (
          <>
            <path className="axis" d={`M${labelWidth} ${height}H${right}`} />
            <text x={8} y={height + 16}>
              {axis.unit}
            </text>
            {placesOfLabels(range, axis).map(([place, label]) => (
              <text key={place} x={xOfPlace(place)} y={height + 16} textAnchor="middle">
                {label}
              </text>
            ))}
          </>
        )}
      </svg>
    </figure>
  )
}

function placesOfLabels([low, high]: [number, number], axis: CurveAxis): [number, string][] {
  const places = axis.logarithmic
    ? roundTicks(Math.log10(low), Math.log10(high), 6).flatMap((power) =>
        Number.isInteger(power) ? [10 ** power] : [],
      )
    : isTime(axis.kind)
      ? timeTicks(low, high, 6)
      : roundTicks(low, high, 6)
  return axis.labels(places).flatMap((label, at): [number, string][] => (label === '' ? [] : [[places[at]!, label]]))
}
