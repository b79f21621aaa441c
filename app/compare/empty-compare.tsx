'use client'
import { mostCompared } from '../../contract/api/compare.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '../_shell/link.tsx'
import { useRouter } from 'next/navigation'
import { useTRPC } from '../_shell/trpc.ts'
import { type AskedComparison, addressOf } from './address.ts'
import { ChooseCompared } from './choose-compared.tsx'
import styles from './compare.module.css'

/** Before there are two to compare: how one gets here, and the best two of the newest sweep as an offer. */
export function EmptyCompare({ asked }: { asked: AskedComparison }) {
  const trpc = useTRPC()
  const router = useRouter()
  const { data } = useQuery(trpc.compare.candidates.queryOptions({ of: 'checkpoints' }))
  const sweep = data?.chosen?.kind === 'sweep' ? data.chosen : null
  const best = sweep ? data!.listed.slice(0, 2) : []
  const tooMany = asked.ids.length > mostCompared
  const what = asked.of === 'runs' ? 'runs' : 'checkpoints'
  return (
    <>
      <div className="message">
        <h1>Compare</h1>
        {tooMany ? (
          <p>
            The address names {asked.ids.length} {what}; at most {mostCompared} can stand side by side.
          </p>
        ) : asked.ids.length === 1 ? (
          <p>One of two is chosen. Choose what it is compared with.</p>
        ) : (
          <p>
            Puts two to eight checkpoints or runs side by side: what differs in their settings, their curves, and
            question by question which of them was right. Choose rows in a sweep’s leaderboard, checkpoints of a run, or
            runs of their own, and press Compare.
          </p>
        )}
        <div className="actions">
          {tooMany ? (
            <Link className="btn primary" href={addressOf({ of: asked.of, ids: asked.ids.slice(0, mostCompared) })}>
              Compare the first {mostCompared}
            </Link>
          ) : (
            asked.ids.length === 0 &&
            best.length === 2 && (
              <Link className="btn primary" href={addressOf({ of: 'checkpoints', ids: best.map(({ id }) => id) })}>
                Compare the best two of {sweep?.name}
              </Link>
            )
          )}
          <Link className="btn" href={sweep ? `/sweeps/${sweep.id}` : '/'}>
            {sweep ? 'Choose in the leaderboard' : 'All sweeps'}
          </Link>
          {data?.homes.some(({ kind }) => kind === 'project') && asked.ids.length === 0 && (
            <Link className="btn" href="/runs">
              Choose among runs of their own
            </Link>
          )}
        </div>
        {data && asked.ids.length === 0 && best.length < 2 && (
          <p className="small">There are no two scored checkpoints yet.</p>
        )}
      </div>
      {asked.ids.length === 1 && (
        <div className={styles.narrow}>
          <ChooseCompared
            asked={asked}
            onChoose={(id) => router.replace(addressOf({ of: asked.of, ids: [...asked.ids, id] }))}
          />
        </div>
      )}
    </>
  )
}
