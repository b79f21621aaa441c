'use client'
import { useQuery } from '@tanstack/react-query'
import { usePathname } from 'next/navigation'
import { Link } from './link.tsx'
import type { SystemView } from '../../contract/api/system.ts'
import { slotWords } from '../_words/format.ts'
import { BrandIcon } from './icons.tsx'
import { useTRPC } from './trpc.ts'

const places = [
  {
    href: '/',
    title: 'Sweeps',
    holds: (path: string, isOwn: boolean) => path === '/' || (/^\/(sweeps|runs\/\d|curricula)\b/.test(path) && !isOwn),
  },
  {
    href: '/runs',
    title: 'Runs',
    holds: (path: string, isOwn: boolean) => path === '/runs' || path === '/runs/curves' || isOwn,
  },
  { href: '/leaderboard', title: 'Leaderboard', holds: (path: string) => path.startsWith('/leaderboard') },
  { href: '/lineage', title: 'Lineage', holds: (path: string) => path.startsWith('/lineage') },
  { href: '/compare', title: 'Compare', holds: (path: string) => path.startsWith('/compare') },
  { href: '/baselines', title: 'Baselines', holds: (path: string) => path.startsWith('/baselines') },
  { href: '/alerts', title: 'Alerts', holds: (path: string) => path.startsWith('/alerts') },
]

/** The frame's head: the brand, the places, and how much of the machine is busy. */
export function TopBar() {
  const path = usePathname()
  const trpc = useTRPC()
  const system = useQuery(trpc.system.get.queryOptions()).data
  // what the page knows of its run by now; nothing is asked for it here
  const runId = Number(/^\/runs\/(\d{1,15})\b/.exec(path)?.[1] ?? 0)
  const run = useQuery(trpc.runs.get.queryOptions({ id: runId }, { enabled: false })).data
  const isOwn = runId > 0 && run?.sweep === null
  return (
    <>
      {system?.problem && (
        <p className="banner problem" role="alert">
          Nothing new is started: {system.problem}
        </p>
      )}
      {system?.held && (
        <p className="banner" role="status">
          {system.held.what} kept the server busy for {(system.held.milliseconds / 1000).toFixed(1)} s; pages had to
          wait.
        </p>
      )}
      <header className="top">
        <Link className="brand" href="/" aria-label="Sweepboard">
          <BrandIcon />
          <span>Sweepboard</span>
        </Link>
        <nav className="nav" aria-label="Main">
          {places.map((place) => (
            <Link key={place.href} href={place.href} aria-current={place.holds(path, isOwn) ? 'page' : undefined}>
              {place.title}
            </Link>
          ))}
        </nav>
        {system && <BusySlots system={system} />}
      </header>
    </>
  )
}

function BusySlots({ system }: { system: SystemView }) {
  const busy = system.slots.filter((slot) => slot.held !== null).length
  return (
    <Link className="gpus" href="/where" title="Where it runs">
      {system.slots.length <= 32 && (
        <span className="slots" aria-hidden="true">
          {system.slots.map((slot) => (
            <i key={slot.id} className={slot.held ? 'on' : undefined} title={slot.held?.sweepName} />
          ))}
        </span>
      )}
      <span>
        {busy} of {slotWords(system.slots.length, system.slotKind)}
        <span className="words"> busy</span>
      </span>
    </Link>
  )
}
