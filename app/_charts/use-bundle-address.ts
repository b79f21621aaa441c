'use client'
import { useSearchParams } from 'next/navigation'
import { useState } from 'react'

export type BundleAsked = {
  /** An axis' name, or `run`; null: the first axis. */
  colour: string | null
  /** Runs that differ in nothing but their seed are one line. */
  grouped: boolean
  filter: string
}

/** What the page shows, as its address says: `?colour=learning_rate&seeds=mean&filter=score > 1`. */
export function useBundleAddress(): [BundleAsked, (changes: Partial<BundleAsked>) => void] {
  const address = useSearchParams()
  // the page hears of a changed address only a moment later: until then a control would jump back
  const [chosen, setChosen] = useState<BundleAsked | null>(null)
  const asked: BundleAsked = chosen ?? {
    colour: address.get('colour'),
    grouped: address.get('seeds') === 'mean',
    filter: address.get('filter') ?? '',
  }
  const change = (changes: Partial<BundleAsked>) => {
    const next = { ...asked, ...changes }
    setChosen(next)
    const url = new URL(window.location.href)
    const set = (name: string, value: string | null) =>
      value === null || value === '' ? url.searchParams.delete(name) : url.searchParams.set(name, value)
    set('colour', next.colour)
    set('seeds', next.grouped ? 'mean' : null)
    set('filter', next.filter)
    window.history.replaceState(null, '', url)
  }
  return [asked, change]
}
