'use client'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { TriangleIcon } from './icons.tsx'

/** What just happened. `undo` takes it back and is offered for 10 seconds; an error stays until it is closed. */
export type Toast = { text: string; tone?: 'plain' | 'error'; undo?: () => void }
type Shown = Toast & { id: number }

const secondsShown = 10
let shown: Shown[] = []
let nextId = 1
const listeners = new Set<() => void>()
const none: Shown[] = []

function update(next: Shown[]) {
  shown = next
  for (const listener of listeners) listener()
}

function close(id: number) {
  update(shown.filter((toast) => toast.id !== id))
}

/** Says at the foot of the page what just happened; callable from anywhere. The newest three are kept. */
export function showToast(toast: Toast) {
  const same = shown.filter((other) => other.text !== toast.text)
  update([...same.slice(-2), { ...toast, id: nextId++ }])
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function Toasts() {
  const toasts = useSyncExternalStore(
    subscribe,
    () => shown,
    () => none,
  )
  return (
    <div className="toasts" role="status" aria-live="polite">
      {toasts.map((toast) => (
        <ToastLine key={toast.id} toast={toast} />
      ))}
    </div>
  )
}

function ToastLine({ toast }: { toast: Shown }) {
  // whoever is about to press Undo must not see it vanish under the pointer
  const [held, setHeld] = useState(false)
  useEffect(() => {
    if (held || toast.tone === 'error') return
    const timer = setTimeout(() => close(toast.id), secondsShown * 1_000)
    return () => clearTimeout(timer)
  }, [toast, held])
  return (
    <div
      className="toast"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {toast.tone === 'error' && <TriangleIcon />}
      <span>{toast.text}</span>
      {toast.undo && (
        <button
          type="button"
          onClick={() => {
            toast.undo?.()
            close(toast.id)
          }}
        >
          Undo
        </button>
      )}
      {toast.tone === 'error' && (
        <button type="button" onClick={() => close(toast.id)}>
          Close
        </button>
      )}
    </div>
  )
}
