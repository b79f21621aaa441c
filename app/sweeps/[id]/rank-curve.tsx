import type { PointsInShort } from '../../../contract/api/sweeps.ts'
import { formatCount, formatScore } from '../../_words/format.ts'
import { airyDomain, linearScale, LinesAcross } from '../../_charts/frame.tsx'
import { roundTicks } from '../../_charts/ticks.ts'

const [width, height] = [960, 240]
const [left, bottom, top] = [44, 24, 8]
type Props = { ranks: PointsInShort['ranks']; scored: number }

/**
 * Scores over their ranks (best first, from 0), for sweeps with more points than bars can show; the band is the 95 % interval.
 * `scored`: how many scores there are, of which `ranks` may be a sample.
 */
export function RankCurve({ ranks: sample, scored }: Props) {
  const points = sample.ranks.map((rank, at) => ({ rank, score: sample.scores[at]!, interval: sample.intervals[at]! }))
  const values = points.flatMap((point) => [point.score, ...(point.interval ?? [])])
  const domain = airyDomain([1, ...values], { air: 0.04, least: 0.1 })
  const y = linearScale(domain, [height - bottom, top])
  const x = linearScale([0, Math.max(1, scored - 1)], [left, width - 8])
  const at = (point: { rank: number }) => x(point.rank)
  const line = points.map((point) => `${at(point)} ${y(point.score)}`).join('L')
  const ranged = points.filter((point) => point.interval !== null)
  const band = [
    ...ranged.map((point) => `${at(point)} ${y(point.interval![1])}`),
    ...ranged.toReversed().map((point) => `${at(point)} ${y(point.interval![0])}`),
  ].join('L')
  const ranks = roundTicks(0, scored, 6).filter((rank) => rank > 0 && rank <= scored)
  const label = `${formatCount(scored)} scores from ${formatScore(points[0]?.score ?? null)} down to ${formatScore(points.at(-1)?.score ?? null)}`
  return (
    <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <LinesAcross domain={domain} y={y} from={left} to={width} count={4} />
      {ranks.map((rank) => (
        <text key={rank} x={x(rank - 1)} y={height - 4} textAnchor="middle">
          {formatCount(rank)}
        </text>
      ))}
      {band && <path d={`M${band}Z`} fill="var(--bar)" />}
      <path d={`M${left} ${y(1)}H${width}`} stroke="var(--ink)" strokeWidth="1.5" />
      <text className="ink" x={width} y={y(1) - 5} textAnchor="end">
        baseline
      </text>
      <path d={`M${line}`} fill="none" stroke="var(--ink-2)" strokeWidth="1.5" strokeLinejoin="round" />
      {points.slice(0, 1).map((point) => (
        <circle key="best" cx={at(point)} cy={y(point.score)} r="4" fill="var(--accent)" />
      ))}
    </svg>
  )
}
