'use client'
import { useState } from 'react'
import type { ParameterEffect } from '../../../../domain/stats/parameter-effects.ts'
import type { ParametersView } from '../../../../contract/api/parameters.ts'
import { formatChance, formatCount } from '../../../_words/format.ts'
import { TableBody } from '../../../_tables/virtual-rows.tsx'
import { effectName, shareWords } from './parameter-words.ts'
import styles from './parameters.module.css'

type Key = 'name' | 'share' | 'correctedShare' | 'noiseShare' | 'degreesOfFreedom' | 'chance'
type Sort = { key: Key; descending: boolean }

const percent = (share: number | null) => (share === null ? '–' : (100 * share).toFixed(1))

/** Every axis and pair with its share, beside what noise would give it. */
export function EffectsTable({ view, sweepId }: { view: ParametersView; sweepId: number }) {
  const [sort, setSort] = useState<Sort>({ key: 'share', descending: true })
  const { effects, method, noise } = view
  const analysed = method === 'analysis-of-variance'
  const corrected = analysed && noise !== 'unknown'
  const sorted = effects.toSorted(byKey(sort))
  const head = (key: Key, title: string) => <SortHead key={key} name={key} title={title} sort={sort} onSort={setSort} />
  return (
    <section className="section" aria-labelledby="effects-title">
      <div className="section-head">
        <h2 id="effects-title">What explains the differences between points</h2>
        <span className="note">
          {analysed ? 'an axis alone; a pair beyond its two axes' : 'an axis with its interactions; a pair’s own part'}
        </span>
        <div className="actions">
          <a className="btn sm" href={`/export/sweeps/${sweepId}/parameters.csv`} download>
            CSV
          </a>
        </div>
      </div>
      <div className="table-wrap">
        <table className={styles.effects} aria-labelledby="effects-title">
          <thead>
            <tr>
              {head('name', 'Axis or pair')}
              {head('share', 'Share, %')}
              <th className={styles.barHead}>
                {noise === 'unknown'
                  ? 'Share'
                  : `Share; line: ${noise === 'luck' ? 'what luck reaches' : 'by noise alone'}`}
              </th>
              {noise !== 'unknown' && head('noiseShare', noise === 'luck' ? 'Luck reaches, %' : 'Noise alone, %')}
              {corrected && head('correctedShare', 'Without noise, %')}
              {analysed && head('degreesOfFreedom', 'Degrees of freedom')}
              {corrected && head('chance', 'Chance by noise, %')}
              <th>Told from {noise === 'luck' ? 'luck' : 'noise'}</th>
            </tr>
          </thead>
          <TableBody
            items={sorted}
            columns={8}
            rowHeight={29}
            keyOf={effectName}
            render={(effect) => (
              <tr className={effect.told === false ? styles.untold : undefined}>
                <td className="mono">{effectName(effect)}</td>
                <td className="num score">{percent(effect.share)}</td>
                <td>
                  <ShareBar effect={effect} />
                </td>
                {noise !== 'unknown' && <td className="num">{percent(effect.noiseShare)}</td>}
                {corrected && <td className="num">{percent(effect.correctedShare)}</td>}
                {analysed && <td className="num">{formatCount(effect.degreesOfFreedom ?? 0)}</td>}
                {corrected && <td className="num">{formatChance(effect.chance)}</td>}
                <td>{effect.told === null ? 'not known' : effect.told ? 'yes' : 'no'}</td>
              </tr>
            )}
          />
        </table>
      </div>
      <p className={`small ink3 ${styles.foot}`}>{footWords(view)}</p>
    </section>
  )
}

function footWords({ rest, betweenSeeds, noise }: ParametersView): string {
  const parts = [
    rest === null ? '' : `Three or more axes together: ${shareWords(rest)}.`,
    betweenSeeds === null ? '' : `Between seeds at the same settings: ${shareWords(betweenSeeds)}.`,
    noise === 'unknown'
      ? ''
      : noise === 'luck'
        ? 'Told from luck: by luck any row of this table says yes in at most 5\u00a0% of sweeps. What luck reaches, it reaches in one case of twenty.'
        : 'Told from noise: by noise alone any row of this table says yes in at most 5\u00a0% of sweeps.',
  ]
  return parts.filter(Boolean).join(' ')
}

function ShareBar({ effect }: { effect: ParameterEffect }) {
  const width = (share: number) => `${Math.min(100, 100 * share).toFixed(1)}%`
  return (
    <span className={styles.bar} aria-hidden="true">
      <i className={effect.told === false ? styles.faint : undefined} style={{ width: width(effect.share) }} />
      {effect.noiseShare !== null && <b style={{ left: width(effect.noiseShare) }} />}
    </span>
  )
}

function byKey({ key, descending }: Sort) {
  return (a: ParameterEffect, b: ParameterEffect) => {
    const order = key === 'name' ? effectName(a).localeCompare(effectName(b)) : (a[key] ?? -1) - (b[key] ?? -1)
    return (descending ? -order : order) || b.share - a.share
  }
}

type SortProps = { name: Key; title: string; sort: Sort; onSort: (sort: Sort) => void }

function SortHead({ name, title, sort, onSort }: SortProps) {
  const on = sort.key === name
  const first = name !== 'name' && name !== 'chance'
  return (
    <th
      className={name === 'name' ? undefined : 'num'}
      aria-sort={on ? (sort.descending ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" onClick={() => onSort({ key: name, descending: on ? !sort.descending : first })}>
        {title}
        {on && (sort.descending ? ' ↓' : ' ↑')}
      </button>
    </th>
  )
}
