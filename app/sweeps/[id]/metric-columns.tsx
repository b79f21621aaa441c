'use client'
import { useQuery } from '@tanstack/react-query'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useSearchParams } from 'next/navigation'
import { useEffect, useMemo, useRef, useState } from 'react'
import { bestFirst, type Sort } from '../../../domain/asking/order.ts'
import { formatCount, plural } from '../../_words/format.ts'
import { CaretIcon } from '../../_shell/icons.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import { listRows } from './metric-list.ts'
import styles from './metric-columns.module.css'

const mostShown = 8
const rowHeight = 28

/**
 * The metrics shown as columns, as the page's address says (`?metric=loss&metric=train/kl`), and a function that changes them.
 * A table that is sorted by a column that goes is sorted by the score again.
 */
export function useMetricColumns(sort: Sort, onSort: (sort: Sort) => void): [string[], (metrics: string[]) => void] {
  const address = useSearchParams()
  // the page hears of a changed address only a moment later
  const [chosen, setChosen] = useState<string[] | null>(null)
  const key = JSON.stringify(chosen ?? [...new Set(address.getAll('metric'))].slice(0, mostShown))
  const metrics = useMemo(() => JSON.parse(key) as string[], [key])
  const change = (next: string[]) => {
    setChosen(next)
    if (metrics.some((metric) => sort.key === `metric:${metric}` && !next.includes(metric))) onSort(bestFirst)
    const url = new URL(window.location.href)
    url.searchParams.delete('metric')
    for (const metric of next) url.searchParams.append('metric', metric)
    window.history.replaceState(null, '', url)
  }
  return [metrics, change]
}

type Props = { sweepId: number; shown: string[]; onChange: (metrics: string[]) => void }

/** A button that opens the list of the sweep's metrics, of which some can be shown as columns. */
export function MetricChooser(props: Props) {
  const [open, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (!open) return
    const onPointer = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', onPointer)
    return () => document.removeEventListener('pointerdown', onPointer)
  }, [open])
  return (
    <div
      className={`menu ${styles.chooser}`}
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return
        event.stopPropagation()
        setOpen(false)
        button.current?.focus()
      }}
    >
      <button
        type="button"
        ref={button}
        className="btn sm"
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        Columns
        <CaretIcon />
      </button>
      {open && <MetricList {...props} />}
    </div>
  )
}

function MetricList({ sweepId, shown, onChange }: Props) {
  const trpc = useTRPC()
  const query = useQuery(trpc.sweeps.metricNames.queryOptions({ id: sweepId }))
  const [search, setSearch] = useState('')
  const [first] = useState(shown)
  const names = query.data
  const rows = useMemo(() => listRows(names ?? [], first, search), [names, first, search])
  const scroller = useRef<HTMLDivElement>(null)
  // oxlint-disable-next-line react/incompatible-library -- its answers are read in this render and kept nowhere
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  const full = shown.length >= mostShown
  const toggle = (name: string) =>
    onChange(shown.includes(name) ? shown.filter((other) => other !== name) : [...shown, name])
  return (
    <div role="dialog" aria-label="Columns" className={styles.panel}>
      <input
        type="search"
        aria-label="Search metrics"
        placeholder={names ? `Search ${plural(names.length, 'metric')}` : 'Search metrics'}
        value={search}
        autoFocus
        onChange={(event) => setSearch(event.target.value)}
      />
      <p className="small ink3" role="status">
        {noteOf(query.isError, names, rows.length, shown.length)}
      </p>
      <div
        ref={scroller}
        className={styles.list}
        style={{ height: Math.min(10, Math.max(1, rows.length)) * rowHeight }}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index]!
            const place = { transform: `translateY(${start}px)`, height: rowHeight }
            if (row.name === null) {
              return (
                <p key={`group ${row.group}`} className={styles.group} style={place}>
                  {row.group}
                </p>
              )
            }
            const { name, label } = row
            const checked = shown.includes(name)
            return (
              <label key={`metric ${name}`} className={styles.metric} style={place} title={name}>
                <input
                  type="checkbox"
                  aria-label={name}
                  checked={checked}
                  disabled={full && !checked}
                  onChange={() => toggle(name)}
                />
                <span>{label}</span>
              </label>
            )
          })}
        </div>
      </div>
    </div>
  )
}

function noteOf(failed: boolean, names: string[] | undefined, rows: number, shown: number): string {
  if (failed) return 'The metrics could not be read. Close the list and open it again.'
  if (!names) return 'Reading the metrics …'
  if (names.length === 0) return 'No training of this sweep has written a metric.'
  if (rows === 0) return 'No metric has this in its name.'
  return `Last values of the trainings: ${formatCount(shown)} of at most ${mostShown} columns`
}
