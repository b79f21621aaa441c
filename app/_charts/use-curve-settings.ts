'use client'
import { useSearchParams } from 'next/navigation'
import { useState } from 'react'
import { axisKinds, type AxisKind } from '../../domain/asking/step-places.ts'
import type { Smoothing } from './curve-data.ts'

export type CurveSettings = {
  axis: AxisKind
  /** null: as it suits the length of the run. */
  smoothing: Smoothing | null
  logarithmicX: boolean
  logarithmicY: boolean
  /** Metrics whose charts stand first, in this order. */
  pinned: readonly string[]
  /** Names of the sections that are open. */
  open: readonly string[]
}

const smoothings: Smoothing[] = ['none', 'light', 'medium', 'strong']

/** How the page's curves are drawn, as its address says: `?x=tokens&smoothing=strong&log=xy&pin=loss&open=train`. */
export function useCurveSettings(): [CurveSettings, (changes: Partial<CurveSettings>) => void] {
  const address = useSearchParams()
  const logarithmic = address.get('log') ?? ''
  // the page hears of a changed address only a moment later: until then a control would jump back
  const [chosen, setChosen] = useState<CurveSettings | null>(null)
  const settings: CurveSettings = chosen ?? {
    axis: axisKinds.find((kind) => kind === address.get('x')) ?? 'step',
    smoothing: smoothings.find((one) => one === address.get('smoothing')) ?? null,
    logarithmicX: logarithmic.includes('x'),
    logarithmicY: logarithmic.includes('y'),
    pinned: address.getAll('pin'),
    open: address.getAll('open'),
  }
  const change = (changes: Partial<CurveSettings>) => {
    const changed = { ...settings, ...changes }
    setChosen(changed)
    const { axis, smoothing, logarithmicX, logarithmicY, pinned, open } = changed
    // the address as it stands: other parts of the page write in it, too
    const next = new URL(window.location.href)
    const set = (name: string, value: string | null) =>
      value === null || value === '' ? next.searchParams.delete(name) : next.searchParams.set(name, value)
    set('x', axis === 'step' ? null : axis)
    set('smoothing', smoothing)
    set('log', `${logarithmicX ? 'x' : ''}${logarithmicY ? 'y' : ''}`)
    for (const [name, values] of [
      ['pin', pinned],
      ['open', open],
    ] as const) {
      next.searchParams.delete(name)
      for (const value of values) next.searchParams.append(name, value)
    }
    window.history.replaceState(null, '', next)
  }
  return [settings, change]
}
