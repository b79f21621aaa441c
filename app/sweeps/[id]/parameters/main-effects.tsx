import type { LevelMean } from '../../../../domain/stats/parameter-effects.ts'
import type { ParametersView, ScaledAxis } from '../../../../contract/api/parameters.ts'
import { formatInterval, formatScore, plural } from '../../../_words/format.ts'
import { airyDomain, BaselineAcross, linearScale, LinesAcross, whiskerPath } from '../../../_charts/frame.tsx'
import { notThere } from '../../../../domain/sweep/axes/axis-scale.ts'
import { measureName, shortValue } from './parameter-words.ts'
import styles from './parameters.module.css'

const width = 340
const height = 190
const edges = { left: 44, right: width - 12, top: 10, bottom: height - 40 }
/** More labels than this run into each other. */
const mostLabels = 5

/** The mean score at each value of each axis, over all values of the others. */
export function MainEffects({ view }: { view: ParametersView }) {
  const { axes, means, effects } = view
  const shown = axes.flatMap((axis, at) => (means[at]!.filter(({ count }) => count > 0).length > 1 ? [at] : []))
  const shareOf = (name: string) => effects.find((effect) => effect.axes.length === 1 && effect.axes[0] === name)?.share
  const sorted = shown.toSorted((a, b) => (shareOf(axes[b]!.name) ?? -1) - (shareOf(axes[a]!.name) ?? -1))
  const domain = domainOf(shown.flatMap((at) => means[at]!))
  const intervals = shown.some((at) => means[at]!.some(({ interval }) => interval !== null))
  return (
    <section className="section" aria-labelledby="main-title">
      <div className="section-head">
        <h2 id="main-title">Mean {measureName(view)} at each value</h2>
        <span className="note">
          {[
            ...(axes.length > 1 ? ['over the values of the other axes'] : []),
            ...(intervals ? ['whiskers: 95 % interval of the mean'] : []),
            ...(shown.length > 1 ? ['one scale for all'] : []),
          ].join('; ')}
        </span>
      </div>
      <div className={styles.panels}>
        {sorted.map((at) => (
          <Panel key={axes[at]!.name} axis={axes[at]!} means={means[at]!} domain={domain} objective={view.objective} />
        ))}
      </div>
    </section>
  )
}

function domainOf(means: LevelMean[]): [number, number] {
  const values = means.flatMap(({ mean, interval }) => (mean === null ? [] : [mean, ...(interval ?? [])]))
  return airyDomain(values, { air: 0.06, least: 0.05 })
}

type PanelProps = Pick<ParametersView, 'objective'> & { axis: ScaledAxis; means: LevelMean[]; domain: [number, number] }

function Panel({ axis, means, domain, objective }: PanelProps) {
  const placed = axis.order.map((place) => ({ value: axis.values[place]!, ...means[place]! }))
  const x = linearScale([-0.5, placed.length - 0.5], [edges.left, edges.right])
  const y = linearScale(domain, [edges.bottom, edges.top])
  const step = Math.ceil(placed.length / mostLabels)
  const known = placed.flatMap((mean, at) => (mean.mean === null ? [] : [{ ...mean, mean: mean.mean, at }]))
  const words = known.map(({ value, mean, interval }) => {
    const within = interval ? ` (95 % ${formatInterval(interval)})` : ''
    return `${value}: ${formatScore(mean)}${within}`
  })
  return (
    <figure className={styles.panel}>
      <figcaption>
        <h3 className="mono">{axis.name}</h3>
      </figcaption>
      <svg
        className="chart"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Mean ${measureName({ objective })} by ${axis.name}: ${words.slice(0, 12).join('; ')}${words.length > 12 ? ` and ${words.length - 12} more` : ''}`}
      >
        <LinesAcross domain={domain} y={y} from={edges.left} to={edges.right} count={4} />
        {objective === null && <BaselineAcross domain={domain} y={y} from={edges.left} to={edges.right} />}
        {axis.scale !== 'names' && (
          <path
            d={known
              .filter(({ value }) => value !== notThere)
              .map(({ at, mean }, index) => `${index === 0 ? 'M' : 'L'}${x(at)} ${y(mean)}`)
              .join('')}
            fill="none"
            stroke="var(--ink-3)"
          />
        )}
        {known.map(({ value, mean, interval, count, at }) => (
          <g key={value}>
            <title>{`${value}: ${formatScore(mean)}${interval ? `, 95 % ${formatInterval(interval)}` : ''}, ${plural(count, 'point')}`}</title>
            {interval && (
              <path
                d={whiskerPath({ x: x(at) }, [y(interval[0]), y(interval[1])], 0)}
                stroke="var(--ink-2)"
                strokeWidth={placed.length > 24 ? 1 : 1.5}
              />
            )}
            <circle cx={x(at)} cy={y(mean)} r={placed.length > 24 ? 2 : 3.5} fill="var(--ink)" />
          </g>
        ))}
        {placed.map(
          ({ value }, at) =>
            at % step === 0 && (
              <text key={value} className="ink" x={x(at)} y={edges.bottom + 16} textAnchor="middle">
                {shortValue(value)}
              </text>
            ),
        )}
      </svg>
    </figure>
  )
}
