import type { CompareView } from '../../contract/api/compare.ts'
import { formatCount, formatPercent } from '../_words/format.ts'
import styles from './compare.module.css'
import { letterColours } from './letters.tsx'
import { ownValue } from '../../domain/own-value.ts'
import { linearScale, whiskerPath } from '../_charts/frame.tsx'

const width = 584
const [left, right] = [124, 360]
const lineHeight = 16
const air = 20

/** Every accuracy with its counts and its 95 % interval, benchmark by benchmark, on one axis from 0 to 100 %. */
export function AccuracyChart({ view }: { view: CompareView }) {
  const { compared, benchmarks, baseline } = view
  const blockHeight = Math.max(2, compared.length) * lineHeight + air
  const height = benchmarks.length * blockHeight + 34
  const x = linearScale([0, 1], [left, right])
  if (benchmarks.length === 0)
    return (
      <div>
        <div className="section-head">
          <h2>Accuracy</h2>
        </div>
        <p className="ink3">None of these has been evaluated.</p>
      </div>
    )
  return (
    <div>
      <div className="section-head">
        <h2>Accuracy</h2>
        <span className="note">whiskers: 95 % interval{baseline && `; dashed: baseline ${baseline.name}`}</span>
      </div>
      <div className={styles.chart} tabIndex={0} role="group" aria-label="Accuracies of each benchmark">
        <svg
          className="chart"
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label="Accuracy of each on every benchmark, with 95 % intervals"
        >
          {benchmarks.map((name, block) => {
            const top = block * blockHeight
            const bottom = top + blockHeight - 4
            const of = ownValue(baseline?.accuracies ?? {}, name)
            const totals = new Set(compared.flatMap(({ results }) => ownValue(results, name)?.total ?? []))
            return (
              <g key={name}>
                <text className={styles.strong} x="0" y={top + 26}>
                  {name.length > 19 ? `${name.slice(0, 18)}…` : name}
                  <title>{name}</title>
                </text>
                {totals.size === 1 && (
                  <text x="0" y={top + 41}>
                    {formatCount([...totals][0]!)} questions
                  </text>
                )}
                <path className="grid" d={`M${left} ${bottom}H${right}`} />
                {of !== undefined && (
                  <path d={`M${x(of)} ${top + 10}V${bottom}`} stroke="var(--ink-3)" strokeDasharray="2 2" />
                )}
                {compared.map((one, at) => {
                  const result = ownValue(one.results, name)
                  const y = top + 18 + at * lineHeight
                  const colour = letterColours[at]!
                  return (
                    <g key={one.letter}>
                      {result?.interval && (
                        <path
                          d={whiskerPath({ y }, [x(result.interval[0]), x(result.interval[1])], 3)}
                          style={{ stroke: colour }}
                          strokeOpacity=".55"
                          strokeWidth="1.5"
                        />
                      )}
                      {result?.accuracy != null &&
                        (at === 0 ? (
                          <circle cx={x(result.accuracy)} cy={y} r="4" style={{ fill: colour }} />
                        ) : (
                          <rect
                            x={x(result.accuracy) - 4}
                            y={y - 4}
                            width="8"
                            height="8"
                            fill="var(--bg)"
                            style={{ stroke: colour }}
                            strokeWidth="2"
                          />
                        ))}
                      <text className={styles.strong} x={right + 22} y={y + 4} textAnchor="end">
                        {one.letter}
                      </text>
                      <text className="ink" x={right + 76} y={y + 4} textAnchor="end">
                        {result?.accuracy == null ? '–' : `${formatPercent(result.accuracy)} %`}
                      </text>
                      <text x={right + 128} y={y + 4} textAnchor="end">
                        {result?.correct == null || result.total === null
                          ? ''
                          : `${result.counts === 'derived' ? '≈ ' : ''}${formatCount(result.correct)}`}
                      </text>
                      <text x={width} y={y + 4} textAnchor="end">
                        {result?.interval
                          ? `${formatPercent(result.interval[0])} to ${formatPercent(result.interval[1])}`
                          : ''}
                      </text>
                    </g>
                  )
                })}
              </g>
            )
          })}
          {[0, 0.25, 0.5, 0.75, 1].map((share) => (
            <text key={share} x={x(share)} y={height - 8} textAnchor="middle">
              {share === 1 ? '100 %' : 100 * share}
            </text>
          ))}
          <text x={right + 128} y={height - 8} textAnchor="end">
            correct
          </text>
          <text x={width} y={height - 8} textAnchor="end">
            interval
          </text>
        </svg>
      </div>
    </div>
  )
}
