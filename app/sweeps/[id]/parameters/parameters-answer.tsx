'use client'
import { useQuery } from '@tanstack/react-query'
import { Link } from '../../../_shell/link.tsx'
import { isSweepFinished } from '../../../../domain/life/run-status.ts'
import type { SweepDetail } from '../../../../contract/api/sweeps.ts'
import { useTRPC } from '../../../_shell/trpc.ts'
import { askAgainWhilePending } from './ask-again.ts'
import { answerWords } from './parameter-words.ts'
import styles from './parameters.module.css'

/** On the sweep's page: which parameter mattered, in a sentence, and the way to its figures. */
export function ParametersAnswer({ sweep }: { sweep: SweepDetail }) {
  const trpc = useTRPC()
  const several = sweep.counts.scored > 1
  // while scores come in, a forest would be grown anew for each: that time is the trainings'
  const ended = isSweepFinished(sweep.status)
  const view = useQuery(
    trpc.sweeps.parameters.queryOptions({ id: sweep.id }, { enabled: several && ended, ...askAgainWhilePending }),
  ).data
  if (!several) return null
  return (
    <p className={styles.short}>
      {view && !view.pending && <span>{answerWords(view)} </span>}
      <Link className="link" href={`/sweeps/${sweep.id}/parameters`}>
        Which parameter mattered
      </Link>
    </p>
  )
}
