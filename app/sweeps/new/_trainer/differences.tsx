'use client'
import { useState } from 'react'
import { definitionDifferences } from '../../../../domain/sweep/settings/definition-differences.ts'
import type { Sweep } from '../../../../domain/sweep/sweep.ts'
import { plural } from '../../../_words/format.ts'
import { LongValue } from '../../../_words/long-value.tsx'
import styles from './round-differences.module.css'

/** Another trainer has other settings, most of them at their defaults: the form must stay in sight. */
const shownAtFirst = 8

/** All that differs between an earlier sweep and the one in the form. `sweep` null: the form is none yet. `none`: the end of the sentence. */
export function Differences({
  before,
  sweep,
  word,
  none,
}: {
  before: Sweep
  sweep: Sweep | null
  word: string
  none: string
}) {
  const [all, setAll] = useState(false)
  const differences = sweep && definitionDifferences(before, sweep)
  const shown = all ? differences : differences?.slice(0, shownAtFirst)
  return differences === null ? (
    <p className="ink3">What differs is listed once the form is complete.</p>
  ) : differences.length === 0 ? (
    <p className="ink3">
      Nothing differs from {before.name}
      {none && ` ${none}`}.
    </p>
  ) : (
    <div className="table-wrap">
      <table className={styles.differences} aria-label={`Differences from ${before.name}`}>
        <thead>
          <tr>
            <th>{plural(differences.length, 'difference')}</th>
            <th>{before.name}</th>
            <th>{word}</th>
          </tr>
        </thead>
        <tbody>
          {shown?.map(({ key, before: old, after }) => (
            <tr key={key}>
              <td className="mono">{key}</td>
              <td className="mono ink2">
                {old === null ? <span className="ink3">not set</span> : <LongValue text={old} />}
              </td>
              <td className="mono strong">
                {after === null ? <span className="ink3">not set</span> : <LongValue text={after} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {!all && differences.length > shownAtFirst && (
        <button type="button" className={`btn quiet sm ${styles.all}`} onClick={() => setAll(true)}>
          Show all {differences.length} differences
        </button>
      )}
    </div>
  )
}
