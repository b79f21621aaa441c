import { Link } from '../_shell/link.tsx'
import { memo } from 'react'
import type { BoardRow as Row } from '../../contract/api/leaderboard.ts'
import {
  cutMiddle,
  formatChance,
  formatInterval,
  formatPercent,
  formatScore,
  mostOfValue,
  partlyWords,
  plural,
} from '../_words/format.ts'
import { Whisker } from '../_charts/whisker.tsx'
import { placeOfCheckpoint } from '../lineage/lineage-words.ts'
import shared from '../sweeps/[id]/leaderboard.module.css'
import { LongValue } from '../_words/long-value.tsx'
import styles from './leaderboard.module.css'
import { ownValue } from '../../domain/own-value.ts'

type Props = {
  row: Row
  settings: string[]
  benchmarks: string[]
  domain: [number, number]
  selected: boolean
  onSelect: (ids: number[], on: boolean) => void
}

function Setting({ value }: { value: string | undefined }) {
  if (value === undefined) return <span className="ink3">–</span>
  return <LongValue text={value} most={mostOfValue} fixed />
}

/** A checkpoint, or a group of them: on a phone two lines, its settings, then its score and whisker. */
export const BoardTableRow = memo(function BoardRow({ row, settings, benchmarks, domain, selected, onSelect }: Props) {
  const { group, rank, score, interval, rounded } = row
  const where = `${row.home.name}, ${row.runName}, ${placeOfCheckpoint(row)}`
  const words = settings.flatMap((name) => cutMiddle(ownValue(row.settings, name) ?? '', mostOfValue) || []).join(' · ')
  return (
    <tr
      className={[selected && 'is-open', rank === 1 && shared.best].filter(Boolean).join(' ') || undefined}
      data-checkpoint={row.checkpointIds[0]}
    >
      <td className={shared.brace}>{row.brace && <i className={shared[row.brace]} />}</td>
      <td className={styles.choose}>
        <input
          type="checkbox"
          aria-label={`Tick ${where}`}
          checked={selected}
          onChange={({ target }) => onSelect(row.checkpointIds, target.checked)}
        />
      </td>
      <td className={`num ink3 ${shared.rank}`}>{rank}</td>
      <td className={styles.sweep}>
        <span className={styles.name}>
          <Link className="row" href={`/runs/${row.runId}#checkpoint-${row.checkpointIds[0]}`} title={where}>
            {row.home.name}
          </Link>
          <span className="ink3 small">{group && row.checkpointIds.length > 1 ? otherWords(row) : row.runName}</span>
          {row.partly && <span className="ink3 small">{partlyWords(row.partly)}</span>}
          {row.picked && <span className={styles.tag}>picked</span>}
          {row.tags.length > 0 && (
            <span className={styles.tag} title={row.tags.join(', ')}>
              {row.tags[0]}
              {row.tags.length > 1 && ` +${row.tags.length - 1}`}
            </span>
          )}
        </span>
      </td>
      {settings.map((name) => (
        <td key={name} className={`num mono ${shared.param}`}>
          <Setting value={ownValue(row.settings, name)} />
        </td>
      ))}
      <td className={shared.settings} aria-hidden="true">
        <span className={styles.heading}>
          {row.home.name}, {placeOfCheckpoint(row)}
        </span>
        <span className="mono ink2 small">{words}</span>
      </td>
      <td className={`small ${styles.place}`}>{placeOfCheckpoint(row)}</td>
      {group && <td className={`num ${shared.figure}`}>{group.count}</td>}
      {score === null ? (
        <td colSpan={(group ? 5 : 4) + benchmarks.length} className={`${shared.open} ink2`}>
          <span className="ink3 small" title={row.error ?? undefined}>
            {row.error ?? 'No score.'}
          </span>
        </td>
      ) : (
        <>
          <td
            className={`num score ${shared.score} ${rounded ? shared.rounded : ''}`}
            title={rounded ? 'From published figures, known only rounded' : String(score)}
          >
            {formatScore(score)}
          </td>
          <td
            className={shared.whisker}
            title={interval ? formatInterval(interval) : 'No interval: the number of questions is not known'}
          >
            <Whisker score={score} interval={interval} domain={domain} width={128} />
            {interval && <span className={`interval ${shared.words}`}>{formatInterval(interval)}</span>}
          </td>
          {group && (
            <td className={`num ${shared.figure}`} title={groupWords(row)}>
              {group.spread === null ? <span className="ink3 small">one seed</span> : formatScore(group.spread)}
            </td>
          )}
          <td className={`num ${shared.figure}`} title="Without what is likely to be luck">
            {formatScore(row.corrected)}
          </td>
          <td className={`num ${shared.figure}`}>{formatChance(row.chanceOfBest)}</td>
          {benchmarks.map((name) => (
            <td key={name} className={`num ${shared.figure}`}>
              {formatPercent(ownValue(row.accuracies, name) ?? null)}
            </td>
          ))}
        </>
      )}
      <td className={`num ${shared.run} ${styles.onPhone}`}>
        <Link className="link small" href={`/runs/${row.runId}#checkpoint-${row.checkpointIds[0]}`} title={where}>
          {row.runName}
        </Link>
      </td>
    </tr>
  )
})

function otherWords({ checkpointIds, otherHomes }: Row): string {
  const runs = `${checkpointIds.length} runs`
  return otherHomes > 0 ? `and ${plural(otherHomes, 'other')}, ${runs}` : runs
}

function groupWords({ group }: Row): string {
  if (group === null) return ''
  const without = group.unscored > 0 ? `; ${group.unscored} without a score` : ''
  if (group.spread === null) return `A group of one: nothing is known of other seeds${without}`
  return `Standard deviation over ${group.count - group.unscored} seeds${without}`
}
