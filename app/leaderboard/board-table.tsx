'use client'
import type { KeyboardEvent, RefObject } from 'react'
import { type BoardQuery, descendsFirst } from '../../domain/asking/board-query.ts'
import type { BoardPage, BoardRow as Row } from '../../contract/api/leaderboard.ts'
import { Spacer, UnreadRow } from '../_tables/virtual-rows.tsx'
import { whiskerDomain } from '../_charts/whisker.tsx'
import { BracketNote } from '../sweeps/[id]/leaderboard-frame.tsx'
import shared from '../sweeps/[id]/leaderboard.module.css'
import { BoardTableRow } from './board-row.tsx'
import styles from './leaderboard.module.css'

type Props = {
  page: BoardPage
  rows: { index: number; row: Row | null }[]
  body: RefObject<HTMLTableSectionElement | null>
  before: number
  after: number
  query: BoardQuery
  onChange: (changes: Partial<BoardQuery>) => void
  selected: ReadonlySet<number>
  onSelect: (ids: number[], on: boolean) => void
}

/** The rows near the window; those that are on their way keep their place. */
export function BoardTable({ page, rows, body, before, after, query, onChange, selected, onSelect }: Props) {
  const { settings, benchmarks } = page
  const grouped = page.rows[0]?.group != null
  const columns = 9 + settings.length + benchmarks.length + (grouped ? 2 : 0)
  const domain = whiskerDomain([{ score: null, interval: page.extremes }])
  return (
    <div className="table-wrap">
      <table
        className={`${shared.board} ${styles.board}`}
        aria-label="Leaderboard"
        aria-rowcount={page.total + 1}
        onKeyDown={moveBetweenRows}
      >
        <Head page={page} grouped={grouped} query={query} onChange={onChange} />
        <tbody ref={body}>
          <Spacer columns={columns} height={before} />
          {rows.map(({ index, row }) => {
            if (row === null) return <UnreadRow key={`unread-${index}`} columns={columns} />
            const ids = row.checkpointIds
            return [
              <BoardTableRow
                key={ids[0]}
                row={row}
                settings={settings}
                benchmarks={benchmarks}
                domain={domain}
                selected={ids.every((id) => selected.has(id))}
                onSelect={onSelect}
              />,
              page.lastTied === index && index + 1 < page.total && <BracketNote key="note" columns={columns} />,
            ]
          })}
          <Spacer columns={columns} height={after} />
        </tbody>
      </table>
    </div>
  )
}

/** Up and down go from one row's box to the next. */
function moveBetweenRows(event: KeyboardEvent<HTMLTableElement>) {
  const down = event.key === 'ArrowDown'
  if ((!down && event.key !== 'ArrowUp') || !(event.target instanceof HTMLInputElement)) return
  const boxes = [...event.currentTarget.querySelectorAll<HTMLInputElement>('tbody input[type=checkbox]')]
  const next = boxes[boxes.indexOf(event.target) + (down ? 1 : -1)]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
}

type HeadProps = Pick<Props, 'page' | 'query' | 'onChange'> & { grouped: boolean }

function Head({ page, grouped, query, onChange }: HeadProps) {
  const head = (name: string, title: string, unit = '', numeric = true) => (
    <SortHead key={name} name={name} title={title} unit={unit} numeric={numeric} query={query} onChange={onChange} />
  )
  return (
    <thead>
      <tr>
        <td className={shared.brace} aria-hidden="true" />
        <th>
          <span className="sr">Tick</span>
        </th>
        <th className="num">#</th>
        {head('sweep', 'Sweep', '', false)}
        {page.settings.map((name) => head(`setting:${name}`, shortName(name)))}
        {head('step', 'Checkpoint', '', false)}
        {grouped && head('count', 'Seeds')}
        {head('score', grouped ? 'Mean score' : 'Score')}
        <th>95 % interval, line at 1.0</th>
        {grouped && head('spread', 'Spread')}
        {head('corrected', 'Corrected')}
        {head('chance', 'Chance of best', ', %')}
        {page.benchmarks.map((name) => head(`benchmark:${name}`, name, ', %'))}
      </tr>
    </thead>
  )
}

/** `train.env.REWARD`: its last part says it. */
const shortName = (name: string) => name.split('.').at(-1)!

type SortProps = {
  name: string
  title: string
  unit: string
  numeric: boolean
  query: BoardQuery
  onChange: Props['onChange']
}

function SortHead({ name, title, unit, numeric, query, onChange }: SortProps) {
  const on = query.sort === name
  const descending = on ? !query.descending : descendsFirst(name)
  return (
    <th
      className={numeric ? 'num' : undefined}
      aria-sort={on ? (query.descending ? 'descending' : 'ascending') : undefined}
    >
      <button type="button" onClick={() => onChange({ sort: name, descending })}>
        {title}
        {unit}
        {on && (query.descending ? ' ↓' : ' ↑')}
      </button>
    </th>
  )
}
