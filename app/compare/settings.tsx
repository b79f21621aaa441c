'use client'
import { Link } from '../_shell/link.tsx'
import { useState } from 'react'
import type { ComparedView, CompareView } from '../../contract/api/compare.ts'
import { formatCount, formatInterval, formatScore, plural } from '../_words/format.ts'
import { Whisker, whiskerDomain } from '../_charts/whisker.tsx'
import type { AskedComparison } from './address.ts'
import { LongValue } from '../_words/long-value.tsx'
import { statusWord } from '../_words/status.tsx'
import styles from './compare.module.css'
import { Letter } from './letters.tsx'

/** Who is compared, with what score, and what each was told; what differs first. */
export function ComparedSettings({
  view,
  asked,
  go,
}: {
  view: CompareView
  asked: AskedComparison
  go: (ids: number[]) => void
}) {
  const [all, setAll] = useState(false)
  const { compared, settings } = view
  const domain = whiskerDomain(compared)
  const rows = [...ownRows(compared), ...settings]
  const differing = rows.filter((row) => row.differs)
  const equal = rows.filter((row) => !row.differs)
  return (
    <div>
      <div className="section-head">
        <h2>Settings and score</h2>
        <span className="note">
          {view.baseline === null
            ? 'none of these is of a sweep with a baseline'
            : `score against ${view.baseline.id === null ? `the baseline of ${view.baseline.name}` : view.baseline.name}`}
        </span>
      </div>
      <div className="table-wrap">
        <table className={styles.settings} aria-label="Settings and scores">
          <thead>
            <tr>
              <td aria-hidden="true" />
              {compared.map((one, at) => (
                <th key={one.letter} scope="col">
                  <Letter at={at} />
                  <Link
                    className="link"
                    href={`/runs/${one.runId}${one.checkpoint ? `#checkpoint-${one.checkpoint.id}` : ''}`}
                  >
                    {one.name}
                  </Link>
                  <span className={styles.headActions}>
                    {at > 0 && compared.length > 2 && (
                      <button
                        type="button"
                        className="link small"
                        onClick={() => go([asked.ids[at]!, ...asked.ids.filter((_, other) => other !== at)])}
                      >
                        make it A
                      </button>
                    )}
                    <button
                      type="button"
                      className={styles.remove}
                      aria-label={`Remove ${one.letter}`}
                      title={`Remove ${one.letter}`}
                      onClick={() => go(asked.ids.filter((_, other) => other !== at))}
                    >
                      ×
                    </button>
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">Score</th>
              {compared.map((one) => (
                <td key={one.letter}>
                  <Score one={one} domain={domain} />
                </td>
              ))}
            </tr>
            {[...differing, ...(all ? equal : [])].map(({ key, values, differs }) => (
              <tr key={key}>
                <th scope="row">{breakable(key)}</th>
                {values.map((value, at) => (
                  <td key={compared[at]!.letter} className={differs ? styles.differs : 'ink3'}>
                    <span className="mono">{value === null ? '–' : <LongValue text={value} />}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {equal.length > 0 && (
        <button
          type="button"
          className={`link small ${styles.showEqual}`}
          aria-expanded={all}
          onClick={() => setAll(!all)}
        >
          {all
            ? 'Hide what is equal'
            : `Show ${plural(equal.length, 'setting')} that ${equal.length === 1 ? 'is' : 'are'} equal`}
        </button>
      )}
    </div>
  )
}

/** `solutions.short`, with places to break a line after dots and underscores. */
function breakable(key: string) {
  return key
    .split(/(?<=[._])/)
    .flatMap((part, at) => (at === 0 ? [part] : [<wbr key={`${part}-${key.length - at}`} />, part]))
}

function Score({ one, domain }: { one: ComparedView; domain: [number, number] }) {
  if (one.score === null) return <span className={`small ink3 ${styles.why}`}>{one.error}</span>
  return (
    <span className={styles.score}>
      <span className="score" title={one.rounded ? 'Published, known only rounded' : String(one.score)}>
        {one.rounded && '≈ '}
        {formatScore(one.score)}
      </span>
      {one.interval && <Whisker score={one.score} interval={one.interval} domain={domain} width={96} />}
      <span className="interval">{one.interval ? formatInterval(one.interval) : 'no interval'}</span>
    </span>
  )
}

/** What is not told to a trainer, yet makes a checkpoint what it is. */
function ownRows(compared: ComparedView[]): CompareView['settings'] {
  const row = (key: string, values: (string | null)[]) => ({
    key,
    values,
    differs: new Set(values).size > 1,
  })
  const known = (of: (one: ComparedView) => number | null | undefined) =>
    compared.map((one) => {
      const value = of(one)
      return value === null || value === undefined ? null : formatCount(value)
    })
  const rows = [
    row(
      'step of the checkpoint',
      known(({ checkpoint }) => checkpoint?.step),
    ),
    row(
      'epoch of the checkpoint',
      known(({ checkpoint }) => checkpoint?.epoch),
    ),
    row(
      compared.every(({ home }) => home.kind === 'sweep') ? 'sweep' : 'sweep or project',
      compared.map(({ home }) => home.name),
    ),
    row(
      'status',
      compared.every(({ status }) => status === 'done') ? [] : compared.map(({ status }) => statusWord(status)),
    ),
    row(
      'started from',
      compared.map(({ startedFrom }) => startedFrom),
    ),
  ]
  return rows.filter(({ values }) => values.some((value) => value !== null))
}
