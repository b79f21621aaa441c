'use client'
import { useState } from 'react'
import { notThere } from '../../../../domain/sweep/axes/axis-scale.ts'
import type { ParametersView, SurfaceView } from '../../../../contract/api/parameters.ts'
import { formatScore } from '../../../_words/format.ts'
import { heatColor } from '../../../_charts/heat-scale.ts'
import { Ghost } from '../../../_shell/load-states.tsx'
import { airyDomain, BaselineAcross, linearScale, LinesAcross, whiskerPath } from '../../../_charts/frame.tsx'
import { PairChoosers } from './pair-choosers.tsx'
import { measureName, shareWords, shortValue } from './parameter-words.ts'
import { type AxisPair, strongestPair, useSurface, varyingAxes } from './use-surface.ts'
import styles from './parameters.module.css'

const width = 760
const height = 300
const edges = { left: 44, right: width - 130, top: 12, bottom: height - 44 }
/** More lines than this cannot be followed. */
const mostLines = 8

/** How one axis acts at each value of another: lines that run alike say that the two only add up. */
export function Interaction({ view, id }: { view: ParametersView; id: number }) {
  const axes = varyingAxes(view)
  const strongest = strongestPair(view, axes)
  const [chosen, setChosen] = useState<AxisPair | null>(null)
  const pair = chosen ?? strongest
  const surface = useSurface(id, pair, 'mean')
  if (pair === null) return null
  const effect = view.effects.find(({ axes: names }) => names.includes(pair.down) && names.includes(pair.across))
  const told = effect?.told === false ? ', which cannot be told from noise' : ''
  return (
    <section className="section" aria-labelledby="pair-title">
      <div className="section-head">
        <h2 id="pair-title">Two axes together</h2>
        <span className="note">
          mean {measureName(view)} over the other axes; lines that run alike: the two only add up
          {effect && `. This pair’s own share: ${shareWords(effect.share)}${told}`}
        </span>
        <div className="actions">
          <PairChoosers axes={axes} pair={pair} titles={{ across: 'Across', down: 'Lines' }} onChoose={setChosen} />
        </div>
      </div>
      {surface === null ? <Ghost lines={6} /> : <Lines surface={surface} view={view} />}
    </section>
  )
}

function Lines({ surface, view }: { surface: SurfaceView; view: ParametersView }) {
  const { axes, objective } = view
  const across = axes.find((axis) => axis.name === surface.across)!
  const down = axes.find((axis) => axis.name === surface.down)!
  const columns = across.values.length
  const rows = down.order.filter((row) =>
    across.values.some((_, column) => surface.counts[row * columns + column]! > 0),
  )
  const shown = rows.length <= mostLines ? rows : evenly(rows, mostLines)
  const lines = shown.map((row, rank) => ({
    value: down.values[row]!,
    color: heatColor(0.1 + (0.7 * rank) / Math.max(1, shown.length - 1)),
    cells: across.order.flatMap((column, at) => {
      const mean = surface.means[row * columns + column]
      return mean === null || mean === undefined
        ? []
        : [{ at, mean, half: surface.halves[row * columns + column] ?? 0 }]
    }),
  }))
  const ends = lines.flatMap(({ cells }) => cells.flatMap(({ mean, half }) => [mean - half, mean + half]))
  const domain = airyDomain(ends, { air: 0.05, least: 0.05 })
  const room = edges.right - edges.left
  const x = linearScale([-0.5, columns - 0.5], [edges.left, edges.right])
  const y = linearScale(domain, [edges.bottom, edges.top])
  const step = Math.ceil(columns / 10)
  // whiskers of neighbouring lines stand beside each other
  const nudge = (rank: number) => (rank - (lines.length - 1) / 2) * Math.min(4, room / columns / 12)
  const labels = placeLabels(
    lines.flatMap(({ cells }, rank) => (cells.length > 0 ? [{ rank, y: y(cells.at(-1)!.mean) }] : [])),
  )
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label="Interaction plot">
      <svg
        className={`chart ${styles.wide}`}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Mean ${measureName(view)} by ${across.name}, a line for each of ${shown.length} values of ${down.name}`}
      >
        <LinesAcross domain={domain} y={y} from={edges.left} to={edges.right} count={5} />
        {objective === null && <BaselineAcross domain={domain} y={y} from={edges.left} to={edges.right} />}
        {lines.map(({ value, color, cells }, rank) => (
          <g key={value} stroke={color} fill={color}>
            <path
              d={cells
                .filter(({ at }) => across.values[across.order[at]!] !== notThere)
                .map(({ at, mean }, index) => `${index === 0 ? 'M' : 'L'}${x(at) + nudge(rank)} ${y(mean)}`)
                .join('')}
              fill="none"
              strokeWidth={1.75}
            />
            {cells.map(({ at, mean, half }) => (
              <g key={at}>
                <title>{`${down.name} ${value}, ${across.name} ${across.values[across.order[at]!]}: ${formatScore(mean)}`}</title>
                {half > 0 && columns <= 24 && (
                  <path
                    d={whiskerPath({ x: x(at) + nudge(rank) }, [y(mean - half), y(mean + half)], 0)}
                    opacity={0.6}
                  />
                )}
                <circle cx={x(at) + nudge(rank)} cy={y(mean)} r={columns > 24 ? 1.5 : 3} stroke="none" />
              </g>
            ))}
          </g>
        ))}
        {labels.map(({ rank, y: at }) => (
          <text key={rank} className="ink" x={edges.right + 12} y={at + 4}>
            <tspan fill={lines[rank]!.color}>■ </tspan>
            {shortValue(lines[rank]!.value)}
          </text>
        ))}
        {across.order.map(
          (column, at) =>
            at % step === 0 && (
              <text key={column} className="ink" x={x(at)} y={edges.bottom + 18} textAnchor="middle">
                {shortValue(across.values[column]!)}
              </text>
            ),
        )}
        <text x={edges.left + room / 2} y={height - 6} textAnchor="middle">
          {across.name}
        </text>
        <text x={edges.right + 12} y={height - 6}>
          {down.name}
          {rows.length > shown.length && `, ${shown.length} of ${rows.length}`}
        </text>
      </svg>
    </div>
  )
}

function evenly(items: number[], count: number): number[] {
  return Array.from({ length: count }, (_, at) => items[Math.round((at * (items.length - 1)) / (count - 1))]!)
}

/** Moves labels apart that would stand on each other, keeping their order. */
function placeLabels(labels: { rank: number; y: number }[]): { rank: number; y: number }[] {
  let free = edges.top
  const placed = labels
    .toSorted((a, b) => a.y - b.y)
    .map(({ rank, y }) => {
      const at = Math.max(y, free)
      free = at + 15
      return { rank, y: at }
    })
  const over = Math.max(0, free - 15 - edges.bottom)
  return placed.map(({ rank, y }) => ({ rank, y: y - over }))
}
