'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useDeferredValue, useEffect, useRef, useState } from 'react'
import { FileDrop } from '../_components/file-drop.tsx'
import { findField } from '../_components/keyboard.tsx'
import { Ghost, LoadError } from '../_components/load-states.tsx'
import { useTRPC } from '../_components/trpc.ts'
import { BusyNow } from './busy-now.tsx'
import { EmptyHome } from './empty-home.tsx'
import { ExampleOffers } from './example-offers.tsx'
import { SweepTable } from './sweep-table.tsx'
import styles from './home.module.css'

/** What is going on, and does anything need me? */
export function SweepsPage() {
  const trpc = useTRPC()
  const [typed, setTyped] = useState('')
  const search = useDeferredValue(typed.trim())
  const find = useRef<HTMLInputElement>(null)
  const list = useQuery(
    trpc.sweeps.list.queryOptions({ search: search || undefined }, { placeholderData: keepPreviousData }),
  )

  // `/` on a page without a field to find in comes here; the field is drawn once the list was read
  useEffect(() => {
    if (location.hash === '#find') find.current?.focus()
  }, [list.isPending])

  if (list.isPending) return <Ghost />
  if (list.isError && !list.data)
    return <LoadError error={list.error} what="list of sweeps" retry={() => list.refetch()} />
  const sweeps = list.data ?? []
  if (sweeps.length === 0 && search === '' && typed === '') {
    return (
      <>
        <FileDrop />
        <EmptyHome />
      </>
    )
  }
  return (
    <>
      <FileDrop />
      <div className="title">
        <h1>Sweeps</h1>
        <div className="actions">
          <input
            {...findField}
            ref={find}
            className={styles.find}
            type="search"
            placeholder="Find a sweep"
            aria-label="Find a sweep"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setTyped('')
            }}
          />
          <Link className="btn primary" href="/sweeps/new">
            New sweep
          </Link>
        </div>
      </div>
      <BusyNow />
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
      {search === '' && sweeps.length <= 3 && <ExampleOffers />}
    </>
  )
}
