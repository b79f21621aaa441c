'use client'
import type { ListedRun } from '../../contract/api/listed-runs.ts'
import { formatValue } from '../_charts/curve-data.ts'
import { Link } from '../_shell/link.tsx'
import { formatAgo, formatCount, formatScore } from '../_words/format.ts'
import { LongValue } from '../_words/long-value.tsx'
import { OwnStatus } from '../_words/own-status.tsx'
import { Status } from '../_words/status.tsx'
import { useNow } from '../_words/use-now.ts'
import { runsDescendFirst, type RunsAsked } from './use-runs-address.ts'
import styles from './runs.module.css'

type Props = {
  rows: ListedRun[]
  /** Whether runs of several projects or sweeps may stand here. */
  withHome: boolean
  asked: RunsAsked
  onSort: (sort: string, descending: boolean) => void
  ticked: ReadonlySet<number>
  onTick: (id: number) => void
}

/** A row a run: how it stands, the settings that differ, the newest values of the first metrics. */
export function RunsTable({ rows, withHome, asked, onSort, ticked, onTick }: Props) {
  const now = useNow(10)
  const settings = [...new Set(rows.flatMap(({ params }) => Object.keys(params)))]
  const withScore = rows.some(({ score }) => score !== null)
  const metrics = [...new Set(rows.flatMap((row) => Object.keys(row.metrics)))]
  const head = (sort: string, words: string, isFigure = false) => (
    <th
      className={isFigure ? 'num' : undefined}
      aria-sort={asked.sort === sort ? (asked.descending ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        className={styles.sort}
        onClick={() => onSort(sort, asked.sort === sort ? !asked.descending : runsDescendFirst(sort))}
      >
        {words}
        {asked.sort === sort && (asked.descending ? ' ↓' : ' ↑')}
      </button>
    </th>
  )
  return (
    <div className="table-wrap">
      <table className={styles.runs} aria-label="Runs">
        <thead>
          <tr>
            <th>
              <span className="sr">Tick</span>
            </th>
            {head('name', 'Run')}
            {withHome && <th>{rows.some(({ home }) => home.kind === 'sweep') ? 'Of' : 'Project'}</th>}
            <th>Status</th>
            {settings.map((name) => (
              <th key={name} className="num">
                <button
                  type="button"
                  className={`${styles.sort} mono`}
                  onClick={() =>
                    onSort(`setting:${name}`, asked.sort === `setting:${name}` ? !asked.descending : false)
                  }
                >
                  {name}
                  {asked.sort === `setting:${name}` && (asked.descending ? ' ↓' : ' ↑')}
                </button>
              </th>
            ))}
            {metrics.map((name) => (
              <th key={name} className="num">
                <button
                  type="button"
                  className={styles.sort}
                  onClick={() => onSort(`metric:${name}`, asked.sort === `metric:${name}` ? !asked.descending : true)}
                >
                  {name}
                  {asked.sort === `metric:${name}` && (asked.descending ? ' ↓' : ' ↑')}
                </button>
              </th>
            ))}
            {withScore && head('score', 'Score', true)}
            {head('step', 'Step', true)}
            {head('heard', 'Heard', true)}
          </tr>
        </thead>
        <tbody>
          {rows.map((run) => (
            <tr key={run.id}>
              <td>
                <input
                  type="checkbox"
                  aria-label={`Tick ${run.name}`}
                  checked={ticked.has(run.id)}
                  onChange={() => onTick(run.id)}
                />
              </td>
              <td className={styles.name}>
                <Link className="row" href={`/runs/${run.id}`}>
                  {run.name}
                </Link>
                <div className="small ink3">{belowName(run)}</div>
              </td>
              {withHome && (
                <td>
                  <Link className="link" href={run.own ? `/runs?project=${run.home.id}` : `/sweeps/${run.home.id}`}>
                    {run.home.name}
                  </Link>
                </td>
              )}
              <td className="nowrap">
                {run.own ? (
                  <OwnStatus run={{ status: run.status, heardAt: run.own.heardAt }} now={now} />
                ) : (
                  <Status status={run.status} />
                )}
              </td>
              {settings.map((name) => (
                <td key={name} className="num mono">
                  <LongValue text={run.params[name] ?? ''} most={24} fixed />
                </td>
              ))}
              {metrics.map((name) => (
                <td key={name} className="num">
                  {name in run.metrics ? formatValue(run.metrics[name]!) : ''}
                </td>
              ))}
              {withScore && <td className="num">{formatScore(run.score)}</td>}
              <td className="num">{run.lastStep === null ? '' : formatCount(run.lastStep)}</td>
              <td className="num ink2 nowrap">{run.own && formatAgo(run.own.heardAt, now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Its group, job type, tags and the run that it is a part of. */
function belowName({ parent, group, jobType, tags }: ListedRun): string {
  return [parent && `in ${parent.name}`, group, jobType, ...tags].filter(Boolean).join(', ')
}
