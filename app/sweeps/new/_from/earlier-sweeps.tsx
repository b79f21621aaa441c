'use client'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../../_shell/trpc.ts'
import styles from '../new-sweep.module.css'

/** Fills the form from a sweep that was defined before. */
export function EarlierSweeps({ onChoose }: { onChoose: (id: number) => void }) {
  const trpc = useTRPC()
  const sweeps = useQuery(trpc.sweeps.list.queryOptions({})).data ?? []
  if (sweeps.length === 0) return null
  return (
    <select
      className={`btn ${styles.earlier}`}
      aria-label="Start from an earlier sweep"
      value=""
      onChange={(event) => onChoose(Number(event.target.value))}
    >
      <option value="" disabled>
        Start from an earlier sweep
      </option>
      {sweeps.map((sweep) => (
        <option key={sweep.id} value={sweep.id}>
          {sweep.name}
        </option>
      ))}
    </select>
  )
}
