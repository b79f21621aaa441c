import type { SearchView } from '../../../../contract/api/search.ts'
import { airyDomain, BaselineAcross, linearScale, LinesAcross } from '../../../_charts/frame.tsx'
import { roundTicks } from '../../../_charts/ticks.ts'
import { formatScore } from '../../../_words/format.ts'
import { isBetter } from '../../../../domain/stopping/method.ts'
import { reasonWords } from './search-words.ts'
import styles from './search.module.css'

const width = 520
const height = 300
const edges = { left: 48, right: width - 14, top: 12, bottom: height - 40 }

/** Each training's value in the order of their start, the best until then, and what random order would have paid. */
export function BestSoFar({ view, hasBaseline }: { view: SearchView; hasBaseline: boolean }) {
  const { trainings, planned, inRandomOrder } = view
  const values = trainings.flatMap(({ value }) => value ?? [])
  const domain = airyDomain([...values, ...(inRandomOrder ?? [])], { air: 0.06, least: 0.05 })
  const x = linearScale([1, Math.max(2, planned)], [edges.left + 6, edges.right])
  const y = linearScale(domain, [edges.bottom, edges.top])
  const steps = bestSteps(view)
  const path = steps.map(
    ({ number, best }, at) => `${at === 0 ? 'M' : 'H'}${x(number)}${at === 0 ? ` ${y(best)}` : `V${y(best)}`}`,
  )
  const random = inRandomOrder?.map((best, at) => `${at === 0 ? 'M' : 'L'}${x(at + 1)} ${y(best)}`).join('')
  return (
    <section className="section" aria-labelledby="best-title">
      <div className="section-head">
        <h2 id="best-title">Best so far, by trainings started</h2>
        <span className="note">
          {inRandomOrder === null
            ? 'what random order would have paid is drawn when the search has ended'
            : 'broken line: the mean of all orders of these trainings; as the search chose them, a random search does worse'}
        </span>
      </div>
      <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={chartWords(steps)}>
        <LinesAcross domain={domain} y={y} from={edges.left} to={edges.right} count={5} />
        {hasBaseline && <BaselineAcross domain={domain} y={y} from={edges.left} to={edges.right} />}
        {roundTicks(1, Math.max(2, planned), 6)
          .filter((tick) => Number.isInteger(tick) && tick > 0)
          .map((tick) => (
            <text key={tick} x={x(tick)} y={edges.bottom + 18} textAnchor="middle">
              {tick}
            </text>
          ))}
        <text x={edges.right} y={height - 6} textAnchor="end">
          trainings
        </text>
        {random && <path d={random} className={styles.random} />}
        {path.length > 0 && <path d={`${path.join('')}H${x(trainings.length)}`} className={styles.best} />}
        {trainings.map(({ number, value, isPending, hasFailed, proposal }) =>
          value === null ? (
            (hasFailed || isPending) && (
              <text
                key={number}
                x={x(number)}
                y={edges.bottom - 4}
                textAnchor="middle"
                className={hasFailed ? styles.failed : undefined}
              >
                {hasFailed ? '×' : '○'}
                <title>{`run ${number}: ${hasFailed ? 'failed' : 'under way'}; ${reasonWords(proposal)}`}</title>
              </text>
            )
          ) : (
            <circle key={number} cx={x(number)} cy={y(value)} r={3} className={isPending ? styles.hollow : styles.dot}>
              <title>{`run ${number}: ${formatScore(value)}; ${reasonWords(proposal)}`}</title>
            </circle>
          ),
        )}
      </svg>
    </section>
  )
}

function bestSteps({ trainings, goal }: SearchView): { number: number; best: number }[] {
  const steps: { number: number; best: number }[] = []
  for (const { number, value } of trainings)
    if (value !== null && (steps.length === 0 || isBetter(goal, value, steps.at(-1)!.best)))
      steps.push({ number, best: value })
  return steps
}

function chartWords(steps: { number: number; best: number }[]): string {
  const words = steps.slice(-6).map(({ number, best }) => `${formatScore(best)} at training ${number}`)
  return words.length === 0 ? 'No training has a value yet' : `Best so far: ${words.join(', ')}`
}
