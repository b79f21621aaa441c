'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { useTRPC } from './trpc.ts'

const wantedKey = 'sweepboard.alerts.here'
/** The newest alert that this browser has shown, whichever of its tabs did. */
const shownKey = 'sweepboard.alerts.shown'
const listeners = new Set<() => void>()

export function isWantedHere(): boolean {
  try {
    return localStorage.getItem(wantedKey) === 'yes' && Notification.permission === 'granted'
  } catch {
    return false
  }
}

export function setWantedHere(wanted: boolean): void {
  if (wanted) localStorage.setItem(wantedKey, 'yes')
  else localStorage.removeItem(wantedKey)
  // what was told before it was wanted is not shown
  localStorage.removeItem(shownKey)
  for (const listener of listeners) listener()
}

export function onWantedChange(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/**
 * Has one tab listen of all that are out of sight, where this browser shows alerts: `listen` is called once it is this tab's turn. Gives
 * what ends that, or the waiting for it.
 */
export function listenUnseen(listen: () => void): () => void {
  if (!isWantedHere()) return () => {}
  const waiting = new AbortController()
  const seen = Promise.withResolvers<void>()
  const turn = () => {
    listen()
    return seen.promise
  }
  navigator.locks.request('sweepboard.alerts.unseen', { signal: waiting.signal }, turn).catch((error: unknown) => {
    if (!waiting.signal.aborted) throw error
  })
  return () => {
    waiting.abort()
    seen.resolve()
  }
}

/** Shows alerts as the browser's own notifications, where this browser was asked to. */
export function BrowserNotifications() {
  const wanted = useSyncExternalStore(onWantedChange, isWantedHere, () => false)
  return wanted ? <Notifications /> : null
}

function Notifications() {
  const trpc = useTRPC()
  const shown = Number(localStorage.getItem(shownKey) ?? NaN)
  const { data } = useQuery(
    trpc.alerts.since.queryOptions({ after: Number.isNaN(shown) ? null : shown }, { placeholderData: undefined }),
  )
  useEffect(() => {
    const newest = data?.[0]?.id
    const before = localStorage.getItem(shownKey)
    if (data === undefined) return
    if (before === null) return localStorage.setItem(shownKey, String(newest ?? 0))
    // another tab may have shown some of them meanwhile
    const fresh = data.filter(({ id }) => id > Number(before))
    if (fresh.length === 0) return
    localStorage.setItem(shownKey, String(newest))
    for (const { id, title, text, runId, sweepId } of fresh.toReversed()) {
      const notification = new Notification(title, { body: text, tag: `sweepboard-${id}` })
      notification.addEventListener('click', () => {
        window.focus()
        if (runId !== null || sweepId !== null)
          location.assign(runId !== null ? `/runs/${runId}` : `/sweeps/${sweepId}`)
      })
    }
  }, [data])
  return null
}
