'use client'
import type { ImpactView } from '../../../../contract/api/impact.ts'
import { linearScale, LinesAcross, type Scale, useWidth } from '../../../_charts/frame.tsx'
import { formatCount, plural } from '../../../_words/format.ts'
import styles from './impact.module.css'

const height = 220
const left = 40
const base = 192

/** A curve as a path's `d`. */
export function curvePath(rewards: readonly number[], x: Scale, y: Scale): string {
  return rewards.map((reward, epoch) => `${epoch === 0 ? 'M' : 'L'}${x(epoch)} ${y(reward)}`).join('')
}

/** The problems' curves over the epochs, those that are chosen in colour, and the mean that they are held against. */
export function ImpactCurves({ view: { curves, mean, threshold, scored } }: { view: ImpactView }) {
  const [holder, width] = useWidth<HTMLElement>()
  const right = width - 12
  const x = linearScale([0, mean.length - 1], [left, right])
  const y = linearScale([0, 1], [base, 8])
  const shown =
    curves.length < scored
      ? `${formatCount(curves.length)} of ${plural(scored, 'problem')}, evenly by score`
      : plural(scored, 'problem')
  return (
    <figure ref={holder}>
      <figcaption className="small">
        <b>Reward by epoch</b> <span className="ink3">{shown}</span>
      </figcaption>
      {width > 0 && (
        <svg
          className={`chart ${styles.curves}`}
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={`Reward of ${plural(curves.length, 'problem')} by epoch; their mean goes from ${mean[0]!.toFixed(2)} to ${mean.at(-1)!.toFixed(2)}`}
        >
          <LinesAcross domain={[0, 1]} y={y} from={left} to={right} count={4} />
          {curves.map(({ sampleId, score, rewards }) => (
            <path
              key={sampleId}
              className={score >= threshold ? styles.chosen : styles.other}
              d={curvePath(rewards, x, y)}
            >
              <title>{`Impact ${score.toFixed(2)}`}</title>
            </path>
          ))}
          <path className={styles.mean} d={curvePath(mean, x, y)} />
          <text x={left} y={height - 8} textAnchor="start">
            epoch 1
          </text>
          <text x={right} y={height - 8} textAnchor="end">
            {formatCount(mean.length)}
          </text>
        </svg>
      )}
      <p className={`small ink2 ${styles.legend}`}>
        <span>
          <i className={styles.keyMean} /> mean
        </span>
        <span>
          <i className={styles.keyChosen} /> chosen
        </span>
        <span>
          <i className={styles.keyOther} /> not chosen
        </span>
      </p>
    </figure>
  )
}
