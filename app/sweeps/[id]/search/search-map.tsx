'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type MouseEvent, useState } from 'react'
import { plural } from '../../../../domain/words.ts'
import { colourDomain, positionOnScale } from '../../../../domain/picture/heatmap.ts'
import type { Dimension, Space } from '../../../../domain/search/space.ts'
import type { Goal } from '../../../../domain/sweep/stop-early.ts'
import type { SearchedTraining, SearchMap } from '../../../../contract/api/search.ts'
import { heatColor, heatInk } from '../../../_charts/heat-scale.ts'
import { HeatLegend } from '../../../_charts/heat-legend.tsx'
import { useTRPC } from '../../../_shell/trpc.ts'
import { formatScore, listWords } from '../../../_words/format.ts'
import { bestTraining, outcomeWords, reasonWords } from './search-words.ts'
import styles from './search.module.css'

const width = 520
const height = 340
const edges = { left: 78, right: width - 14, top: 10, bottom: height - 46 }

type Props = {
  id: number
  space: Space
  trainings: readonly SearchedTraining[]
  isOver: boolean
  goal: Goal
  /** Values are scores: 1 is the baseline. */
  hasBaseline: boolean
  chosen?: Record<string, string>
  /** Values of the two axes where somebody clicked; absent where nothing can be proposed. */
  onChoose?: (values: Record<string, string>) => void
}

type Shown = 'mean' | 'deviation' | 'points'
const shownWords: Record<Shown, string> = {
  mean: 'what is expected',
  deviation: 'how unsure that is',
  points: 'trainings alone',
}

const nothingChosen: Record<string, string> = {}

/** The trainings over two axes, on what a model of them expects there, or how unsure it is. */
export function SearchMapFigure({
  id,
  space,
  trainings,
  isOver,
  goal,
  hasBaseline,
  chosen = nothingChosen,
  onChoose,
}: Props) {
  const trpc = useTRPC()
  const names = space.dimensions.map(({ name }) => name)
  const [pair, setPair] = useState({ across: names[0]!, down: names[1] ?? names[0]! })
  const [shown, setShown] = useState<Shown>('mean')
  const isFlat = names.length < 2
  const query = useQuery({
    ...trpc.sweeps.searchMap.queryOptions({ id, ...pair }),
    enabled: !isFlat && shown !== 'points',
    placeholderData: keepPreviousData,
  })
  const map = shown === 'points' || isFlat ? null : (query.data ?? null)
  const across = space.dimensions.find(({ name }) => name === pair.across)!
  const down = isFlat ? null : space.dimensions.find(({ name }) => name === pair.down)!
  const values = trainings.flatMap(({ value }) => value ?? [])
  const domain = colourDomain(values, goal)
  const best = bestTraining(trainings, goal)
  const drawn = trainings.filter(({ params }) =>
    [across, down].every((axis) => !axis || Object.hasOwn(params, axis.name)),
  )
  const choose = (role: 'across' | 'down', name: string) => {
    const other = role === 'across' ? 'down' : 'across'
    setPair({ ...pair, [role]: name, ...(pair[other] === name ? { [other]: pair[role] } : {}) } as typeof pair)
  }
  const click = (event: MouseEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const place = {
      x: ((event.clientX - box.left) * width) / box.width,
      y: ((event.clientY - box.top) * height) / box.height,
    }
    if (!onChoose || place.x < edges.left || place.x > edges.right || place.y < edges.top || place.y > edges.bottom)
      return
    const x = (place.x - edges.left) / (edges.right - edges.left)
    const y = (edges.bottom - place.y) / (edges.bottom - edges.top)
    onChoose({ [across.name]: literalNear(across, x), ...(down && { [down.name]: literalNear(down, y) }) })
  }
  const at = (params: Record<string, string>) => ({
    cx: edges.left + shareOf(across, params[across.name] ?? '') * (edges.right - edges.left),
    cy: edges.bottom - (down ? shareOf(down, params[down.name] ?? '') : 0.5) * (edges.bottom - edges.top),
  })
  const wanted =
    chosen[across.name] !== undefined && (down === null || chosen[down.name] !== undefined) ? at(chosen) : null
  return (
    <section className="section" aria-labelledby="map-title">
      <div className="section-head">
        <h2 id="map-title">Where it looked</h2>
        <span className="note">
          {[map && mapWords(map, shown), missingWords(trainings.length - drawn.length, pair)]
            .filter(Boolean)
            .join('. ')}
        </span>
        <div className="actions">
          {!isFlat &&
            (['across', 'down'] as const).map((role) => (
              <label key={role} className={styles.chooser}>
                <span>{role}</span>
                <select
                  aria-label={`Axis ${role}`}
                  value={pair[role]}
                  onChange={(event) => choose(role, event.target.value)}
                >
                  {names.map((name) => (
                    <option key={name}>{name}</option>
                  ))}
                </select>
              </label>
            ))}
          {!isFlat && (
            <select
              className={styles.behind}
              aria-label="Behind the trainings"
              value={shown}
              onChange={(event) => setShown(event.target.value as Shown)}
            >
              {Object.entries(shownWords).map(([key, words]) => (
                <option key={key} value={key}>
                  {words}
                </option>
              ))}
            </select>
          )}
        </div>
      </div>
      {/* a click fills in values that the form below has as fields */}
      <svg
        className={`chart ${styles.map} ${onChoose ? styles.clickable : ''}`}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${trainings.length} trainings by ${listWords([across.name, ...(down ? [down.name] : [])])}${best ? `; the best is run ${best.number}, ${formatScore(best.value)}` : ''}`}
        onClick={click}
      >
        <rect
          x={edges.left}
          y={edges.top}
          width={edges.right - edges.left}
          height={edges.bottom - edges.top}
          className={styles.ground}
        />
        {map && <Cells map={map} shown={shown} domain={domain} />}
        <Ticks dimension={across} along="across" />
        {down && <Ticks dimension={down} along="down" />}
        {drawn.map((training) => {
          const { number, value, params, isPending, hasFailed, proposal } = training
          const place = at(params)
          const words = `run ${number}: ${outcomeWords(training)}; ${reasonWords(proposal)}`
          if (value === null)
            return (
              <text
                key={number}
                x={place.cx}
                y={place.cy + 5}
                textAnchor="middle"
                className={hasFailed ? styles.failed : styles.open}
              >
                {hasFailed ? '×' : '○'}
                <title>{words}</title>
              </text>
            )
          return (
            <g key={number}>
              <circle
                {...place}
                r={number === best?.number ? 9 : 5}
                fill={heatColor(domain ? positionOnScale(value, domain) : 1)}
                className={number === best?.number ? styles.bestPoint : isPending ? styles.openPoint : styles.point}
              >
                <title>{words}</title>
              </circle>
              {number === best?.number && (
                <text x={place.cx} y={place.cy + 4.5} textAnchor="middle" fill={heatInk(1)} className={styles.star}>
                  ★
                </text>
              )}
            </g>
          )
        })}
        {wanted && (
          <path d={`M${wanted.cx - 7} ${wanted.cy}h14M${wanted.cx} ${wanted.cy - 7}v14`} className={styles.wanted} />
        )}
      </svg>
      {domain && (
        <div className={styles.map}>
          <HeatLegend domain={domain} hasBaseline={hasBaseline} tied={false} finished={isOver} />
        </div>
      )}
    </section>
  )
}

const shareOf = ({ isName, count, coordinateOf }: Dimension, literal: string) => {
  const coordinate = coordinateOf(literal)
  return isName ? (coordinate + 0.5) / count : coordinate
}

const literalNear = ({ isName, count, placeNear, literalAt }: Dimension, share: number) =>
  literalAt(isName ? Math.min(count - 1, Math.floor(share * count)) : placeNear(share))

function Cells({ map, shown, domain }: { map: SearchMap; shown: Shown; domain: ReturnType<typeof colourDomain> }) {
  const { rows, columns, means, deviations } = map
  const most = Math.max(0, ...deviations.filter((deviation) => deviation !== null))
  const wide = (edges.right - edges.left) / columns
  const high = (edges.bottom - edges.top) / rows
  return means.map((mean, at) => {
    // an axis that is not there
    if (mean === null) return null
    const row = Math.floor(at / columns)
    const position = domain ? Math.min(1, Math.max(0, positionOnScale(mean, domain))) : 0
    return (
      <rect
        key={at}
        x={edges.left + (at % columns) * wide}
        y={edges.bottom - (row + 1) * high}
        width={wide}
        height={high}
        shapeRendering="crispEdges"
        {...(shown === 'mean'
          ? { fill: heatColor(position), opacity: 0.75 }
          : { fill: 'var(--ink-2)', opacity: most > 0 ? (0.7 * deviations[at]!) / most : 0 })}
      >
        <title>{`expected ${formatScore(mean)} ± ${formatScore(deviations[at]!)}`}</title>
      </rect>
    )
  })
}

/** Labels at a few values of an axis. */
function Ticks({ dimension, along }: { dimension: Dimension; along: 'across' | 'down' }) {
  const { count, literalAt, placeNear, isName, name } = dimension
  const most = along === 'across' ? 5 : 6
  const places =
    count <= most
      ? Array.from({ length: count }, (_, place) => place)
      : [0, 0.25, 0.5, 0.75, 1].map((share) => (isName ? Math.round(share * (count - 1)) : placeNear(share)))
  return (
    <>
      {[...new Set(places)].map((place) => {
        const literal = literalAt(place)
        const share = shareOf(dimension, literal)
        const short = literal.length > 9 ? `${literal.slice(0, 8)}…` : literal
        return along === 'across' ? (
          <text
            key={place}
            className="ink"
            x={edges.left + share * (edges.right - edges.left)}
            y={edges.bottom + 17}
            textAnchor={share > 0.97 ? 'end' : share < 0.03 ? 'start' : 'middle'}
          >
            {short}
          </text>
        ) : (
          <text
            key={place}
            className="ink"
            x={edges.left - 8}
            y={edges.bottom - share * (edges.bottom - edges.top) + 4}
            textAnchor="end"
          >
            {short}
          </text>
        )
      })}
      {along === 'across' ? (
        <text x={edges.right} y={height - 8} textAnchor="end">
          {name}
        </text>
      ) : (
        <text x={4} y={height - 8}>
          {name} up
        </text>
      )}
    </>
  )
}

/** Under conditions not every training has both axes. */
function missingWords(count: number, { across, down }: { across: string; down: string }): string {
  if (count === 0) return ''
  return `${plural(count, 'training')} without ${across === down ? across : `${across} or ${down}`} not drawn`
}

function mapWords(map: SearchMap, shown: Shown): string {
  const held = Object.entries(map.held).map(([name, value]) => `${name} ${value}`)
  const what =
    shown === 'mean'
      ? 'colours behind the trainings: what a Gaussian process of them expects'
      : 'the darker, the less sure'
  return `${what}${held.length > 0 ? `, at the best’s ${listWords(held)}` : ''}; a length that matters is short: ${map.lengths.map(({ name, length }) => `${name} ${length > 5 ? 'hardly' : length.toPrecision(2)}`).join(', ')}`
}
