'use client'
import type { ListedOwnRun } from '../../contract/api/own-runs.ts'
import { formatValue } from '../_charts/curve-data.ts'
import { Link } from '../_shell/link.tsx'
import { formatAgo, formatCount } from '../_words/format.ts'
import { LongValue } from '../_words/long-value.tsx'
import { OwnStatus } from '../_words/own-status.tsx'
import { useNow } from '../_words/use-now.ts'
import { ownRunsDescendFirst, type RunsAsked } from './use-runs-address.ts'
import styles from './runs.module.css'

type Props = {
  rows: ListedOwnRun[]
  withProject: boolean
  asked: RunsAsked
  onSort: (sort: string, descending: boolean) => void
  ticked: ReadonlySet<number>
  onTick: (id: number) => void
}

/** A row a run: how it stands, the settings that differ, the newest values of the first metrics. */
export function RunsTable({ rows, withProject, asked, onSort, ticked, onTick }: Props) {
  const now = useNow(10)
  const settings = [...new Set(rows.flatMap(({ params }) => Object.keys(params)))]
  const metrics = [...new Set(rows.flatMap((row) => Object.keys(row.metrics)))]
  const head = (sort: string, words: string, isFigure = false) => (
    <th
      className={isFigure ? 'num' : undefined}
      aria-sort={asked.sort === sort ? (asked.descending ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        className={styles.sort}
        onClick={() => onSort(sort, asked.sort === sort ? !asked.descending : ownRunsDescendFirst(sort))}
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
            {withProject && <th>Project</th>}
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
              {withProject && (
                <td>
                  <Link className="link" href={`/runs?project=${run.project.id}`}>
                    {run.project.name}
                  </Link>
                </td>
              )}
              <td className="nowrap">
                <OwnStatus run={run} now={now} />
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
              <td className="num">{run.lastStep === null ? '' : formatCount(run.lastStep)}</td>
              <td className="num ink2 nowrap">{formatAgo(run.heardAt, now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Its group, job type, tags and the run that it is a part of. */
function belowName({ parent, group, jobType, tags }: ListedOwnRun): string {
  return [parent && `in ${parent.name}`, group, jobType, ...tags].filter(Boolean).join(', ')
}
