/** Tables of which the server gives a page of rows at a time. */
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type RefObject, useLayoutEffect, useRef } from 'react'
import { useOffset, useRowHeight } from './virtual-rows.tsx'

/** Rows a request. Pages are read this many rows before they are reached. */
export const rowsEachPage = 60
const rowsAhead = 150
/** Up to so many rows all are drawn. */
const few = 120

/** Which of `total` rows are to be drawn now (of few: all), the pages to read for them, and how high what is not drawn is. */
export function usePagedRows(total: number, rowHeight: number) {
  const body: RefObject<HTMLTableSectionElement | null> = useRef(null)
  const offset = useOffset(body)
  const height = useRowHeight(body, rowHeight)
  // oxlint-disable-next-line react/incompatible-library -- its answers are read in this render and kept nowhere
  const virtual = useWindowVirtualizer({
    count: total,
    estimateSize: () => height,
    overscan: 30,
    scrollMargin: offset,
  })
  useLayoutEffect(() => virtual.measure(), [virtual, height])
  const whole = total <= few
  const shown = whole ? [] : virtual.getVirtualItems()
  const [first, last] = [shown[0]?.index ?? 0, shown.at(-1)?.index ?? 0]
  // nobody has come to the rows yet: what lies beyond the first page can wait
  const ahead = whole ? total : first > 0 ? rowsAhead : 0
  const from = Math.max(0, Math.floor((first - rowsAhead) / rowsEachPage))
  const to = Math.max(from, Math.floor(Math.min(total - 1, last + ahead) / rowsEachPage))
  return {
    body,
    indexes: whole ? Array.from({ length: total }, (_, index) => index) : shown.map(({ index }) => index),
    pageNumbers: Array.from({ length: to - from + 1 }, (_, at) => from + at),
    before: shown.length > 0 ? shown[0]!.start - offset : 0,
    after: shown.length > 0 ? virtual.getTotalSize() - (shown.at(-1)!.end - offset) : 0,
  }
}

/** The answers by page's number; those of the order before until the first of the new is there. */
export function pagesByNumber<Page extends { offset: number }>(
  queries: readonly { data: Page | undefined; isPlaceholderData: boolean }[],
): Map<number, Page> {
  const pages = new Map<number, Page>()
  // an answer kept from before may be another page: it says itself where it belongs
  for (const { data, isPlaceholderData } of queries) {
    if (data && !isPlaceholderData) pages.set(data.offset / rowsEachPage, data)
  }
  for (const { data, isPlaceholderData } of queries) {
    const number = data === undefined ? -1 : data.offset / rowsEachPage
    if (data && isPlaceholderData && !pages.has(number)) pages.set(number, data)
  }
  return pages
}
