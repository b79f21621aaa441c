'use client'
import { useSearchParams } from 'next/navigation'
import { useState } from 'react'
import { putWhose, whoseOf, type WhoseRuns } from './whose-runs.tsx'

export type RunsAsked = WhoseRuns & { filter: string; sort: string; descending: boolean }

/** Names and texts from their first letter, figures and times from the highest. */
export const runsDescendFirst = (sort: string) => sort !== 'name' && !sort.startsWith('setting:')

/** What the list shows, as its address says: `?project=3&filter=loss < 0.5&sort=metric:loss&order=up`, or `?of=all`. */
export function useRunsAddress(): [RunsAsked, (changes: Partial<RunsAsked>) => void] {
  const address = useSearchParams()
  // the page hears of a changed address only a moment later: until then a control would jump back
  const [chosen, setChosen] = useState<{ of: string; asked: RunsAsked } | null>(null)
  const whose = whoseOf(address)
  const place = JSON.stringify(whose)
  const sort = address.get('sort') ?? 'started'
  const said: RunsAsked = {
    ...whose,
    filter: address.get('filter') ?? '',
    sort,
    descending: address.has('order') ? address.get('order') === 'down' : runsDescendFirst(sort),
  }
  // a link to other runs goes before what was typed
  const asked = chosen !== null && chosen.of === place ? chosen.asked : said
  const change = (changes: Partial<RunsAsked>) => {
    const next = { ...asked, ...changes }
    const url = new URL(window.location.href)
    url.search = runsSearch(next)
    window.history.replaceState(null, '', url)
    setChosen({ of: JSON.stringify(whoseOf(url.searchParams)), asked: next })
  }
  return [asked, change]
}

/** The query as an address carries it; what is as usual is left out. */
export function runsSearch({ filter, sort, descending, ...whose }: RunsAsked): string {
  const search = new URLSearchParams()
  putWhose(search, whose)
  if (filter.trim() !== '') search.set('filter', filter)
  if (sort !== 'started') search.set('sort', sort)
  if (descending !== runsDescendFirst(sort)) search.set('order', descending ? 'down' : 'up')
  return search.toString()
}
