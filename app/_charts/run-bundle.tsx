'use client'
import { replaceEqualDeep } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { memo, type ReactNode, useDeferredValue, useRef, useState } from 'react'
import { isSeed } from '../../domain/sweep/axes/seed-groups.ts'
import { Link } from '../_shell/link.tsx'
import { BundledCurves } from './bundled-curves.tsx'
import { type BundledRun, type Line, linesOf, nameOfRun } from './line-bundle.ts'
import styles from './run-bundle.module.css'
import type { BundleAsked } from './use-bundle-address.ts'

/** More lines than this cannot be told apart. */
export const mostRuns = 100

const noLines: readonly Line[] = []

/** A setting of the runs: its values in their order. */
export type BundleAxis = { name: string; values: readonly string[] }

type Props = {
  /** At most `mostRuns`. */
  runs: readonly BundledRun[]
  /** The settings that colour the lines and stand in the table. */
  axes: readonly BundleAxis[]
  metrics: readonly string[] | undefined
  asked: BundleAsked
  change: (changes: Partial<BundleAsked>) => void
  /** Stands before the filter: whose runs are drawn. */
  whose?: ReactNode
  /** What stands in the empty field of the filter; null: there is no filter. */
  example: string | null
  /** Why the filter cannot be read. */
  error: string | null
  /** The table's last column. */
  last?: { head: string; of: (line: Line) => string }
}

/** Many runs' curves over each other: in the colours of a setting, as means over seeds, with a table of the lines. */
export function RunBundle({ runs, axes, metrics, asked, change, whose, example, error, last }: Props) {
  const router = useRouter()
  const [pointed, setPointed] = useState<string | null>(null)
  const bySeed = seedGrouping(axes.map((axis) => axis.name))
  const colours = axes.filter((axis) => !(asked.grouped && isSeed(axis.name)))
  const colourBy =
    colours.find((axis) => axis.name === asked.colour) ?? (asked.colour === 'run' ? null : colours[0]) ?? null
  const lines = useUnchanged(
    linesOf(runs, {
      colourBy: colourBy?.name ?? null,
      values: colourBy?.values ?? [],
      groupOf: asked.grouped ? bySeed : null,
    }),
  )
  const columns = useUnchanged(axes.map(({ name }) => name))
  // the charts first: their curves are asked for once they stand, and the table is below them
  const listed = useDeferredValue(lines, noLines)
  return (
    <>
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
        {whose}
        {example !== null && (
          <input
            type="search"
            placeholder={example}
            aria-label="Filter the runs"
            value={asked.filter}
            onChange={(event) => change({ filter: event.target.value })}
          />
        )}
        {error && (
          <span className="error" role="alert">
            {error}
          </span>
        )}
      </div>
      {colourBy && <Key lines={lines} axis={colourBy.name} values={colourBy.values} />}
      {runs.length === 0 ? (
        <p className="ink3">No run passes this filter.</p>
      ) : (
        <BundledCurves
          metrics={metrics}
          lines={lines}
          pointed={pointed}
          onPoint={setPointed}
          onOpen={(line) => router.push(`/runs/${line.runs[0]!.id}`)}
        />
      )}
      <div className={`table-wrap ${styles.runs}`}>
        <table>
          <thead>
            <tr>
              <th>Line</th>
              {columns.map((name) => (
                <th key={name} className="num">
                  {name}
                </th>
              ))}
              {last && <th className="num">{last.head}</th>}
            </tr>
          </thead>
          <tbody>
            {listed.map((line) => (
              <Row
                key={line.key}
                line={line}
                columns={columns}
                last={last?.of(line)}
                pointed={line.key === pointed}
                onPoint={setPointed}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

type RowProps = {
  line: Line
  columns: readonly string[]
  last: string | undefined
  pointed: boolean
  onPoint: (key: string | null) => void
}

/** A line in the table; one that stays what it is is not drawn again when another is pointed at, or changes. */
const Row = memo(function Row({ line, columns, last, pointed, onPoint }: RowProps) {
  return (
    <tr
      className={pointed ? styles.pointed : undefined}
      onPointerEnter={() => onPoint(line.key)}
      onPointerLeave={() => onPoint(null)}
    >
      <td>
        <span className={styles.swatch} style={{ background: line.colour }} aria-hidden="true" />
        {line.runs.slice(0, 8).map((run) => (
          <Link key={run.id} className="link" href={`/runs/${run.id}`}>
            {nameOfRun(run)}
          </Link>
        ))}
      </td>
      {columns.map((name) => (
        <td key={name} className="num mono">
          {[...new Set(line.runs.map(({ params }) => params[name] ?? ''))].join(', ')}
        </td>
      ))}
      {last !== undefined && <td className="num">{last}</td>}
    </tr>
  )
})

/** The value, with all that is as it was in the drawing before as the very same. */
function useUnchanged<Value>(value: Value): Value {
  const before = useRef(value)
  before.current = replaceEqualDeep(before.current, value) as Value
  return before.current
}

/** A text that runs share which differ in nothing but their seed; null where no axis is a seed. */
function seedGrouping(axes: readonly string[]): ((run: BundledRun) => string) | null {
  if (!axes.some(isSeed)) return null
  return ({ params }) => JSON.stringify(Object.entries(params).filter(([name]) => !isSeed(name)))
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
