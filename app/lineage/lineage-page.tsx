'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '../_shell/link.tsx'
import { useRouter, useSearchParams } from 'next/navigation'
import { chainOf, placeRuns } from '../../domain/life/lineage.ts'
import type { LineageRunView } from '../../contract/api/lineage.ts'
import { formatCount, plural } from '../_words/format.ts'
import { Ghost, LoadError } from '../_shell/load-states.tsx'
import { useTRPC } from '../_shell/trpc.ts'
import { EmptyLineage } from './empty-lineage.tsx'
import styles from './lineage.module.css'
import { LineageTree } from './lineage-tree.tsx'
import { RoundsTable } from './rounds-table.tsx'
import { Timeline } from './timeline.tsx'

/** How did we get here, and what helped? `?run=` names the end of the line that is shown, `?baseline=` what scores compare with. */
export function LineagePage() {
  const trpc = useTRPC()
  const router = useRouter()
  const address = useSearchParams()
  const baselineId = numberOf(address.get('baseline'))
  const wanted = numberOf(address.get('run'))
  const query = useQuery(trpc.lineage.get.queryOptions({ baselineId }, { placeholderData: keepPreviousData }))
  const baselines = useQuery(trpc.baselines.list.queryOptions()).data ?? []
  const runs = query.data?.runs

  if (query.isPending) return <Ghost lines={8} />
  if (!runs) return <LoadError error={query.error} what="lineage" retry={() => void query.refetch()} />
  if (runs.length === 0) return <EmptyLineage />

  const places = placeRuns(runs.map(({ id, parentId, round }) => ({ id, parentId, isRound: round !== null })))
  const byId = new Map(runs.map((run) => [run.id, run]))
  const chainTo = (id: number) => chainOf(places, id).map((one) => byId.get(one)!)
  const selected = byId.get(wanted ?? -1) ?? newestEnd(runs)
  const chain = chainTo(selected.id)
  const base = chain[0]!.base!
  const bases = [...new Set(runs.flatMap((run) => run.base ?? []))]
  const rounds = Math.max(0, ...chain.map((run) => run.round ?? 0))
  const baseline = baselines.find(({ id }) => id === baselineId)

  const go = (changes: Record<string, number | null>) => {
    const next = new URLSearchParams(address)
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) next.delete(key)
      else next.set(key, String(value))
    }
    router.replace(`/lineage${next.size > 0 ? `?${next}` : ''}`, { scroll: false })
  }
  const ends = (name: string) => runs.filter((run) => (chainTo(run.id)[0]?.base ?? null) === name)
  const exportOf = (format: string) =>
    `/export/lineage/${selected.id}.${format}${baselineId === null ? '' : `?baseline=${baselineId}`}`

  return (
    <>
      <div className="title">
        <h1>Lineage</h1>
        <span className="ink2">
          {base}
          {rounds > 0 && `, ${plural(rounds, 'round')}`}
        </span>
        <div className={`actions ${styles.actions}`}>
          {bases.length > 1 && (
            <select
              className={styles.choose}
              aria-label="Base model"
              value={base}
              onChange={(event) => go({ run: newestEnd(ends(event.target.value)).id })}
            >
              {bases.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
          <select
            className={styles.choose}
            aria-label="Baseline"
            value={baselineId ?? ''}
            onChange={(event) => go({ baseline: event.target.value === '' ? null : Number(event.target.value) })}
          >
            <option value="">Each sweep’s own baseline</option>
            {baselines.map(({ id, name }) => (
              <option key={id} value={id}>
                Baseline {name}
              </option>
            ))}
          </select>
          <a className="btn" href={exportOf('md')} download>
            Report
          </a>
          <a className="btn" href={exportOf('json')} download>
            JSON
          </a>
          {selected.chosen?.exists && (
            <a
              className="btn"
              href={`/export/checkpoints/${selected.chosen.id}.tar`}
              download
              title="The folder of the chosen checkpoint as a tar archive, with a model card"
            >
              Checkpoint
            </a>
          )}
          <NextRound run={selected} />
        </div>
      </div>
      <LineageTree
        runs={runs.filter((run) => chainTo(run.id)[0]?.base === base)}
        base={base}
        chain={chain}
        onSelect={(id) => go({ run: id })}
      />
      <p className={`small ink3 ${styles.legend}`}>
        Each box is a run and its picked checkpoint, or its best where none is picked; the chip is that checkpoint’s
        score against {baseline ? `the baseline ${baseline.name}` : 'the baseline of its sweep'}. On the line: what
        changed from the run before. Dashed chips rest on published figures that are known only rounded.
      </p>
      <Timeline chain={chain} baselineName={baseline?.name ?? null} />
      <RoundsTable chain={chain} base={base} />
    </>
  )
}

/** The newest run that nothing came from yet. */
function newestEnd(runs: LineageRunView[]): LineageRunView {
  const parents = new Set(runs.map((run) => run.parentId))
  const ends = runs.filter((run) => !parents.has(run.id))
  // a run that came from another says more than one that stands alone
  return ends.reduce((a, b) => {
    const [left, right] = [a.parentId !== null, b.parentId !== null]
    return left === right ? (b.id > a.id ? b : a) : left ? a : b
  })
}

function NextRound({ run: { chosen, imported } }: { run: LineageRunView }) {
  if (chosen === null) return null
  if (!chosen.exists) {
    return <span className="small ink3">{imported ? 'Published; no files to go on from.' : 'Its files are gone.'}</span>
  }
  return (
    <Link className="btn primary" href={`/sweeps/new?checkpoint=${chosen.id}`}>
      Start the next round{chosen.step !== null && ` from step ${formatCount(chosen.step)}`}
    </Link>
  )
}

function numberOf(text: string | null): number | null {
  return text !== null && /^\d+$/.test(text) ? Number(text) : null
}
