'use client'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { ImpactView } from '../../../../contract/api/impact.ts'
import { plural } from '../../../_words/format.ts'
import styles from './impact.module.css'

/** Opens the form of a round that trains on the chosen problems, alone or beside what to hold them against. */
export function StartRound({
  runId,
  view,
  knowsSweep,
}: {
  runId: number
  view: ImpactView
  /** A run of its own has no sweep to be filled in from. */
  knowsSweep: boolean
}) {
  const router = useRouter()
  const [start, setStart] = useState('')
  const [controls, setControls] = useState(false)
  // the address has what was typed last, which the page may be about to show
  const formAddress = () => {
    const asked = new URLSearchParams(window.location.search)
    const kept = ['threshold', 'by', 'passes', 'steps'].flatMap((name) => {
      const value = asked.get(name)
      return value === null ? [] : [[name, value]]
    })
    return new URLSearchParams([
      ['impact', String(runId)],
      ...kept,
      ...(controls ? [['controls', '1']] : []),
      ...(start !== '' ? [['start', start]] : []),
    ])
  }
  return (
    <section className="section" aria-labelledby="start-title">
      <div className="section-head">
        <h2 id="start-title">Start a round from these</h2>
        <span className="note">{plural(view.chosen, 'problem')}</span>
      </div>
      <div className={styles.start}>
        {knowsSweep && (
          <label>
            From{' '}
            <select value={start} onChange={(event) => setStart(event.target.value)}>
              {view.starts.map(({ checkpointId, name }) => (
                <option key={checkpointId ?? ''} value={checkpointId ?? ''}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        <label className={styles.check}>
          <input type="checkbox" checked={controls} onChange={(event) => setControls(event.target.checked)} />
          beside all problems, and as many at random, with three seeds each
        </label>
        <button
          type="button"
          className="btn primary"
          disabled={view.chosen === 0}
          onClick={() => router.push(`/sweeps/new?${formAddress()}`)}
        >
          Fill in the form
        </button>
      </div>
    </section>
  )
}
