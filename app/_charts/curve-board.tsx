'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type ReactNode, useId, useMemo, useState } from 'react'
import type { AxisChoice } from '../../contract/api/runs.ts'
import { chartOrder } from './chart-sections.ts'
import { type CurveAxis, curveAxis, smoothingOn } from './curve-axis.ts'
import { CurveControls } from './curve-controls.tsx'
import type { Smoothing } from './curve-data.ts'
import { PinIcon } from '../_shell/icons.tsx'
import { useTRPC } from '../_shell/trpc.ts'
import { formatCount, plural } from '../_words/format.ts'
import styles from './curves.module.css'
import { useCurveSettings } from './use-curve-settings.ts'

/** What all charts of a board are drawn with. */
export type BoardChart = {
  metric: string
  axis: CurveAxis
  range: [number, number]
  zoomed: boolean
  /** As curves are smoothed: `smoothingOn`. */
  window: number
  logarithmic: boolean
  /** Charts of one key share their crosshair. */
  syncKey: string
  onZoom: (range: [number, number] | null) => void
}

type Props = {
  runIds: number[]
  metrics: readonly string[]
  /** Steps from the first to the last that the charts show before anyone zooms. */
  steps: [number, number]
  /** How smooth the curves are before anyone says. */
  smoothing: Smoothing
  /** Charts that are shown before anyone asks for more. */
  shownAtFirst: number
  /** Charts that one press of the button adds, and that a search shows at first: a run may have thousands of metrics. */
  mostAtOnce: number
  /** The grid's class. */
  className: string | undefined
  /** Charts of something else on the same axis, above the others. */
  renderBefore?: (range: [number, number], axis: CurveAxis) => ReactNode
  renderChart: (chart: BoardChart) => ReactNode
}

const searchedFrom = 6

/** A chart for each metric of the runs, pinned ones first, many in sections, with one axis, one crosshair, one zoom and one search for all. */
export function CurveBoard(props: Props) {
  const { runIds, metrics, steps, shownAtFirst, mostAtOnce, className, renderBefore, renderChart } = props
  const trpc = useTRPC()
  const [settings, change] = useCurveSettings()
  const [zoom, setZoom] = useState<[number, number] | null>(null)
  const [search, setSearch] = useState('')
  const syncKey = useId()
  const axes = useQuery({ ...trpc.runs.axes.queryOptions({ runIds }), placeholderData: keepPreviousData })

  const choice = axes.data?.find(({ kind, missing }) => kind === settings.axis && missing === null)
  const kind = choice ? settings.axis : 'step'
  const { logarithmicX, logarithmicY } = settings
  const axis = useMemo(() => curveAxis(kind, choice, logarithmicX), [kind, choice, logarithmicX])
  const whole = wholeRange(axis, choice, steps)
  const range = zoom ?? whole
  const smoothing = settings.smoothing ?? props.smoothing
  const { window } = smoothingOn(kind, smoothing, range[1] - range[0])
  const wanted = search.trim().toLowerCase()
  const { pinned, open } = settings
  const found = wanted === '' ? metrics : metrics.filter((metric) => metric.toLowerCase().includes(wanted))
  const order =
    wanted === ''
      ? chartOrder(metrics, pinned, shownAtFirst)
      : { first: found.slice(0, mostAtOnce), sections: [], rest: found.slice(mostAtOnce) }
  const draw = (shown: readonly string[]) => (
    <div className={className}>
      {shown.map((metric) => (
        <div key={metric} className={styles.held}>
          {renderChart({
            metric,
            axis,
            range,
            zoomed: zoom !== null,
            window,
            logarithmic: logarithmicY,
            syncKey,
            onZoom: (next) => setZoom(next && [Math.max(whole[0], next[0]), Math.min(whole[1], next[1])]),
          })}
          <Pin
            metric={metric}
            pinned={pinned.includes(metric)}
            onChange={(isPinned) =>
              change({ pinned: isPinned ? [...pinned, metric] : pinned.filter((other) => other !== metric) })
            }
          />
        </div>
      ))}
    </div>
  )
  // what the address asks for is not known to be there yet
  if (settings.axis !== 'step' && axes.isPending) return <div style={{ minHeight: 136 }} />
  return (
    <div>
      <CurveControls
        settings={{ ...settings, axis: kind, smoothing }}
        change={(changes) => {
          if (changes.axis !== undefined || changes.logarithmicX !== undefined) setZoom(null)
          change(changes)
        }}
        axes={axes.data ?? []}
        axis={axis}
        range={range}
        zoomed={zoom !== null}
        onWhole={() => setZoom(null)}
        search={metrics.length >= searchedFrom ? search : null}
        onSearch={setSearch}
      />
      {wanted === '' && renderBefore?.(range, axis)}
      <Charts first={order.first} rest={order.rest} total={found.length} mostAtOnce={mostAtOnce} draw={draw} />
      {found.length === 0 && <p className="ink3 small">No metric has “{search.trim()}” in its name.</p>}
      {order.sections.map(({ name, metrics: ofSection }) => (
        <details
          key={name}
          className={styles.section}
          open={open.includes(name)}
          onToggle={({ currentTarget: { open: isOpen } }) => {
            if (isOpen === open.includes(name)) return
            change({ open: isOpen ? [...open, name] : open.filter((other) => other !== name) })
          }}
        >
          <summary>
            <span className="mono">{name}</span> <span className="ink3">{plural(ofSection.length, 'metric')}</span>
          </summary>
          {open.includes(name) && (
            <Charts
              first={ofSection.slice(0, mostAtOnce)}
              rest={ofSection.slice(mostAtOnce)}
              total={ofSection.length}
              mostAtOnce={mostAtOnce}
              draw={draw}
            />
          )}
        </details>
      ))}
    </div>
  )
}

type ChartsProps = {
  first: readonly string[]
  /** What a button adds. */
  rest: readonly string[]
  total: number
  mostAtOnce: number
  draw: (shown: readonly string[]) => ReactNode
}

function Charts({ first, rest, total, mostAtOnce, draw }: ChartsProps) {
  const [added, setAdded] = useState(0)
  const shown = [...first, ...rest.slice(0, added)]
  const more = Math.min(mostAtOnce, rest.length - added)
  return (
    <>
      {draw(shown)}
      {more > 0 && (
        <button type="button" className="btn sm" style={{ marginTop: 12 }} onClick={() => setAdded(added + more)}>
          {added + more === rest.length
            ? `Show all ${formatCount(total)} metrics`
            : `Show ${formatCount(more)} more of ${formatCount(total)} metrics`}
        </button>
      )}
    </>
  )
}

type PinProps = { metric: string; pinned: boolean; onChange: (pinned: boolean) => void }

/** Has a chart stand first, for as long as the address says so. */
function Pin({ metric, pinned, onChange }: PinProps) {
  const words = pinned ? `Unpin ${metric}` : `Pin ${metric}: its chart stands first`
  return (
    <button
      type="button"
      className={styles.pin}
      aria-pressed={pinned}
      aria-label={words}
      title={words}
      onClick={() => onChange(!pinned)}
    >
      <PinIcon />
    </button>
  )
}

/** From the first place to the last; a logarithmic axis begins where there is something above 0. */
function wholeRange(axis: CurveAxis, choice: AxisChoice | undefined, steps: [number, number]): [number, number] {
  const [low, high] = choice?.extent ?? steps
  if (!axis.logarithmic || low > 0) return [low, high]
  if (!choice) return [1, Math.max(2, high)]
  const above = choice.runs.flatMap(({ places }) => places.find((place) => place > 0) ?? [])
  return [Math.min(...above, high / 10), high]
}
