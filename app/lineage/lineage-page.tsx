'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '../_shell/link.tsx'
import { useRouter, useSearchParams } from 'next/navigation'
import { useMemo } from 'react'
import { chainOf, placeRuns } from '../../domain/life/lineage.ts'
import type { LineageRunView } from '../../contract/api/lineage.ts'
import { type TreeRun, treeRuns } from './lineage-words.ts'
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
  const query = useQuery(trpc.lineage.tree.queryOptions({ baselineId }, { placeholderData: keepPreviousData }))
  const baselines = useQuery(trpc.baselines.list.queryOptions()).data ?? []
  const tree = query.data
  const runs = useMemo(() => tree && treeRuns(tree), [tree])
  const places = useMemo(() => placeRuns((runs ?? []).map(placed)), [runs])
  const selected = runs?.find(({ id }) => id === wanted) ?? newestEnd(runs ?? [])
  const lineQuery = useQuery(
    trpc.lineage.line.queryOptions(
      { runId: selected?.id ?? 0, baselineId },
      { enabled: selected !== undefined, placeholderData: keepPreviousData },
    ),
  )

  if (query.isPending) return <Ghost lines={8} />
  if (!runs) return <LoadError error={query.error} what="lineage" retry={() => void query.refetch()} />
  if (selected === undefined) return <EmptyLineage />

  const byId = new Map(runs.map((run) => [run.id, run]))
  const chain = chainOf(places, selected.id)
  const baseOf = (id: number) => byId.get(chainOf(places, id)[0]!)!.base!
  const base = baseOf(selected.id)
  const bases = [...new Set(runs.flatMap((run) => run.base ?? []))]
  const rounds = Math.max(0, ...chain.map((id) => byId.get(id)!.round ?? 0))
  const line = lineQuery.data ?? []
  const end = line.at(-1)
  const baseline = baselines.find(({ id }) => id === baselineId)

  const go = (changes: Record<string, number | null>) => {
    const next = new URLSearchParams(address)
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) next.delete(key)
      else next.set(key, String(value))
    }
    router.replace(`/lineage${next.size > 0 ? `?${next}` : ''}`, { scroll: false })
  }
  const ofBase = (name: string) => runs.filter((run) => baseOf(run.id) === name)
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
              onChange={(event) => go({ run: newestEnd(ofBase(event.target.value))!.id })}
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
          <a className="btn" href={exportOf('html')} download title="One HTML file that opens anywhere, to hand on">
            Page
          </a>
          <a className="btn" href={exportOf('json')} download>
            JSON
          </a>
          {end?.chosen?.exists && (
            <a
              className="btn"
              href={`/export/checkpoints/${end.chosen.id}.tar`}
              download
              title="The folder of the chosen checkpoint as a tar archive, with a model card"
            >
              Checkpoint
            </a>
          )}
          {end && <NextRound run={end} />}
        </div>
      </div>
      <LineageTree runs={ofBase(base)} base={base} chain={chain} onSelect={(id) => go({ run: id })} />
      <p className={`small ink3 ${styles.legend}`}>
        Each box is a run and its picked checkpoint, or its best where none is picked; the chip is that checkpoint’s
        score against {baseline ? `the baseline ${baseline.name}` : 'the baseline of its sweep'}. On the line: what
        changed from the run before. Dashed chips rest on published figures that are known only rounded.
      </p>
      {line.length > 0 ? (
        <>
          <Timeline chain={line} baselineName={baseline?.name ?? null} />
          <RoundsTable chain={line} base={base} />
        </>
      ) : (
        <Ghost lines={8} />
      )}
    </>
  )
}

const placed = ({ id, parentId, round }: TreeRun) => ({
  id,
  parentId: parentId ?? null,
  isRound: round !== undefined,
})

/** The newest run that nothing came from yet; one that came from another says more than one that stands alone. */
function newestEnd(runs: TreeRun[]): TreeRun | undefined {
  const parents = new Set(runs.map((run) => run.parentId))
  const ends = runs.filter((run) => !parents.has(run.id)).toSorted((a, b) => b.id - a.id)
  return ends.find((run) => run.parentId !== undefined) ?? ends[0]
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
