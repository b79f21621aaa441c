'use client'
import { useSearchParams } from 'next/navigation'
import { useState } from 'react'

export type RunsAsked = { projectId: number | null; filter: string; sort: string; descending: boolean }

/** Names and texts from their first letter, figures and times from the highest. */
export const ownRunsDescendFirst = (sort: string) => sort !== 'name' && !sort.startsWith('setting:')

/** What the list shows, as its address says: `?project=3&filter=loss < 0.5&sort=metric:loss&order=up`. */
export function useRunsAddress(): [RunsAsked, (changes: Partial<RunsAsked>) => void] {
  const address = useSearchParams()
  // the page hears of a changed address only a moment later: until then a control would jump back
  const [chosen, setChosen] = useState<{ of: string; asked: RunsAsked } | null>(null)
  const project = address.get('project') ?? ''
  const sort = address.get('sort') ?? 'started'
  const said: RunsAsked = {
    projectId: /^\d{1,15}$/.test(project) ? Number(project) : null,
    filter: address.get('filter') ?? '',
    sort,
    descending: address.has('order') ? address.get('order') === 'down' : ownRunsDescendFirst(sort),
  }
  // a link to another project goes before what was typed
  const asked = chosen !== null && chosen.of === project ? chosen.asked : said
  const change = (changes: Partial<RunsAsked>) => {
    const next = { ...asked, ...changes }
    const url = new URL(window.location.href)
    url.search = runsSearch(next)
    window.history.replaceState(null, '', url)
    setChosen({ of: url.searchParams.get('project') ?? '', asked: next })
  }
  return [asked, change]
}

/** The query as an address carries it; what is as usual is left out. */
export function runsSearch({ projectId, filter, sort, descending }: RunsAsked): string {
  const search = new URLSearchParams()
  if (projectId !== null) search.set('project', String(projectId))
  if (filter.trim() !== '') search.set('filter', filter)
  if (sort !== 'started') search.set('sort', sort)
  if (descending !== ownRunsDescendFirst(sort)) search.set('order', descending ? 'down' : 'up')
  return search.toString()
}
