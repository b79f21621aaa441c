'use client'
import { useSyncExternalStore } from 'react'
import { isWantedHere, onWantedChange, setWantedHere } from '../_shell/browser-notifications.tsx'
import { showToast } from '../_shell/toast.tsx'
import styles from './alerts.module.css'

const test = { title: 'A test', text: 'Alerts arrive here while a page of Sweepboard is open.' }

/** Whether this browser shows alerts itself, while a page is open in it. */
export function BrowserSwitch() {
  const wanted = useSyncExternalStore(onWantedChange, isWantedHere, () => false)
  const toggle = async () => {
    if (wanted) return setWantedHere(false)
    const allowed = 'Notification' in window && (await Notification.requestPermission()) === 'granted'
    if (allowed) setWantedHere(true)
    else showToast({ text: 'This browser does not let Sweepboard show notifications; its settings do.', tone: 'error' })
  }
  return (
    <li>
      <label className={styles.switch} aria-label="This browser shows alerts">
        <input type="checkbox" aria-label="This browser shows alerts" checked={wanted} onChange={() => void toggle()} />
        <span>
          <b>This browser</b> <span className="ink3">a notification, while a page of Sweepboard is open in it</span>
        </span>
      </label>
      {wanted && (
        <button
          type="button"
          className="btn sm"
          aria-label="Send a test to this browser"
          onClick={() => new Notification(test.title, { body: test.text })}
        >
          Send a test
        </button>
      )}
    </li>
  )
}
