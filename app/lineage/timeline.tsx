'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { rewardNames } from '../../domain/score/metric-roles.ts'
import type { LineageRunView } from '../../contract/api/lineage.ts'
import type { SeriesView } from '../../contract/api/runs.ts'
import { formatCount, formatScore, plural } from '../_words/format.ts'
import { useTRPC } from '../_shell/trpc.ts'
import { edgeWords } from './lineage-words.ts'
import styles from './lineage.module.css'
import {
  fittedText,
  isWidened,
  paddedRange,
  pathOf,
  placeLabels,
  rewardLinesOf,
  scaleOf,
  type ScoreMark,
  scoreMarksOf,
  type Segment,
  segmentsOf,
  shortNames,
  tickLabels,
  ticksBetween,
} from '../../domain/picture/timeline.ts'

const left = 64
const right = 1376
const width = 1392
const rewardPanel = { top: 56, bottom: 176, title: 30 }

/** Reward and score of a line over all its steps, one run after the other. */
export function Timeline({ chain, baselineName }: { chain: LineageRunView[]; baselineName: string | null }) {
  const trpc = useTRPC()
  const runIds = chain.map((run) => run.id)
  const series = useQuery(trpc.runs.series.queryOptions({ runIds, metrics: [...rewardNames], buckets: 400 })).data
  const segments = segmentsOf(chain)
  const marks = scoreMarksOf(segments)
  const rewards = (series ?? []).filter((one) => one.points > 0)
  const steps = segments.at(-1)!.offset + (chain.at(-1)!.chosen?.step ?? segments.at(-1)!.length)
  const holder = useRef<HTMLDivElement>(null)
  const drawn = marks.length > 0 || rewards.length > 0
  const end = chain.at(-1)!.id
  useEffect(() => {
    // where the whole does not fit, the end of the line is what matters
    const element = holder.current
    if (element) element.scrollLeft = element.scrollWidth
  }, [end, drawn])
  const rewardChanged = chain.some((run) =>
    run.changes.some(({ key, before }) => key.startsWith('reward') && before !== null),
  )
  return (
    <section className="section" aria-labelledby="timeline-title">
      <div className="section-head">
        <h2 id="timeline-title">{rewards.length > 0 ? 'Reward and score' : 'Score'}, by steps along this line</h2>
        <span className="note">
          {plural(steps, 'step')} to the last checkpoint.
          {isWidened(segments) && ' Short runs are drawn wider than their steps.'}
          {rewards.length > 0 && rewardChanged && ' Rewards before and after the reward changed do not compare.'}
          {rewards.length === 0 && ' No reward was recorded along this line.'}
          {marks.length === 0 && ' None of its checkpoints has a score.'}
        </span>
      </div>
      {drawn && (
        <div ref={holder} className={styles.chart} tabIndex={0} role="group" aria-label="Timeline">
          <Figure segments={segments} marks={marks} rewards={rewards} baselineName={baselineName} />
        </div>
      )}
    </section>
  )
}

type FigureProps = {
  segments: Segment<LineageRunView>[]
  marks: ScoreMark[]
  rewards: SeriesView[]
  baselineName: string | null
}

function Figure({ segments, marks, rewards, baselineName }: FigureProps) {
  const last = segments.at(-1)!
  const names = shortNames(segments.map(({ run }) => run.sweepName))
  const total = last.offset + last.length
  const x = scaleOf(segments, left, right)
  const scoreTop = rewards.length > 0 ? rewardPanel.bottom + 52 : 52
  const scoreBottom = scoreTop + 150
  const base = marks.length > 0 ? scoreBottom : rewardPanel.bottom
  return (
    <svg
      className="chart"
      viewBox={`0 0 ${width} ${base + 52}`}
      role="img"
      aria-label={`Score of ${marks.length} checkpoints over ${formatCount(total)} steps in ${plural(segments.length, 'run')}`}
    >
      {segments.map(({ run, offset }) => (
        <path key={run.id} className="axis" strokeDasharray="2 3" d={`M${x(offset)} 20V${base + 4}`} />
      ))}
      <ChangeLabels segments={segments} x={x} />
      {rewards.length > 0 && <Rewards segments={segments} series={rewards} x={x} />}
      {marks.length > 0 && (
        <Scores marks={marks} x={x} top={scoreTop} bottom={scoreBottom} baselineName={baselineName} />
      )}
      {segments.map(({ run, offset, length }, at) => {
        const from = x(offset) + 2
        const to = x(offset + length) - 2
        const name = fittedText(run.sweepName, to - from)
        // what is left of a name that has no room says most without what all names begin with
        const shown = name === run.sweepName ? name : fittedText(names[at]!, to - from)
        return (
          <g key={run.id}>
            <title>{`${run.sweepName}: ${plural(length, 'step')}`}</title>
            <path
              d={`M${from} ${base + 18}H${Math.max(to, from + 1)}`}
              stroke={at === segments.length - 1 ? 'var(--accent)' : 'var(--ink-3)'}
              strokeWidth={3}
            />
            <text className="ink" x={from} y={base + 34}>
              {shown}
            </text>
            <text x={from} y={base + 48}>
              {fittedText(plural(length, 'step'), to - from)}
            </text>
          </g>
        )
      })}
    </svg>
  )
}

/** What changed, above the run that it changed in; left out where the one before reaches that far. */
function ChangeLabels({ segments, x }: { segments: Segment<LineageRunView>[]; x: (step: number) => number }) {
  let free = 0
  return segments.map(({ run, offset }, at) => {
    const parent = segments[at - 1]?.run ?? null
    const { head, change } = edgeWords(run, parent)
    if (parent === null || change === null) return null
    const label = `${head} ${change}`
    const from = x(offset)
    const wide = label.length * 6.6
    const start = from + wide > width ? from - wide - 4 : from + 6
    if (start < free) return null
    free = start + wide + 8
    return (
      <text key={run.id} className={styles.change} x={start} y={14}>
        {label}
      </text>
    )
  })
}

function Rewards({
  segments,
  series,
  x,
}: {
  segments: Segment<LineageRunView>[]
  series: SeriesView[]
  x: (step: number) => number
}) {
  const { top, bottom, title } = rewardPanel
  const within = rewardLinesOf(segments, series)
  const values = within.flatMap(({ mean }) => mean.filter((value) => value !== null))
  const [low, high] = paddedRange(values, 0.08)
  const y = (value: number) => Number((bottom - ((bottom - top) * (value - low)) / (high - low)).toFixed(1))
  const rewardTicks = ticksBetween(low, high, 4)
  const rewardLabels = tickLabels(rewardTicks)
  const windows = [...new Set(within.map(({ window }) => window))]
  return (
    <g>
      <text className={styles.panel} x={0} y={title}>
        Mean reward
        <tspan className={styles.quiet} dx={6}>
          faint: as reported
          {windows.some((window) => window > 1) &&
            `; line: mean of the last ${windows.length === 1 ? windows[0] : `${Math.min(...windows)} to ${Math.max(...windows)}`} values drawn`}
        </tspan>
      </text>
      {rewardTicks.map((tick, at) => (
        <g key={tick}>
          <path className="grid" d={`M${left} ${y(tick)}H${right}`} />
          <text x={left - 8} y={y(tick) + 4} textAnchor="end">
            {rewardLabels[at]}
          </text>
        </g>
      ))}
      {within.map(({ runId, at, mean, smoothed }) => (
        <g key={runId} fill="none" stroke="var(--accent)" strokeLinecap="round">
          <path d={pathOf(at, mean, x, y)} opacity={0.35} />
          <path d={pathOf(at, smoothed, x, y)} strokeWidth={mean.length === 1 ? 5 : 1.5} />
        </g>
      ))}
    </g>
  )
}

type ScoresProps = {
  marks: ScoreMark[]
  x: (step: number) => number
  top: number
  bottom: number
  baselineName: string | null
}

function Scores({ marks, x, top, bottom, baselineName }: ScoresProps) {
  const [low, high] = paddedRange([1, ...marks.flatMap(({ score, interval }) => [score, ...(interval ?? [])])], 0.06)
  const y = (value: number) => Number((bottom - ((bottom - top) * (value - low)) / (high - low)).toFixed(1))
  const ticks = ticksBetween(low, high, 5)
  const labels = tickLabels(ticks, 1)
  const chosen = marks.filter((mark) => mark.chosen)
  const newest = chosen.at(-1)
  const places = placeLabels(
    chosen.map(({ at, score }) => ({ x: x(at), y: y(score), text: formatScore(score) })),
    right,
  )
  return (
    <g>
      <text className={styles.panel} x={0} y={top - 14}>
        Score
        <tspan className={styles.quiet} dx={6}>
          dots: every scored checkpoint; whiskers: 95 % of those that stand for a run
        </tspan>
      </text>
      {ticks.map((tick, at) => (
        <g key={tick}>
          <path className="grid" d={`M${left} ${y(tick)}H${right}`} />
          <text className={tick === 1 ? 'ink' : undefined} x={left - 8} y={y(tick) + 4} textAnchor="end">
            {labels[at]}
          </text>
        </g>
      ))}
      <path className="axis" strokeWidth={1.5} d={`M${left} ${y(1)}H${right}`} />
      <text x={left + 6} y={y(1) - 5}>
        {baselineName === null ? 'baseline of each sweep' : `baseline ${baselineName}`}
      </text>
      <path
        d={chosen.map(({ at, score }, index) => `${index === 0 ? 'M' : 'L'}${x(at)} ${y(score)}`).join('')}
        fill="none"
        stroke="var(--ink)"
        strokeWidth={1.25}
      />
      {marks.map((mark) => (
        <g key={`${mark.runId}/${mark.at}`}>
          <title>{`${mark.label}: ${formatScore(mark.score)}`}</title>
          {mark.interval && (
            <path
              d={`M${x(mark.at)} ${y(mark.interval[0])}V${y(mark.interval[1])}`}
              stroke="var(--ink-3)"
              strokeWidth={1.5}
            />
          )}
          <circle
            cx={x(mark.at)}
            cy={y(mark.score)}
            r={mark.chosen ? 4 : 1.75}
            fill={mark === newest ? 'var(--accent)' : mark.chosen ? 'var(--ink)' : 'var(--ink-3)'}
          />
        </g>
      ))}
      {chosen.map((mark, index) => (
        <text
          key={`${mark.runId}/${mark.at}`}
          className={styles.value}
          x={places[index]!.x}
          y={places[index]!.y}
          textAnchor={places[index]!.anchor}
        >
          {formatScore(mark.score)}
        </text>
      ))}
    </g>
  )
}
