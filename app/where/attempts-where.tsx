'use client'
import { keepPreviousData, useQueries } from '@tanstack/react-query'
import type { SystemView } from '../../contract/api/system.ts'
import type { PlacedAttempt, PlacedAttemptsPage } from '../../contract/api/where.ts'
import { Link } from '../_shell/link.tsx'
import { useTRPC } from '../_shell/trpc.ts'
import { pagesByNumber, rowsEachPage, usePagedRows } from '../_tables/paged-rows.tsx'
import { Spacer, UnreadRow } from '../_tables/virtual-rows.tsx'
import { cutMiddle, formatAgo, formatDuration, plural } from '../_words/format.ts'
import { placeWords, waitWords } from '../_words/place.ts'
import { Status } from '../_words/status.tsx'
import { useNow } from '../_words/use-now.ts'
import { settingsWords, slotsWords, timesOf } from './where-words.ts'
import styles from './where.module.css'

const rowHeight = 31
const mostOfSettings = 60

/** Every attempt, newest first: where it ran, how long it waited there, how long it ran. */
export function AttemptsWhere({ sweepId, kind }: { sweepId: number | null; kind: SystemView['slotKind'] }) {
  const trpc = useTRPC()
  const now = useNow(10)
  const pageOf = (number: number) =>
    trpc.where.attempts.queryOptions(
      { id: sweepId, offset: number * rowsEachPage, limit: rowsEachPage },
      { placeholderData: keepPreviousData },
    )
  const first = useQueries({ queries: [pageOf(0)] })[0]!.data
  const total = first?.total ?? 0
  const { body, indexes, pageNumbers, before, after } = usePagedRows(total, rowHeight)
  const pages = pagesByNumber<PlacedAttemptsPage>(useQueries({ queries: pageNumbers.map(pageOf) }))
  if (first === undefined) return null
  return (
    <section className="section" aria-labelledby="attempts-title">
      <div className="section-head">
        <h2 id="attempts-title">Attempts</h2>
        <span className="note">{total === 0 ? 'none began yet' : `${plural(total, 'attempt')}, newest first`}</span>
      </div>
      {total > 0 && (
        <div className="table-wrap">
          <table className={styles.attempts} aria-label="Attempts" aria-rowcount={total + 1}>
            <thead>
              <tr>
                <th>Run</th>
                <th>Settings</th>
                <th className="num">Attempt</th>
                <th>Status</th>
                <th>Where</th>
                <th className="num">Queued</th>
                <th className="num">Ran</th>
                <th className="num">Ended</th>
              </tr>
            </thead>
            <tbody ref={body}>
              <Spacer columns={8} height={before} />
              {indexes.map((index) => {
                const page = pages.get(Math.floor(index / rowsEachPage))
                const row = page?.rows[index - page.offset]
                if (!row) return <UnreadRow key={`unread-${index}`} columns={8} />
                return (
                  <Row key={`${row.jobId}.${row.attempt}`} row={row} kind={kind} now={now} named={sweepId === null} />
                )
              })}
              <Spacer columns={8} height={after} />
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function Row({
  row,
  kind,
  now,
  named,
}: {
  row: PlacedAttempt
  kind: SystemView['slotKind']
  now: number
  named: boolean
}) {
  const { place, status, finishedAt, startedAt } = row
  const { queued, ran } = timesOf(row, now)
  const isQueued = place !== null && startedAt === null && finishedAt === null
  const what = row.kind === 'training' ? `run ${row.number}` : `evaluation ${row.number}`
  const settings = settingsWords(row.params)
  return (
    <tr>
      <td>
        <Link className="row" href={`/runs/${row.runId}`}>
          {what}
        </Link>
        {named && <span className="ink2"> of {cutMiddle(row.sweepName, 28)}</span>}
      </td>
      <td className={styles.settings} title={settings}>
        {cutMiddle(settings, mostOfSettings)}
      </td>
      <td className={`num ${styles.attempt}`}>{row.attempt}</td>
      <td className={styles.state}>
        <Status status={isQueued ? 'waiting' : status} words={isQueued ? 'Queued' : undefined} />
      </td>
      <td className={styles.place}>
        {isQueued ? waitWords(place, now) : place === null ? slotsWords(row.slots, kind) : placeWords(place)}
      </td>
      <td className={`num ink2 ${styles.queuedFor}`}>{queued === null ? '–' : formatDuration(queued / 1000)}</td>
      <td className={`num ${styles.ran}`}>{ran === null ? '–' : formatDuration(ran / 1000)}</td>
      <td className={`num ink2 ${styles.ended}`}>{finishedAt === null ? '' : formatAgo(finishedAt, now)}</td>
    </tr>
  )
}
