'use client'
import { type KeyboardEvent, memo, useRef, useState } from 'react'
import { type ColourDomain, type Heatmap, type HeatmapCell, positionOnScale } from '../../domain/picture/heatmap.ts'
import type { PointView } from '../../contract/api/points.ts'
import {
  cutMiddle,
  formatCount,
  formatScore,
  partialWords,
  mostOfHead,
  progressShare,
  progressWords,
} from '../_words/format.ts'
import { heatColor, heatInk } from './heat-scale.ts'
import { BrokenIcon, FrontIcon, StarIcon, TiedIcon, TriangleIcon } from '../_shell/icons.tsx'
import { statusWord } from '../_words/status.tsx'
import styles from './heatmap.module.css'

type Place = [panel: number, row: number, column: number]

/** What a cell shows of its point. */
export type HeatmapPoint = Pick<
  PointView,
  | 'id'
  | 'number'
  | 'params'
  | 'status'
  | 'score'
  | 'tiedWithBest'
  | 'onFront'
  | 'broken'
  | 'progress'
  | 'asked'
  | 'questions'
>

export type HeatmapProps = {
  heatmap: Heatmap<HeatmapPoint>
  bestId: number | null
  /** The point whose detail shows, or null. */
  shownId: number | null
  /** The pointer or the focus came to a point, or left. */
  onShow: (pointId: number | null) => void
  onPin: (pointId: number | null) => void
}

/**
 * Panels of cells, each with its score. All of them are one tab stop: arrows move (from panel to panel too), Enter pins,
 * Escape lets go.
 */
export function HeatmapGrid({ heatmap, bestId, shownId, onShow, onPin }: HeatmapProps) {
  const { panels, down, across, panel: panelAxis, domain } = heatmap
  const [focused, setFocused] = useState<Place | null>(null)
  const root = useRef<HTMLDivElement>(null)
  const rows = down?.values.length ?? 1
  const columns = across?.values.length ?? 1
  const dense = columns > 8 || rows > 12
  const stop = stopOf(heatmap, focused, bestId)

  const moveTo = ([panel, row, column]: Place) => {
    root.current?.querySelector<HTMLElement>(`[data-place="${panel}-${row}-${column}"]`)?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const [panel, row, column] = stop
    const across = panel * columns + column
    const last = panels.length * columns - 1
    const stepped = (to: number): Place => [Math.floor(to / columns), row, to % columns]
    if (event.key === 'ArrowRight') moveTo(stepped(Math.min(last, across + 1)))
    else if (event.key === 'ArrowLeft') moveTo(stepped(Math.max(0, across - 1)))
    else if (event.key === 'ArrowDown') moveTo([panel, Math.min(rows - 1, row + 1), column])
    else if (event.key === 'ArrowUp') moveTo([panel, Math.max(0, row - 1), column])
    else if (event.key === 'Home') moveTo([panel, row, 0])
    else if (event.key === 'End') moveTo([panel, row, columns - 1])
    else if (event.key === 'Enter' || event.key === ' ') {
      const point = panels[panel]?.cells[row]?.[column]?.point
      if (point) onPin(point.id)
    } else if (event.key === 'Escape') onPin(null)
    else return
    event.preventDefault()
  }
  return (
    <div
      ref={root}
      className={styles.panels}
      style={{ '--panel': `${36 + columns * (dense ? 40 : 76)}px` } as React.CSSProperties}
      onKeyDown={onKeyDown}
      onPointerLeave={() => onShow(null)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) onShow(null)
      }}
    >
      {panels.map((panel, at) => {
        const title = panelAxis ? `${panelAxis.name} ${panel.value}` : ''
        return (
          <figure key={panel.value ?? ''} className={styles.panel} style={{ maxWidth: 60 + columns * 240 }}>
            {title && (
              <figcaption className={styles.caption}>
                <h3>{title}</h3>
              </figcaption>
            )}
            <div className={styles.scroll}>
              <div
                className={`heat ${dense ? styles.dense : ''}`}
                role="grid"
                aria-label={title ? `Scores at ${title}` : 'Scores'}
                style={{
                  gridTemplateColumns: `minmax(36px, max-content) repeat(${columns}, minmax(${dense ? 36 : 64}px, 1fr))`,
                }}
              >
                <div role="row" className={styles.row}>
                  <span className="ax x" role="presentation" />
                  {(across?.values ?? ['']).map((value) => (
                    <span key={value} className="ax x" role="columnheader" title={value}>
                      {cutMiddle(value, mostOfHead)}
                    </span>
                  ))}
                </div>
                {panel.cells.map((cells, row) => (
                  <div key={row} role="row" className={styles.row}>
                    <span className={`ax y ${styles.rowHead}`} role="rowheader" title={down?.values[row]}>
                      {cutMiddle(down?.values[row] ?? '', mostOfHead)}
                    </span>
                    {cells.map((cell, column) => (
                      <Cell
                        key={column}
                        cell={cell}
                        domain={domain}
                        dense={dense}
                        best={cell.point !== null && cell.point.id === bestId}
                        shown={cell.point !== null && cell.point.id === shownId}
                        place={`${at}-${row}-${column}`}
                        stop={stop[0] === at && stop[1] === row && stop[2] === column}
                        onShow={onShow}
                        onPin={onPin}
                        onFocused={setFocused}
                      />
                    ))}
                  </div>
                ))}
              </div>
            </div>
          </figure>
        )
      })}
    </div>
  )
}

/** Where Tab comes in: where the focus was last, or the best, or the first cell. */
function stopOf({ panels }: Heatmap<HeatmapPoint>, focused: Place | null, bestId: number | null): Place {
  if (focused && panels[focused[0]]?.cells[focused[1]]?.[focused[2]]) return focused
  for (const [at, panel] of panels.entries()) {
    for (const [row, cells] of panel.cells.entries()) {
      const column = cells.findIndex((cell) => cell.point?.id === bestId)
      if (bestId !== null && column >= 0) return [at, row, column]
    }
  }
  return [0, 0, 0]
}

type CellProps = {
  cell: HeatmapCell<HeatmapPoint>
  domain: ColourDomain | null
  dense: boolean
  best: boolean
  shown: boolean
  place: string
  stop: boolean
  onShow: (pointId: number | null) => void
  onPin: (pointId: number | null) => void
  onFocused: (place: Place) => void
}

const Cell = memo(function Cell(props: CellProps) {
  const { cell, domain, dense, best, shown, place, stop, onShow, onPin, onFocused } = props
  const point = cell.point
  const scored = point?.score !== null && point !== null
  const position = scored && domain ? positionOnScale(point.score!, domain) : 0
  const classes = [
    'cell',
    shown && 'is-shown',
    !point && 'none absent',
    point && !scored && `none ${point.status}`,
    point?.asked != null && 'partial',
    point?.broken != null && 'broken',
  ]
  return (
    <div
      role="gridcell"
      className={classes.filter(Boolean).join(' ')}
      style={scored ? ({ '--c': heatColor(position), '--t': heatInk(position) } as React.CSSProperties) : undefined}
      tabIndex={stop ? 0 : -1}
      data-place={place}
      data-point={point?.number}
      aria-selected={shown}
      aria-label={labelOf(cell, best)}
      onPointerEnter={() => onShow(point?.id ?? null)}
      onFocus={() => {
        onFocused(place.split('-').map(Number) as Place)
        onShow(point?.id ?? null)
      }}
      onClick={() => point && onPin(point.id)}
    >
      {point &&
        (scored ? (
          <ScoredCell cell={cell} point={point} best={best} dense={dense} />
        ) : (
          <OpenCell point={point} dense={dense} />
        ))}
    </div>
  )
})

function ScoredCell(props: { cell: HeatmapCell<HeatmapPoint>; point: HeatmapPoint; best: boolean; dense: boolean }) {
  const { cell, point, best, dense } = props
  return (
    <>
      {dense ? point.score!.toFixed(2) : formatScore(point.score)}
      {!dense && cell.points > cell.scored && (
        <small>
          {cell.scored} of {cell.points}
        </small>
      )}
      {!dense && point.asked !== null && (
        <small>
          {formatCount(point.asked)} of {formatCount(point.questions ?? 0)}
        </small>
      )}
      {point.broken !== null && <BrokenIcon className="mark" />}
      {point.onFront && !best && <FrontIcon className="mark" />}
      {best && <StarIcon className="mark" />}
      {point.tiedWithBest && !best && <TiedIcon className="mark" />}
    </>
  )
}

/** A cell without a score: the word, and how far it is. Its size is that of every other. */
function OpenCell({ point, dense }: { point: HeatmapPoint; dense: boolean }) {
  const live = point.status === 'training' || point.status === 'evaluating'
  const share = live ? progressShare(point.progress) : null
  return (
    <>
      {point.status === 'failed' && <TriangleIcon />}
      {!dense && statusWord(point.status === 'scored' ? 'done' : point.status).toLowerCase()}
      {live && !dense && <small>{progressWords(point.progress)}</small>}
      {live && (
        <span className="track">
          <i style={{ width: `${100 * (share ?? 0)}%` }} />
        </span>
      )}
    </>
  )
}

function labelOf(cell: HeatmapCell<HeatmapPoint>, best: boolean): string {
  const point = cell.point
  if (!point) return 'no such point'
  const params = Object.entries(point.params).map(([name, value]) => `${name} ${value}`)
  const state =
    point.score === null
      ? [statusWord(point.status).toLowerCase(), progressWords(point.progress)].filter(Boolean).join(' ')
      : `score ${formatScore(point.score)}`
  const rank = best ? ', best' : point.tiedWithBest ? ', cannot be told from the best' : ''
  const front = point.onFront ? ', on the front' : ''
  const limits = point.broken === null ? '' : ', breaks a constraint'
  const race = point.asked === null ? '' : `, ${partialWords(point)}`
  return `${params.join(', ')}: ${state}${rank}${front}${limits}${race}`
}
