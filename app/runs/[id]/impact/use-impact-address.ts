'use client'
import { useSearchParams } from 'next/navigation'
import { useCallback } from 'react'
import type { EpochRule } from '../../../../domain/score/learning-impact.ts'
import { usualThreshold } from '../../../../domain/score/learning-impact.ts'
import type { ImpactOrder } from '../../../../contract/api/impact.ts'

const orders: readonly ImpactOrder[] = ['highest', 'lowest', 'closest']

/** What the page measures and shows, as its address says it; undefined: as is usual. */
export type AskedImpact = {
  by: string | undefined
  epochs: EpochRule | undefined
  threshold: number
  order: ImpactOrder
}

type Changes = { by?: string; passes?: number | null; steps?: number | null; threshold?: number; order?: ImpactOrder }

/** What is asked, a way to change it, and what an address of an export says of it. */
export function useImpactAddress(): { asked: AskedImpact; change: (changes: Changes) => void; exported: string } {
  const address = useSearchParams()
  const [passes, steps] = [countOf(address.get('passes')), countOf(address.get('steps'))]
  const threshold = Number(address.get('threshold') ?? usualThreshold)
  const order = address.get('order') as ImpactOrder | null
  const asked: AskedImpact = {
    by: address.get('by') ?? undefined,
    epochs: steps !== null ? { steps } : passes !== null ? { passes } : undefined,
    threshold: Number.isFinite(threshold) && threshold <= 1 ? threshold : usualThreshold,
    order: order !== null && orders.includes(order) ? order : 'highest',
  }
  const change = useCallback((changes: Changes) => {
    const next = new URLSearchParams(window.location.search)
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) next.delete(key)
      else next.set(key, String(value))
    }
    window.history.replaceState(null, '', `${window.location.pathname}${next.size > 0 ? `?${next}` : ''}`)
  }, [])
  const exported = new URLSearchParams({
    ...(asked.by !== undefined && { by: asked.by }),
    ...asked.epochs,
    threshold: String(asked.threshold),
  } as Record<string, string>)
  return { asked, change, exported: String(exported) }
}

function countOf(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,5}$/.test(text) ? Number(text) : null
}
