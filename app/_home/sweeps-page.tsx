'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { Link } from '../_shell/link.tsx'
import { OpenDroppedFile } from '../_files/file-drop.tsx'
import { slashField, useFoundField } from '../_shell/keyboard.tsx'
import { Ghost, LoadError } from '../_shell/load-states.tsx'
import { useTRPC } from '../_shell/trpc.ts'
import { BusyNow } from './busy-now.tsx'
import { CurriculaTable } from './curricula-table.tsx'
import { EmptyHome } from './empty-home.tsx'
import { ExampleOffers } from './example-offers.tsx'
import { FoundRuns } from './found-runs.tsx'
import { SweepTable } from './sweep-table.tsx'
import styles from './home.module.css'

/** Sweeps that the page shows first, that “Show more” adds, and that it shows in all: older ones are found by name. */
const sweepsAtFirst = 50
const mostSweeps = 950

/** What is going on, and does anything need me? */
export function SweepsPage() {
  const trpc = useTRPC()
  const [typed, setTyped] = useState('')
  const search = useDeferredValue(typed.trim())
  const [most, setMost] = useState(sweepsAtFirst)
  const list = useQuery(
    trpc.sweeps.list.queryOptions(
      // one more than is shown says whether there are others
      { search: search || undefined, limit: most + 1 },
      { placeholderData: keepPreviousData },
    ),
  )

  const find = useFoundField(!list.isPending)

  if (list.isPending) return <Ghost />
  if (list.isError && !list.data)
    return <LoadError error={list.error} what="list of sweeps" retry={() => list.refetch()} />
  const sweeps = (list.data ?? []).slice(0, most)
  const more = (list.data?.length ?? 0) > sweeps.length
  if (sweeps.length === 0 && search === '' && typed === '') {
    return (
      <>
        <OpenDroppedFile />
        <EmptyHome />
      </>
    )
  }
  return (
    <>
      <OpenDroppedFile />
      <div className="title">
        <h1>Sweeps</h1>
        <div className="actions">
          <input
            {...slashField}
            ref={find}
            className={styles.find}
            type="search"
            placeholder="Find a sweep or a run"
            aria-label="Find a sweep or a run of its own"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setTyped('')
            }}
          />
          <Link className="btn" href="/curricula/new">
            New curriculum
          </Link>
          <Link className="btn primary" href="/sweeps/new">
            New sweep
          </Link>
        </div>
      </div>
      <BusyNow />
      {search === '' && <CurriculaTable />}
      {sweeps.length > 0 ? (
        <SweepTable sweeps={sweeps} />
      ) : (
        <p className={styles.nothing}>
          No sweep is called “{search}”.{' '}
          <button type="button" className="link" onClick={() => setTyped('')}>
            Show all
          </button>
        </p>
      )}
      {search !== '' && <FoundRuns search={search} />}
      {more && most < mostSweeps && (
        <p className={styles.nothing}>
          <button
            type="button"
            className="btn"
            disabled={list.isFetching}
            onClick={() => setMost(Math.min(mostSweeps, most + sweepsAtFirst))}
          >
            Show more
          </button>
        </p>
      )}
      {search === '' && sweeps.length <= 3 && <ExampleOffers />}
    </>
  )
}
