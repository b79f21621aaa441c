'use client'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { Fragment, type ReactNode, type RefObject, useLayoutEffect, useRef, useState } from 'react'

/** Below this, drawing every row costs less than following the scroll, and the browser's own search finds everything. */
const smallestVirtual = 200

type Props<Item> = {
  items: readonly Item[]
  columns: number
  /** In pixels; all rows are about as high. */
  rowHeight: number
  keyOf: (item: Item) => string | number
  render: (item: Item, index: number) => ReactNode
}

/** A table's body. Of more than 200 rows only those near the window are drawn, between two rows as high as the rest. */
export function TableBody<Item>(props: Props<Item>) {
  if (props.items.length > smallestVirtual) return <VirtualBody {...props} />
  return (
    <tbody>
      {props.items.map((item, index) => (
        <Fragment key={props.keyOf(item)}>{props.render(item, index)}</Fragment>
      ))}
    </tbody>
  )
}

function VirtualBody<Item>({ items, columns, rowHeight, keyOf, render }: Props<Item>) {
  const body = useRef<HTMLTableSectionElement>(null)
  const offset = useOffset(body)
  const height = useRowHeight(body, rowHeight)
  // oxlint-disable-next-line react/incompatible-library -- its answers are read in this render and kept nowhere
  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => height,
    overscan: 20,
    scrollMargin: offset,
    getItemKey: (index) => keyOf(items[index]!),
  })
  useLayoutEffect(() => virtual.measure(), [virtual, height])
  const shown = virtual.getVirtualItems()
  const before = shown.length > 0 ? shown[0]!.start - offset : 0
  const after = shown.length > 0 ? virtual.getTotalSize() - (shown.at(-1)!.end - offset) : 0
  return (
    <tbody ref={body}>
      <Spacer columns={columns} height={before} />
      {shown.map(({ index, key }) => (
        <Fragment key={key as string | number}>{render(items[index]!, index)}</Fragment>
      ))}
      <Spacer columns={columns} height={after} />
    </tbody>
  )
}

/** Where the rows begin on the page, in pixels; what stands above them may grow or shrink at any time, and the page with it. */
export function useOffset(body: RefObject<HTMLElement | null>): number {
  const [offset, setOffset] = useState(0)
  useLayoutEffect(() => {
    const measure = () => {
      const top = body.current ? Math.round(body.current.getBoundingClientRect().top + window.scrollY) : 0
      setOffset((before) => (Math.abs(before - top) > 1 ? top : before))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [body])
  return offset
}

/**
 * How high a row is, in pixels: as most of the body's rows are drawn, which takes more lines on a phone; `expected` before that.
 * A wrong height would let rows pass faster than the page is scrolled.
 */
export function useRowHeight(body: RefObject<HTMLElement | null>, expected: number): number {
  const [height, setHeight] = useState(expected)
  useLayoutEffect(() => {
    const measure = () => {
      const rows = [...(body.current?.querySelectorAll(':scope > tr:not([aria-hidden], [aria-busy])') ?? [])]
      const heights = rows.map((row) => Math.round(row.getBoundingClientRect().height)).toSorted((a, b) => a - b)
      const drawn = heights[Math.floor(heights.length / 2)] ?? 0
      if (drawn > 0) setHeight((before) => (Math.abs(before - drawn) > 4 ? drawn : before))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [body])
  return height
}

/** A row as high as those that are not drawn. */
export function Spacer({ columns, height }: { columns: number; height: number }) {
  if (height <= 0) return null
  return (
    <tr aria-hidden="true">
      <td colSpan={columns} aria-hidden="true" style={{ height, padding: 0, border: 0, background: 'none' }} />
    </tr>
  )
}

/** A row that is on its way: its place is kept. */
export function UnreadRow({ columns }: { columns: number }) {
  return (
    <tr aria-busy="true" data-unread="">
      <td colSpan={columns} className="ink3">
        …
      </td>
    </tr>
  )
}
