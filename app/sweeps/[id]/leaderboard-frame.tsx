'use client'
import type { ReactNode } from 'react'
import type { Sort } from '../../../domain/asking/order.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { scorePlace } from '../../../domain/sweep/objective.ts'
import { raceWords } from '../../../domain/words.ts'
import { agreementWords } from '../../_words/agreement.ts'
import { formatCount, plural } from '../../_words/format.ts'
import { TriangleIcon } from '../../_shell/icons.tsx'
import { slashField } from '../../_shell/keyboard.tsx'
import styles from './leaderboard.module.css'

type FrameProps = {
  sweep: SweepDetail
  typed: string
  onType: (text: string) => void
  /** The filter that the rows went through, what is wrong with it, and how many pass. */
  filter: string
  error: string | null
  passing: number
  /** What is new, where rows are held in place; and what is ticked. */
  news?: ReactNode
  /** Opens the list of metrics. */
  chooser: ReactNode
  children: ReactNode
}

/** The section around the table: title, filter, downloads. */
export function LeaderboardFrame(props: FrameProps) {
  const { sweep, typed, onType, filter, error, passing, news, chooser, children } = props
  const { axes, id } = sweep
  return (
    <section className="section" aria-labelledby="board-title">
      <div className="section-head">
        <h2 id="board-title">Leaderboard</h2>
        <span className="note">{sweep.objective ? objectiveNote(sweep.objective) : noteOf(sweep.inShort)}</span>
        <div className="actions">
          {news}
          <input
            {...slashField}
            type="search"
            className={styles.filter}
            placeholder={`score > 1 and ${axes[0]?.name ?? 'run'} = ${axes[0]?.values[0] ?? '1'}`}
            aria-label="Filter the leaderboard"
            aria-invalid={error !== null}
            aria-describedby="filter-error"
            value={typed}
            onChange={(event) => onType(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') onType('')
            }}
          />
          {chooser}
          <a className="btn sm" href={`/export/sweeps/${id}.csv`} download>
            CSV
          </a>
          <a className="btn sm" href={`/export/sweeps/${id}.json`} download>
            JSON
          </a>
        </div>
      </div>
      <div id="filter-error" role="status">
        {error ? (
          <p className="error">
            <TriangleIcon />
            {error}
          </p>
        ) : (
          filter.trim() !== '' && (
            <p className="small ink3">
              {formatCount(passing)} of {plural(sweep.counts.points, 'point')}
            </p>
          )
        )}
      </div>
      {children}
      {sweep.inShort.withInterval > 0 && <p className="small ink3">{agreementWords(sweep.score.agreement, 'point')}</p>}
      {sweep.race && sweep.race.stopped > 0 && <p className="small ink3">{raceWords(sweep.race)}</p>}
      {passing === 0 && <p className={styles.nothing}>No point passes the filter.</p>}
    </section>
  )
}

type HeadProps = {
  sweep: SweepDetail
  benchmarks: string[]
  metrics: string[]
  sort: Sort
  onSort: (sort: Sort) => void
}

/** The columns' heads, each a button that sorts. */
export function LeaderboardHead({ sweep, benchmarks, metrics, sort, onSort }: HeadProps) {
  const head = (key: string, title: string, unit = '') => (
    <SortHead key={key} name={key} title={title} unit={unit} sort={sort} onSort={onSort} />
  )
  return (
    <thead>
      <tr>
        <td className={styles.brace} aria-hidden="true" />
        <th className="num">#</th>
        {sweep.axes.map((axis) => head(`axis:${axis.name}`, axis.name))}
        {head('score', sweep.objective?.metric ?? 'Score')}
        {sweep.objective === null && (
          <>
            <th>95 % interval, line at 1.0</th>
            {head('chance', 'Chance of best', ', %')}
          </>
        )}
        {sweep.race && <th className="num">Questions</th>}
        {benchmarks.map((name) => head(`benchmark:${name}`, name, ', %'))}
        {othersOf(sweep).map(({ metric }) => head(`objective:${metric}`, metric))}
        {sweep.definition.objectives && <th>Front</th>}
        {sweep.definition.constraints && <th>Constraints</th>}
        {metrics.map((name) => head(`metric:${name}`, name))}
        {head('run', 'Run')}
      </tr>
    </thead>
  )
}

/** The objectives that have a column of their own: all but the one that the score, or the value in its place, is of. */
export function othersOf({ definition }: Pick<SweepDetail, 'definition'>): { metric: string; at: number }[] {
  const place = scorePlace(definition)
  return (definition.objectives ?? []).flatMap(({ metric }, at) => (at === place ? [] : [{ metric, at }]))
}

/** The line below the last point that cannot be told from the best. */
export function BracketNote({ columns }: { columns: number }) {
  return (
    <tr className={styles.groupNote}>
      <td className={styles.brace} aria-hidden="true" />
      <td colSpan={columns - 1}>
        Below here, others are better: the true best is above this line in 95 of 100 such sweeps.
      </td>
    </tr>
  )
}

/** What is better, and what nobody can say of a metric that each run has once. */
function objectiveNote({ metric, goal }: NonNullable<SweepDetail['objective']>): string {
  return `${goal === 'minimize' ? 'Less' : 'More'} ${metric} is better. One run each: how much of a difference is luck is not known`
}

function noteOf({ tiedWithBest: tied, rounded, mostlyLuck }: SweepDetail['inShort']): string {
  const parts = [
    tied > 0 ? `In the bracket: the best, and ${plural(tied, 'point')} that may be it` : '',
    mostlyLuck ? 'Scores this close: mostly luck, so no chances are stated' : '',
    rounded > 0 ? `Underlined: ${plural(rounded, 'published score')}, known only rounded` : '',
  ]
  return parts.filter(Boolean).join('. ')
}

type SortProps = { name: string; title: string; unit: string; sort: Sort; onSort: (sort: Sort) => void }

function SortHead({ name, title, unit, sort, onSort }: SortProps) {
  const on = sort.key === name
  // figures are looked at from the highest down, settings from the file's first value up
  const first = name === 'score' || name === 'chance' || name.startsWith('benchmark:')
  return (
    <th className="num" aria-sort={on ? (sort.descending ? 'descending' : 'ascending') : undefined}>
      <button type="button" onClick={() => onSort({ key: name, descending: on ? !sort.descending : first })}>
        {title}
        {unit}
        {on && (sort.descending ? ' ↓' : ' ↑')}
      </button>
      {name.startsWith('benchmark:') && <span className={styles.ratio}>ratio</span>}
    </th>
  )
}
