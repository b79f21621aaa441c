'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { CurriculumView } from '../../../contract/api/curricula.ts'
import { Ghost, LoadError } from '../../_shell/load-states.tsx'
import { Link } from '../../_shell/link.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import { formatDay, formatDuration } from '../../_words/format.ts'
import { Status } from '../../_words/status.tsx'
import { useNow } from '../../_words/use-now.ts'
import { CurriculumActions } from './curriculum-actions.tsx'
import { StagesTable } from './stages-table.tsx'
import styles from './curriculum.module.css'

/** Which stage is it at, what was picked, and what stands in its way? */
export function CurriculumPage({ id }: { id: number }) {
  const trpc = useTRPC()
  const query = useQuery(trpc.curricula.get.queryOptions({ id }))
  const curriculum = query.data
  const name = curriculum?.name
  useEffect(() => {
    if (name) document.title = `${name} · Sweepboard`
  }, [name])

  if (query.isPending) return <Ghost />
  if (!curriculum) return <LoadError error={query.error} what="curriculum" retry={() => query.refetch()} />
  return (
    <>
      <p className="crumb">
        <Link href="/">Sweeps</Link> /
      </p>
      <div className="title">
        <h1>{curriculum.name}</h1>
        <Status status={curriculum.status} />
        <CurriculumActions curriculum={curriculum} />
      </div>
      <div className={styles.facts}>
        <span>
          <b>
            {curriculum.stagesDone} of {curriculum.stages.length}
          </b>{' '}
          stages done
        </span>
        <Clock curriculum={curriculum} />
      </div>
      <Reason curriculum={curriculum} />
      <StagesTable curriculum={curriculum} />
      <section className="section" aria-label="File and folder">
        <details>
          <summary>The file, and where it runs</summary>
          <p className={`small ink2 ${styles.directory}`}>
            Commands run in <code>{curriculum.directory}</code>.
          </p>
          <pre className={styles.file} tabIndex={0} aria-label="The curriculum as a file">
            {curriculum.source}
          </pre>
        </details>
      </section>
    </>
  )
}

function Clock({ curriculum }: { curriculum: CurriculumView }) {
  const now = useNow(10)
  const { createdAt, finishedAt, status } = curriculum
  if (finishedAt === null) return <span>started {formatDuration((now - createdAt) / 1_000)} ago</span>
  const verb = status === 'done' ? 'took' : 'after'
  return (
    <span>
      {formatDay(finishedAt, now)}, {verb} {formatDuration((finishedAt - createdAt) / 1_000)}
    </span>
  )
}

/** Why it does not go on, whether the curriculum says so or the sweep of its stage. */
function Reason({ curriculum }: { curriculum: CurriculumView }) {
  const stage = curriculum.stages.find(({ sweep, picked }) => sweep !== null && picked === null)
  const paused = curriculum.status === 'running' && stage?.sweep?.status === 'paused' ? stage.sweep.pauseReason : null
  const reason = curriculum.reason ?? (paused === null ? null : `Stage ${stage!.name} is paused: ${paused}`)
  if (reason === null) return null
  return (
    <p className={`${styles.reason} ${curriculum.status === 'failed' ? styles.failed : ''}`} role="status">
      {reason}
    </p>
  )
}
