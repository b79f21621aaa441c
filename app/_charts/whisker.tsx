import { formatInterval, formatScore } from '../_words/format.ts'
import { airyDomain, linearScale, whiskerPath } from './frame.tsx'

type Scored = { score: number | null; interval: [number, number] | null }

/** One axis for a whole table: from the lowest to the highest that any row shows, with 1.0 on it, and a little air. */
export function whiskerDomain(rows: Scored[]): [number, number] {
  const values = rows.flatMap(({ score, interval }) => [...(score === null ? [] : [score]), ...(interval ?? [])])
  return airyDomain([1, ...values], { air: 0.02, least: 0.1 })
}

/** A score as a dot with its 95 % interval, on the table's axis; the line stands at 1.0, the baseline. */
export function Whisker({
  score,
  interval,
  domain,
  width = 88,
}: Scored & { domain: [number, number]; width?: number }) {
  if (score === null) return null
  const x = linearScale(domain, [3, width - 3])
  const label = interval ? `95 % interval ${formatInterval(interval)}` : `${formatScore(score)}, no interval`
  return (
    <svg className="whisker" width={width} height="16" viewBox={`0 0 ${width} 16`} role="img" aria-label={label}>
      <path className="one" d={`M${x(1)} 0V16`} />
      {interval && <path className="rng" d={whiskerPath({ y: 8 }, [x(interval[0]), x(interval[1])], 3)} />}
      <circle className="dot" cx={x(score)} cy="8" r="3" />
    </svg>
  )
}
