'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '../_shell/link.tsx'
import { useTRPC } from '../_shell/trpc.ts'
import { plural } from '../_words/format.ts'
import { runsSearch } from '../runs/use-runs-address.ts'
import styles from './home.module.css'

const mostFound = 8

/** Runs of their own whose name holds what is looked for; nothing where there are none. */
export function FoundRuns({ search }: { search: string }) {
  const trpc = useTRPC()
  const filter = nameHolds(search)
  const found = useQuery(
    trpc.runs.list.queryOptions(
      { filter, settings: 0, limit: mostFound },
      { placeholderData: keepPreviousData, enabled: filter !== '' },
    ),
  ).data
  if (filter === '' || found === undefined || found.error !== null || found.total === 0) return null
  const all = runsSearch({ projectId: null, of: 'own', filter, sort: 'started', descending: true })
  return (
    <section className="section" aria-labelledby="found-runs-title">
      <div className="section-head">
        <h2 id="found-runs-title">Runs of their own</h2>
        {found.total > mostFound && (
          <Link className="link" href={`/runs?${all}`}>
            All {plural(found.total, 'run')}
          </Link>
        )}
      </div>
      <ul className={styles.found}>
        {found.rows.map(({ id, name, home }) => (
          <li key={id}>
            <Link className="link" href={`/runs/${id}`}>
              {name}
            </Link>{' '}
            <span className="ink3">of {home.name}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** A filter for names that hold the text; a quote mark cannot stand in one, so what is around it is looked for. */
function nameHolds(text: string): string {
  const parts = text.split('"').filter((part) => part.trim() !== '')
  return parts.map((part) => `name ~ "${part}"`).join(' and ')
}
