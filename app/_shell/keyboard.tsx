'use client'
import { useRouter } from 'next/navigation'
import { useEffect, useRef } from 'react'

const keys: [string, string][] = [
  ['/', 'Find'],
  ['N', 'New sweep'],
  ['?', 'This list'],
  ['← ↑ ↓ →', 'Move between the cells of a heatmap'],
  ['← →', 'Rollouts: the step before or after'],
  ['↑ ↓', 'Rollouts: the sample before or after'],
  ['Enter', 'Pin a cell, and mark its row'],
  ['Esc', 'Let go, or close'],
]

/** The field that `/` goes to. A page has at most one. */
export const slashField = { 'data-find': '' }

/** For the field of a page that `/` led to from a page without one: it gets the focus, once, when it is drawn. */
export function useFoundField(isDrawn: boolean) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (isDrawn && location.hash === '#find') field.current?.focus()
  }, [isDrawn])
  return field
}

/** Listens for the keys that work on every page, and lists them on `?`. */
export function KeyboardHelp() {
  const router = useRouter()
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (document.querySelector('dialog[open]')) return
      if (event.key === '?') dialog.current?.showModal()
      else if (event.key === 'n' || event.key === 'N') router.push('/sweeps/new')
      else if (event.key === '/') {
        const field = document.querySelector<HTMLInputElement>('[data-find]')
        if (field) field.focus()
        else router.push('/#find')
      } else return
      event.preventDefault()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [router])
  return (
    <dialog ref={dialog} aria-labelledby="keys-title">
      <h2 id="keys-title">Keys</h2>
      <dl className="pairs">
        {keys.map(([key, does]) => (
          <div key={key} style={{ display: 'contents' }}>
            <dt>
              <span className="kbd">{key}</span>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog" className="actions">
        <button className="btn">Close</button>
      </form>
    </dialog>
  )
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName)
}
