'use client'
import type { ImpactView } from '../../../../contract/api/impact.ts'
import { linearScale, LinesAcross, useWidth } from '../../../_charts/frame.tsx'
import { plural } from '../../../_words/format.ts'
import styles from './impact.module.css'

const height = 220
const left = 40
const base = 192

/** How many problems have which score, with the threshold among them; a click puts it elsewhere. */
export function ImpactScores({ view, onChoose }: { view: ImpactView; onChoose: (threshold: number) => void }) {
  const [holder, width] = useWidth<HTMLElement>()
  const { bins, threshold, scored } = view
  const right = width - 12
  const most = Math.max(1, ...bins.counts)
  const x = linearScale([bins.from, 1], [left, right])
  const y = linearScale([0, most], [base, 8])
  const edge = (at: number) => bins.from + at * bins.width
  return (
    <figure ref={holder}>
      <figcaption className="small">
        <b>Problems by score</b> <span className="ink3">a click moves the threshold</span>
      </figcaption>
      {width > 0 && (
        <svg
          className={`chart ${styles.scores}`}
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={`Scores of ${plural(scored, 'problem')}, from ${bins.from.toFixed(2)} to 1, with the threshold at ${threshold}`}
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect()
            const share = ((event.clientX - box.left) * (width / box.width) - left) / (right - left)
            const steps = Math.round((share * (1 - bins.from)) / bins.width)
            onChoose(Number(Math.max(bins.from, Math.min(1, edge(steps))).toFixed(2)))
          }}
        >
          <LinesAcross domain={[0, most]} y={y} from={left} to={right} count={4} label={(value) => String(value)} />
          {bins.counts.map((count, at) => (
            <rect
              key={at}
              className={edge(at) >= threshold - 1e-9 ? styles.chosenBar : styles.otherBar}
              x={x(edge(at)) + 0.5}
              y={y(count)}
              width={Math.max(1, x(edge(at + 1)) - x(edge(at)) - 1)}
              height={base - y(count)}
            >
              <title>{`${plural(count, 'problem')} from ${edge(at).toFixed(2)} to ${edge(at + 1).toFixed(2)}`}</title>
            </rect>
          ))}
          {threshold >= bins.from && <path className={styles.threshold} d={`M${x(threshold)} 0V${base}`} />}
          <text x={left} y={height - 8} textAnchor="start">
            {bins.from < -0.99 ? '−1 or less' : bins.from.toFixed(2)}
          </text>
          <text x={right} y={height - 8} textAnchor="end">
            1
          </text>
          <text
            className="ink"
            x={Math.max(left + 70, Math.min(right - 70, x(Math.max(threshold, bins.from))))}
            y={height - 8}
            textAnchor="middle"
          >
            threshold {threshold}
          </text>
        </svg>
      )}
    </figure>
  )
}
