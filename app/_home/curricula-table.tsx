'use client'
import { useQuery } from '@tanstack/react-query'
import type { CurriculumSummary } from '../../contract/api/curricula.ts'
import { Link } from '../_shell/link.tsx'
import { useTRPC } from '../_shell/trpc.ts'
import { formatDay } from '../_words/format.ts'
import { Status } from '../_words/status.tsx'
import { useNow } from '../_words/use-now.ts'
import styles from './home.module.css'

/** How many of the newest curricula the home page lists. */
const mostShown = 5

/** The newest curricula above the sweeps, which are their stages; nothing where there are none. */
export function CurriculaTable() {
  const trpc = useTRPC()
  const curricula = useQuery(trpc.curricula.list.queryOptions({ limit: mostShown })).data ?? []
  const now = useNow(30)
  if (curricula.length === 0) return null
  return (
    <section className={styles.curricula}>
      <h2>Curricula</h2>
      <ul>
        {curricula.map((curriculum) => (
          <li key={curriculum.id}>
            <Link className="row" href={`/curricula/${curriculum.id}`}>
              {curriculum.name}
            </Link>
            <Status status={curriculum.status} />
            <span className="small ink2">{placeWords(curriculum, now)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function placeWords({ stages, stagesDone, current, status, finishedAt }: CurriculumSummary, now: number): string {
  const done = `${stagesDone} of ${stages} stages done`
  if (status === 'done') return finishedAt === null ? done : `${done}, ${formatDay(finishedAt, now)}`
  return current === null ? done : `${done}, at ${current.name}`
}
