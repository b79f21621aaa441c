import type { ColourDomain } from '../../domain/picture/heatmap.ts'
import { formatScore } from '../_words/format.ts'
import { heatStops } from './heat-scale.ts'
import { roundTicks, tickLabel } from './ticks.ts'
import { BrokenIcon, FrontIcon, StarIcon, TiedIcon } from '../_shell/icons.tsx'
import styles from './heat-legend.module.css'

/** The colour scale from the worst to the best with its ticks and, of scores, the baseline at 1.0, and what the marks on the cells mean. */
export function HeatLegend({
  domain,
  hasBaseline,
  tied,
  front = false,
  broken = false,
  finished,
}: {
  domain: ColourDomain
  hasBaseline: boolean
  tied: boolean
  /** Whether cells are marked that are on the front of several objectives, and that break a constraint. */
  front?: boolean
  broken?: boolean
  finished: boolean
}) {
  const { low, high } = domain
  const flat = high === low
  const place = (score: number) => (100 * (score - low)) / (high - low)
  const ticks = flat ? [] : roundTicks(Math.min(low, high), Math.max(low, high), 5)
  const baseline = hasBaseline && !flat && low <= 1 && high >= 1
  return (
    <div className={styles.scale}>
      <div className={styles.axis}>
        <div
          className="legend"
          role="img"
          aria-label={`Colours from ${formatScore(low)} (dark) to ${formatScore(high)} (light)`}
          style={{ background: flat ? heatStops.at(-1) : `linear-gradient(90deg, ${heatStops.join(', ')})` }}
        />
        <div className={styles.ticks} aria-hidden="true">
          {flat && <span style={{ left: '50%' }}>{formatScore(low)}</span>}
          {ticks
            .filter((tick) => !baseline || Math.abs(place(tick) - place(1)) > 9)
            .map((tick) => (
              <span key={tick} style={{ left: `${place(tick)}%` }}>
                {tickLabel(tick, ticks)}
              </span>
            ))}
          {baseline && (
            <span className={styles.one} style={{ left: `${place(1)}%` }}>
              1.0 baseline
            </span>
          )}
        </div>
      </div>
      <div className={styles.keys}>
        {hasBaseline && !flat && !baseline && <span>baseline 1.0 is {high < 1 ? 'above' : 'below'} the scale</span>}
        <span>
          <StarIcon />
          {finished ? 'best' : 'best so far'}
        </span>
        {front && (
          <span>
            <FrontIcon />
            on the Pareto front
          </span>
        )}
        {broken && (
          <span>
            <BrokenIcon />
            breaks a constraint
          </span>
        )}
        {tied && (
          <span>
            <TiedIcon />
            cannot be told from the best
          </span>
        )}
      </div>
    </div>
  )
}
