'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { drawTimeline, type DrawnShape, type ShapeRole, type Sheet } from '../../domain/picture/draw-timeline.ts'
import { isWidened, rewardLinesOf, scoreMarksOf, segmentsOf } from '../../domain/picture/timeline.ts'
import { rewardNames } from '../../domain/score/metric-roles.ts'
import type { LineageRunView } from '../../contract/api/lineage.ts'
import { formatCount, plural } from '../_words/format.ts'
import { useTRPC } from '../_shell/trpc.ts'
import { edgeWords } from './lineage-words.ts'
import styles from './lineage.module.css'

/** Letters as wide as those of an 11 px system font. */
const sheet: Sheet = {
  width: 1392,
  left: 64,
  right: 1376,
  rewardHeight: 120,
  scoreHeight: 150,
  letters: { plain: 6.2, bold: 6.6, value: { wide: 7, tall: 13 } },
}

/** Reward and score of a line over all its steps, one run after the other. */
export function Timeline({ chain, baselineName }: { chain: LineageRunView[]; baselineName: string | null }) {
  const trpc = useTRPC()
  const runIds = chain.map((run) => run.id)
  const series = useQuery(trpc.runs.series.queryOptions({ runIds, metrics: [...rewardNames], buckets: 400 })).data
  const segments = segmentsOf(chain).map((segment, at) => ({ ...segment, change: changeOf(chain, at) }))
  const marks = scoreMarksOf(segments)
  const rewards = rewardLinesOf(
    segments,
    (series ?? []).filter((one) => one.points > 0),
  )
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
  const { height, shapes } = drawTimeline({ segments, rewards, marks, baselineName }, sheet)
  const total = segments.at(-1)!.offset + segments.at(-1)!.length
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
          <svg
            className="chart"
            viewBox={`0 0 ${sheet.width} ${height}`}
            role="img"
            aria-label={`Score of ${marks.length} checkpoints over ${formatCount(total)} steps in ${plural(segments.length, 'run')}`}
          >
            {shapes.map((shape, at) => (
              <Drawn key={at} shape={shape} />
            ))}
          </svg>
        </div>
      )}
    </section>
  )
}

/** What the run's trainer was told otherwise than the one before. */
function changeOf(chain: LineageRunView[], at: number): string | null {
  const parent = chain[at - 1] ?? null
  const { head, change } = edgeWords(chain[at]!, parent)
  return parent === null || change === null ? null : `${head} ${change}`
}

const colours: Record<ShapeRole, string> = {
  grid: 'var(--line)',
  axis: 'var(--line-2)',
  ink: 'var(--ink)',
  quiet: 'var(--ink-3)',
  accent: 'var(--accent)',
}

const textClasses = {
  heading: styles.panel,
  change: styles.change,
  value: styles.value,
  ink: 'ink',
  quiet: undefined,
}

function Drawn({ shape }: { shape: DrawnShape }) {
  if (shape.kind === 'text') {
    return (
      <text className={textClasses[shape.role]} x={shape.x} y={shape.y} textAnchor={shape.anchor}>
        {shape.text}
        {shape.note !== undefined && (
          <tspan className={styles.quiet} dx={6}>
            {shape.note}
          </tspan>
        )}
      </text>
    )
  }
  const title = shape.title !== undefined && <title>{shape.title}</title>
  if (shape.kind === 'circle') {
    return (
      <circle cx={shape.x} cy={shape.y} r={shape.radius} fill={colours[shape.role]}>
        {title}
      </circle>
    )
  }
  return (
    <path
      d={shape.d}
      fill="none"
      stroke={colours[shape.role]}
      strokeWidth={shape.width}
      strokeDasharray={shape.dashed && '2 3'}
      strokeLinecap={shape.round && 'round'}
      opacity={shape.faint && 0.35}
    >
      {title}
    </path>
  )
}
