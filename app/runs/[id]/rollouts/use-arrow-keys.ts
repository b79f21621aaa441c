'use client'
import { useEffect, useRef } from 'react'

/** Attribute of what the arrows up and down move between. */
export const sampleField = { 'data-sample': '' }

/** Left and right go from step to step, up and down from sample to sample; not while somebody types or moves a slider. */
export function useArrowKeys({ onStep }: { onStep: (by: -1 | 1) => void }) {
  const latest = useRef(onStep)
  useEffect(() => {
    latest.current = onStep
  })
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
      if (event.target instanceof HTMLElement && event.target.closest('input, select, textarea, dialog, [role=menu]'))
        return
      if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') latest.current(event.key === 'ArrowLeft' ? -1 : 1)
      else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
        if (!moveFocus(event.key === 'ArrowUp' ? -1 : 1)) return
      } else return
      event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
}

/** Focuses the next sample. False: there is none, or the one in focus goes on beyond the window, which then scrolls. */
function moveFocus(by: -1 | 1): boolean {
  const samples = [...document.querySelectorAll<HTMLElement>('[data-sample]')]
  const at = samples.findIndex((sample) => sample.contains(document.activeElement))
  const current = samples[at]
  if (current) {
    const { top, bottom } = current.getBoundingClientRect()
    if (by > 0 ? bottom > window.innerHeight : top < 0) return false
  }
  const next = current ? samples[at + by] : by > 0 ? samples[0] : undefined
  if (!next) return false
  next.focus({ preventScroll: true })
  next.scrollIntoView({ block: next.offsetHeight > window.innerHeight ? 'start' : 'nearest' })
  return true
}
