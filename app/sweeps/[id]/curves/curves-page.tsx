'use client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useDeferredValue, useEffect, useState } from 'react'
import { milestoneAxisName } from '../../../../domain/sweep/axes.ts'
import { isSeed } from '../../../../domain/sweep/seed-groups.ts'
import type { Line } from '../../../_charts/line-bundle.ts'
import { linesOf } from '../../../_charts/line-bundle.ts'
import { formatCount, formatScore, plural } from '../../../_words/format.ts'
import { Link } from '../../../_shell/link.tsx'
import { Ghost, LoadError } from '../../../_shell/load-states.tsx'
import { useTRPC } from '../../../_shell/trpc.ts'
import { Status } from '../../../_words/status.tsx'
import { BundledCurves } from './bundled-curves.tsx'
import styles from './curves-page.module.css'
import { mostRuns, runsOf, seedGrouping } from './runs-shown.ts'
import { useAddress } from './use-address.ts'

/** The curves of a sweep's runs over each other, in the colours of an axis. */
export function CurvesPage({ id }: { id: number }) {
  const trpc = useTRPC()
  const router = useRouter()
  const [asked, change] = useAddress()
  const [pointed, setPointed] = useState<string | null>(null)
  const filter = useDeferredValue(asked.filter)
  const summary = useQuery(trpc.sweeps.get.queryOptions({ id }))
  const points = useQuery({
    ...trpc.sweeps.points.queryOptions({ id, filter, limit: 1000 }),
    placeholderData: keepPreviousData,
  })
  const sweep = summary.data
  const name = sweep?.name
  useEffect(() => {
    if (name) document.title = `Curves · ${name} · Sweepboard`
  }, [name])

  if (summary.isPending || (points.isPending && !points.error)) return <Ghost lines={10} />
  if (!sweep) return <LoadError error={summary.error} what="sweep" retry={() => void summary.refetch()} />
  const milestone = milestoneAxisName(sweep.definition.axes)
  const axes = sweep.axes.filter((axis) => axis.name !== milestone && axis.values.length > 1)
  const found = runsOf(
    (points.data?.rows ?? []).map(({ point }) => point),
    milestone,
  )
  const runs = found.slice(0, mostRuns)
  const bySeed = seedGrouping(axes.map((axis) => axis.name))
  const colours = axes.filter((axis) => !(asked.grouped && isSeed(axis.name)))
  const colourBy =
    colours.find((axis) => axis.name === asked.colour) ?? (asked.colour === 'run' ? null : colours[0]) ?? null
  const lines = linesOf(runs, {
    colourBy: colourBy?.name ?? null,
    values: colourBy?.values ?? [],
    groupOf: asked.grouped ? bySeed : null,
  })
  const open = (line: Line) => router.push(`/runs/${line.runs[0]!.id}`)
  const isCut = found.length > mostRuns || (points.data?.total ?? 0) > (points.data?.rows.length ?? 0)
  return (
    <>
      <p className="crumb">
        <Link href="/">Sweeps</Link> / <Link href={`/sweeps/${id}`}>{sweep.name}</Link> /
      </p>
      <div className="title">
        <h1>Curves</h1>
        <Status status={sweep.status} />
        <span className="ink2">
          {isCut
            ? `the best ${formatCount(runs.length)} runs of ${formatCount(sweep.counts.trainings)}`
            : plural(runs.length, 'run')}
        </span>
      </div>
      <div className={styles.choices}>
        <label>
          Colour
          <select value={colourBy?.name ?? 'run'} onChange={(event) => change({ colour: event.target.value })}>
            {colours.map((axis) => (
              <option key={axis.name} value={axis.name}>
                {axis.name}
              </option>
            ))}
            <option value="run">each run its own</option>
          </select>
        </label>
        {bySeed && (
          <label>
            <input
              type="checkbox"
              checked={asked.grouped}
              onChange={(event) => change({ grouped: event.target.checked })}
            />
            Mean over seeds, with their band
          </label>
        )}
        <input
          type="search"
          placeholder="score > 1 and batch_size = 128"
          aria-label="Filter the runs"
          value={asked.filter}
          onChange={(event) => change({ filter: event.target.value })}
        />
        {points.data?.error && (
          <span className="error" role="alert">
            {points.data.error}
          </span>
        )}
      </div>
      {colourBy && <Key lines={lines} axis={colourBy.name} values={colourBy.values} />}
      {runs.length === 0 ? (
        <p className="ink3">No run passes this filter.</p>
      ) : (
        <BundledCurves sweepId={id} lines={lines} pointed={pointed} onPoint={setPointed} onOpen={open} />
      )}
      <div className={`table-wrap ${styles.runs}`}>
        <table>
          <thead>
            <tr>
              <th>Line</th>
              {axes.map((axis) => (
                <th key={axis.name} className="num">
                  {axis.name}
                </th>
              ))}
              <th className="num">Best score</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr
                key={line.key}
                className={line.key === pointed ? styles.pointed : undefined}
                onPointerEnter={() => setPointed(line.key)}
                onPointerLeave={() => setPointed(null)}
              >
                <td>
                  <span className={styles.swatch} style={{ background: line.colour }} aria-hidden="true" />
                  {line.runs.slice(0, 8).map((run) => (
                    <Link key={run.id} className="link" href={`/runs/${run.id}`}>
                      run {run.number}
                    </Link>
                  ))}
                </td>
                {axes.map((axis) => (
                  <td key={axis.name} className="num mono">
                    {[...new Set(line.runs.map(({ params }) => params[axis.name] ?? ''))].join(', ')}
                  </td>
                ))}
                <td className="num">{formatScore(bestOf(line, found))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

function bestOf({ runs }: Line, found: ReturnType<typeof runsOf>): number | null {
  const ids = new Set(runs.map(({ id }) => id))
  return found.reduce<number | null>(
    (best, { id, score }) => (ids.has(id) && score !== null && score > (best ?? -Infinity) ? score : best),
    null,
  )
}

/** Which colour is which value. */
function Key({ lines, axis, values }: { lines: readonly Line[]; axis: string; values: readonly string[] }) {
  const colours = new Map(lines.map((line) => [line.runs[0]!.params[axis], line.colour]))
  const shown = values.filter((value) => colours.has(value))
  const few = shown.length <= 12 ? shown : [shown[0]!, shown[Math.floor(shown.length / 2)]!, shown.at(-1)!]
  return (
    <p className={`small ink2 ${styles.key}`}>
      <span className="mono">{axis}</span>
      {few.map((value, at) => (
        <span key={value}>
          {few.length < shown.length && at > 0 && '… '}
          <span className={styles.swatch} style={{ background: colours.get(value) }} aria-hidden="true" />
          <span className="mono">{value}</span>
        </span>
      ))}
    </p>
  )
}
