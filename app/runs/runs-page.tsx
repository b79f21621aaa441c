'use client'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { slashField, useFoundField } from '../_shell/keyboard.tsx'
import { Link } from '../_shell/link.tsx'
import { Ghost, LoadError } from '../_shell/load-states.tsx'
import { NamedViews } from '../_shell/named-views.tsx'
import { showToast } from '../_shell/toast.tsx'
import { useTRPC } from '../_shell/trpc.ts'
import { useHeldRows } from '../_tables/use-held-rows.ts'
import { plural } from '../_words/format.ts'
import { mostCompared } from '../../contract/api/compare.ts'
import { addressOf } from '../compare/address.ts'
import { HowToLog } from './how-to-log.tsx'
import { RunsTable } from './runs-table.tsx'
import { runsSearch, useRunsAddress } from './use-runs-address.ts'
import { ChooseWhose, whoseWords } from './whose-runs.tsx'
import styles from './runs.module.css'

const rowsAtOnce = 100
const mostRows = 1000

/** Runs that no sweep started, or all: what came in last, and which of them goes well? */
export function RunsPage() {
  const trpc = useTRPC()
  const [asked, change] = useRunsAddress()
  const [limit, setLimit] = useState(rowsAtOnce)
  const [ticked, setTicked] = useState<ReadonlySet<number>>(new Set())
  const filter = useDeferredValue(asked.filter)
  const projects = useQuery(trpc.ownRuns.projects.queryOptions())
  const { projectId, of, sort, descending } = asked
  const list = useQuery(
    trpc.runs.list.queryOptions(
      { of, ...(projectId !== null && { projectId }), filter, sort, descending, limit },
      { placeholderData: keepPreviousData },
    ),
  )
  const page = list.data
  const held = useHeldRows(page?.rows ?? [], ({ id }) => id)
  const find = useFoundField(!projects.isPending && !list.isPending)
  if (projects.isPending || list.isPending) return <Ghost lines={8} />
  if (!page) return <LoadError error={list.error} what="list of runs" retry={() => void list.refetch()} />
  const known = projects.data ?? []
  if (known.length === 0 && filter === '' && of === 'own') return <HowToLog alone />
  const chosen = page.rows.filter(({ id }) => ticked.has(id))
  const toggle = (id: number) =>
    setTicked((before) => {
      const next = new Set(before)
      if (!next.delete(id)) next.add(id)
      return next
    })
  const curvesOf =
    chosen.length > 0
      ? `ids=${chosen.map(({ id }) => id).join(',')}`
      : runsSearch({ ...asked, sort: 'started', descending: true })
  return (
    <>
      <div className="title">
        <h1>Runs</h1>
        <span className="ink2">
          {plural(page.total, 'run')}
          {whoseWords(asked, known)}
        </span>
        <div className="actions">
          <NamedViews page="/runs" />
          {chosen.length > 0 && chosen.every(({ own }) => own !== null) && (
            <DeleteRuns runs={chosen} onDone={() => setTicked(new Set())} />
          )}
          {chosen.length > 0 && (
            <Link
              className="btn"
              href={addressOf({ of: 'runs', ids: chosen.slice(0, mostCompared).map(({ id }) => id) })}
              title={`Settings, scores and curves side by side, of ${mostCompared} at most`}
            >
              {compareWords(chosen.length)}
            </Link>
          )}
          <Link className="btn primary" href={`/runs/curves?${curvesOf}`}>
            {chosen.length > 0 ? `Curves of these ${chosen.length}` : 'Curves'}
          </Link>
        </div>
      </div>
      <div className={styles.controls} role="group" aria-label="What is shown">
        <ChooseWhose
          whose={asked}
          projects={known}
          onChoose={(whose) => {
            setTicked(new Set())
            change({ ...whose, sort: 'started', descending: true })
          }}
        />
        <input
          {...slashField}
          ref={find}
          type="search"
          placeholder="loss < 0.5 and status = done"
          aria-label="Filter the runs"
          aria-invalid={page.error !== null}
          aria-describedby={page.error === null ? undefined : 'filter-error'}
          value={asked.filter}
          onChange={({ target }) => change({ filter: target.value })}
        />
        <span className="small ink3">Tick runs to compare them, or to see their curves over each other.</span>
      </div>
      {page.error && (
        <p className="error" role="alert" id="filter-error">
          {page.error}
        </p>
      )}
      {held.news > 0 && (
        <p className={styles.news} role="status">
          {plural(held.news, 'new run')},{' '}
          <button type="button" className="link" onClick={held.apply}>
            show
          </button>
        </p>
      )}
      {page.total === 0 && asked.filter.trim() === '' ? (
        <p className="ink3">No run has begun yet.</p>
      ) : page.total === 0 && page.error === null ? (
        <p className="ink3">
          No run passes this filter.{' '}
          <button type="button" className="link" onClick={() => change({ filter: '' })}>
            Show all
          </button>
        </p>
      ) : (
        <div {...held.holders}>
          <RunsTable
            rows={held.rows}
            withHome={projectId === null}
            asked={asked}
            onSort={(next, down) => change({ sort: next, descending: down })}
            ticked={ticked}
            onTick={toggle}
          />
        </div>
      )}
      {page.total > page.rows.length && limit < mostRows && (
        <p>
          <button
            type="button"
            className="btn"
            disabled={list.isFetching}
            onClick={() => setLimit(Math.min(mostRows, limit + rowsAtOnce))}
          >
            Show more of {page.total}
          </button>
        </p>
      )}
      <HowToLog />
    </>
  )
}

function compareWords(count: number): string {
  if (count === 1) return 'Compare with another'
  return count > mostCompared ? `Compare the first ${mostCompared}` : `Compare these ${count}`
}

/** Takes effect at once and can be taken back for 10 seconds. */
function DeleteRuns({ runs, onDone }: { runs: { id: number; name: string }[]; onDone: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const readAgain = () => {
    void queryClient.invalidateQueries(trpc.ownRuns.pathFilter())
    void queryClient.invalidateQueries(trpc.runs.list.pathFilter())
  }
  const restore = useMutation(trpc.ownRuns.restore.mutationOptions({ onSuccess: readAgain }))
  const ids = runs.map(({ id }) => id)
  const what = runs.length === 1 ? runs[0]!.name : plural(runs.length, 'run')
  const remove = useMutation(
    trpc.ownRuns.remove.mutationOptions({
      onSuccess: () => {
        readAgain()
        onDone()
        showToast({ text: `Deleted ${what}.`, undo: () => restore.mutate({ ids }) })
      },
    }),
  )
  return (
    <button type="button" className="btn" disabled={remove.isPending} onClick={() => remove.mutate({ ids })}>
      Delete {what}
    </button>
  )
}
