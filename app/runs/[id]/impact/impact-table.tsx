'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ImpactOrder, ImpactPage } from '../../../../contract/api/impact.ts'
import { linearScale } from '../../../_charts/frame.tsx'
import { Link } from '../../../_shell/link.tsx'
import { errorSentence, useTRPC } from '../../../_shell/trpc.ts'
import { formatCount } from '../../../_words/format.ts'
import { curvePath } from './impact-curves.tsx'
import styles from './impact.module.css'
import type { AskedImpact } from './use-impact-address.ts'

const orderWords: Record<ImpactOrder, string> = {
  highest: 'highest score first',
  lowest: 'lowest score first',
  closest: 'closest to the threshold first',
}

/** Every problem with its score, how sure that is, and its curve. */
export function ImpactTable({
  runId,
  asked: { order, ...measured },
  onOrder,
}: {
  runId: number
  asked: AskedImpact
  onOrder: (order: ImpactOrder) => void
}) {
  const trpc = useTRPC()
  const query = useInfiniteQuery(
    trpc.impact.page.infiniteQueryOptions({ id: runId, order, ...measured }, { getNextPageParam: (page) => page.next }),
  )
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? []
  return (
    <section className="section" aria-labelledby="problems-title">
      <div className="section-head">
        <h2 id="problems-title">Problems</h2>
        <div className="actions">
          <select aria-label="Order" value={order} onChange={(event) => onOrder(event.target.value as ImpactOrder)}>
            {Object.entries(orderWords).map(([key, words]) => (
              <option key={key} value={key}>
                {words}
              </option>
            ))}
          </select>
        </div>
      </div>
      {query.error && !query.data ? (
        <p className="error" role="alert">
          {errorSentence(query.error)}
        </p>
      ) : (
        <div className="table-wrap">
          <table className={styles.table}>
            <thead>
              <tr>
                <th className="num">Impact</th>
                <th className="num">± luck</th>
                <th>Reward by epoch</th>
                <th>Problem</th>
                <th>Answer</th>
                <th className="num">Responses</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.sampleId} row={row} runId={runId} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {query.hasNextPage && (
        <button type="button" className="btn" disabled={query.isFetching} onClick={() => void query.fetchNextPage()}>
          Show more
        </button>
      )}
    </section>
  )
}

const spark = { width: 96, height: 20 }

function Row({ row, runId }: { row: ImpactPage['rows'][number]; runId: number }) {
  const x = linearScale([0, row.rewards.length - 1], [2, spark.width - 2])
  const y = linearScale([0, 1], [spark.height - 2, 2])
  return (
    <tr>
      <td className={`num ${row.chosen ? styles.isChosen : ''}`}>{row.score.toFixed(3)}</td>
      <td className="num ink3">{row.deviation.toFixed(2)}</td>
      <td>
        <svg
          className={styles.spark}
          width={spark.width}
          height={spark.height}
          role="img"
          aria-label={row.rewards.map((reward) => reward.toFixed(2)).join(', ')}
        >
          <path className={row.chosen ? styles.chosen : styles.other} d={curvePath(row.rewards, x, y)} />
        </svg>
      </td>
      <td className={styles.prompt}>
        <Link className="row" href={`/runs/${runId}/rollouts?prompt=${row.sampleId}`}>
          {row.prompt}
        </Link>
      </td>
      <td className={styles.given}>{row.answer ?? <span className="ink3">not told</span>}</td>
      <td className="num">{formatCount(row.samples)}</td>
    </tr>
  )
}
