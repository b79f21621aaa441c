'use client'
import { useSearchParams } from 'next/navigation'
import { useCallback } from 'react'
import type { SampleOrder } from '../../../../contract/api/samples.ts'

const orders: readonly SampleOrder[] = ['reported', 'highest', 'lowest', 'spread']

/** What the page shows, as its address says it. */
export type Shown = {
  /** null: nobody chose one yet; 'all': every step. */
  step: number | 'all' | null
  /** null: of each step the newest. */
  attempt: number | null
  search: string
  filter: string
  order: SampleOrder
  /** A sample whose prompt is followed over the steps. */
  prompt: number | null
}

/** What is shown and a way to change it. The address follows, so that it can be kept and passed on. */
export function useAddress(): [Shown, (changes: Partial<Shown>) => void] {
  const address = useSearchParams()
  const step = address.get('step')
  const order = address.get('order') as SampleOrder | null
  const shown: Shown = {
    step: step === 'all' ? 'all' : numberOf(step),
    attempt: numberOf(address.get('attempt')),
    search: address.get('search') ?? '',
    filter: address.get('filter') ?? '',
    order: order !== null && orders.includes(order) ? order : 'reported',
    prompt: numberOf(address.get('prompt')),
  }
  const change = useCallback((changes: Partial<Shown>) => {
    const next = new URLSearchParams(window.location.search)
    for (const [key, value] of Object.entries(changes)) {
      if (value === null || value === '' || (key === 'order' && value === 'reported')) next.delete(key)
      else next.set(key, String(value))
    }
    window.history.replaceState(null, '', `${window.location.pathname}${next.size > 0 ? `?${next}` : ''}`)
  }, [])
  return [shown, change]
}

function numberOf(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null
}
