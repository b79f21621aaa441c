'use client'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import type { SweepDetail } from '../../../../server/views/sweeps.ts'
import { useTRPC } from '../../../_components/trpc.ts'
import { answerWords } from './parameter-words.ts'
import styles from './parameters.module.css'

/** On the sweep's page: which parameter mattered, in a sentence, and the way to its figures. */
export function ParametersAnswer({ sweep }: { sweep: SweepDetail }) {
  const trpc = useTRPC()
  const asked = sweep.counts.scored > 1
  const view = useQuery(trpc.sweeps.parameters.queryOptions({ id: sweep.id }, { enabled: asked })).data
  if (!asked) return null
  return (
    <p className={styles.short}>
      {view && <span>{answerWords(view)} </span>}
      <Link className="link" href={`/sweeps/${sweep.id}/parameters`}>
        Which parameter mattered
      </Link>
    </p>
  )
}
