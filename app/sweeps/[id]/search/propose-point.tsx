'use client'
import { useState } from 'react'
import { expandAxis, isMilestoneAxis } from '../../../../domain/sweep/axes/axes.ts'
import { onlyThere } from '../../../../domain/sweep/conditions.ts'
import { continuousOf } from '../../../../domain/sweep/axes/continuous-axis.ts'
import type { SearchView } from '../../../../contract/api/search.ts'
import type { SweepDetail } from '../../../../contract/api/sweeps.ts'
import { showToast } from '../../../_shell/toast.tsx'
import { errorSentence, useTRPCClient } from '../../../_shell/trpc.ts'
import { plural } from '../../../_words/format.ts'
import styles from './search.module.css'

type Props = {
  sweep: SweepDetail
  view: SearchView
  chosen: Record<string, string>
  onChoose: (values: Record<string, string>) => void
  onDone: () => void
}

/** Values that a person wants trained next, and more trainings for the search. */
export function ProposePoint({ sweep, view, chosen, onChoose, onDone }: Props) {
  const client = useTRPCClient()
  const [sending, setSending] = useState(false)
  const axes = Object.entries(sweep.definition.axes).filter(([, axis]) => !isMilestoneAxis(axis))
  const valueOf = (name: string) => {
    const axis = sweep.definition.axes[name]!
    return chosen[name] ?? (continuousOf(axis) === null ? expandAxis(name, axis).values[0]! : '')
  }
  const { when } = sweep.definition
  const names = axes.map(([name]) => name)
  const valuesNow = () => Object.fromEntries(names.map((name) => [name, valueOf(name).trim()]))
  const there = onlyThere(when, names, valuesNow())
  const left = Math.max(0, view.planned - view.trainings.length)
  const send = async (act: () => Promise<string>) => {
    setSending(true)
    try {
      showToast({ text: await act() })
    } catch (error) {
      showToast({ text: errorSentence(error), tone: 'error' })
    } finally {
      setSending(false)
    }
  }
  const propose = () =>
    send(async () => {
      const values = onlyThere(when, names, valuesNow())
      const { run } = await client.sweeps.propose.mutate({ id: sweep.id, values })
      onDone()
      return `Run ${run} is the next to start.`
    })
  const more = (count: number) =>
    send(async () => {
      const trainings = view.trainings.length + left + count
      await client.sweeps.setTrainings.mutate({ id: sweep.id, trainings })
      return `The search goes on to ${plural(trainings, 'training')}.`
    })
  return (
    <section className="section" aria-labelledby="propose-title">
      <div className="section-head">
        <h2 id="propose-title">Propose a point</h2>
        <span className="note">
          {left > 0
            ? `it starts next and is one of the ${plural(left, 'training')} left; a click on the map fills in its two values`
            : 'the search has all its trainings: give it more first'}
        </span>
      </div>
      <form
        className={styles.propose}
        onSubmit={(event) => {
          event.preventDefault()
          void propose()
        }}
      >
        {axes
          .filter(([name]) => Object.hasOwn(there, name))
          .map(([name, axis]) => {
            const between = continuousOf(axis)
            return (
              <label key={name} className="field">
                <span className="mono">{name}</span>
                {between === null ? (
                  <select value={valueOf(name)} onChange={(event) => onChoose({ [name]: event.target.value })}>
                    {expandAxis(name, axis).values.map((value) => (
                      <option key={value}>{value}</option>
                    ))}
                  </select>
                ) : (
                  <input
                    type="text"
                    className="mono"
                    autoComplete="off"
                    placeholder={`${between.low} to ${between.high}`}
                    value={valueOf(name)}
                    onChange={(event) => onChoose({ [name]: event.target.value })}
                  />
                )}
              </label>
            )
          })}
        <button type="submit" className="btn primary" disabled={sending || left === 0}>
          Propose it
        </button>
        <button type="button" className="btn" disabled={sending} onClick={() => void more(5)}>
          Search 5 further
        </button>
      </form>
    </section>
  )
}
