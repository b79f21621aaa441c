'use client'
import { keepPreviousData, useQueries, useQueryClient } from '@tanstack/react-query'
import { type FocusEvent, type PointerEvent, useRef, useState } from 'react'
import { bestFirst, type Sort } from '../../../domain/asking/order.ts'
import { pagesByNumber, rowsEachPage } from '../../_tables/paged-rows.tsx'
import { useTRPC } from '../../_shell/trpc.ts'

type Question = { sort: Sort; filter: string; metrics: string[] }

function pageOf(id: number, asked: Question, number: number, asOf: number | null) {
  return { id, ...asked, offset: number * rowsEachPage, limit: rowsEachPage, asOf }
}

/** What is asked for the leaderboard as it opens. */
export function firstPoints(id: number) {
  return pageOf(id, { sort: bestFirst, filter: '', metrics: [] }, 0, null)
}

/**
 * The pages of these numbers, as far as they are there. While the pointer or the focus is in the table their order is kept, on
 * pages that are read later too: nobody clicks what has just moved. Values still change in place. Another sort or filter applies at once.
 */
export function useHeldPages(id: number, asked: Question, numbers: number[]) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const question = JSON.stringify(asked)
  const [inside, setInside] = useState(false)
  const [held, setHeld] = useState<{ question: string; order: number } | null>(null)
  const where = useRef({ pointer: false, focus: false })
  const asOf = inside && held?.question === question ? held.order : null
  const queries = useQueries({
    queries: numbers.map((number) =>
      trpc.sweeps.points.queryOptions(pageOf(id, asked, number, asOf), {
        placeholderData: keepPreviousData,
        staleTime: 60_000,
        gcTime: 60_000,
      }),
    ),
  })
  const present = pagesByNumber(queries)
  // until the first answer to another question is there, the rows of the one before stay
  const [before, setBefore] = useState(present)
  const [first] = present.values()
  if (first !== undefined && !before.values().some((page) => page === first)) setBefore(present)
  const pages = present.size > 0 ? present : before
  const answered = queries.find(({ data, isPlaceholderData }) => data && !isPlaceholderData)?.data
  // what was just asked for is what is kept from now on
  if (inside && asOf === null && answered) {
    for (const [number, page] of present) {
      if (page.order !== answered.order) continue
      queryClient.setQueryData(trpc.sweeps.points.queryKey(pageOf(id, asked, number, page.order)), page)
    }
    setHeld({ question, order: answered.order })
  }

  /** Lets the present order be asked for; what was read of it before would show older values until the answer is there. */
  const letGo = () => {
    for (const number of numbers) {
      const queryKey = trpc.sweeps.points.queryKey(pageOf(id, asked, number, null))
      if (queryClient.getQueryState(queryKey)?.isInvalidated) queryClient.removeQueries({ queryKey, exact: true })
    }
    setHeld(null)
  }
  const update = () => {
    const { pointer, focus } = where.current
    if (inside && !pointer && !focus) letGo()
    setInside(pointer || focus)
  }
  const holders = {
    onPointerEnter: (event: PointerEvent) => {
      where.current.pointer = event.pointerType === 'mouse'
      update()
    },
    onPointerLeave: () => {
      where.current.pointer = false
      update()
    },
    onFocus: () => {
      where.current.focus = true
      update()
    },
    onBlur: (event: FocusEvent) => {
      where.current.focus = event.currentTarget.contains(event.relatedTarget)
      update()
    },
  }
  return { pages, held: asOf !== null, holders, apply: letGo }
}
