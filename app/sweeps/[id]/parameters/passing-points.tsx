import { Link } from '../../../_shell/link.tsx'
import type { ParallelView, ParametersView } from '../../../../contract/api/parameters.ts'
import { formatCount, formatPercent, formatScore } from '../../../_words/format.ts'
import { Whisker, whiskerDomain } from '../../../_charts/whisker.tsx'
import { measureTitle } from './parameter-words.ts'
import styles from './parameters.module.css'

/** More are listed on the sweep's page. */
export const mostRows = 50

type Props = {
  view: ParametersView
  points: ParallelView
  passing: number[]
  total: number
  pointed: number | null
  onPoint: (place: number | null) => void
}

/** The best of the points within the ranges; pointing at a row shows its line. */
export function PassingPoints({ view, points, passing, total, pointed, onPoint }: Props) {
  const rows = passing.slice(0, mostRows)
  const intervalOf = (at: number): [number, number] | null => {
    const [low, high] = [points.low[at] ?? null, points.high[at] ?? null]
    return low === null || high === null ? null : [low, high]
  }
  const domain = whiskerDomain(rows.map((at) => ({ score: points.scores[at]!, interval: intervalOf(at) })))
  if (rows.length === 0) return <p className="ink2">No point lies within the ranges.</p>
  return (
    <>
      <p className={`small ink3 ${styles.foot}`}>
        {total > rows.length
          ? `The best ${rows.length} of ${formatCount(total)}; the sweep’s page lists all of them.`
          : 'Best first.'}
      </p>
      <div className="table-wrap">
        <table aria-label="Points within the ranges">
          <thead>
            <tr>
              {view.axes.map((axis) => (
                <th key={axis.name} className="num">
                  {axis.name}
                </th>
              ))}
              <th className="num">{measureTitle(view)}</th>
              {view.objective === null && <th>95 % interval, line at 1.0</th>}
              {points.benchmarks.map((name) => (
                <th key={name} className="num">
                  {name}, %
                </th>
              ))}
              <th className="num">Run</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((at) => (
              <tr
                key={points.ids[at]}
                className={at === pointed ? 'is-open' : undefined}
                onPointerEnter={() => onPoint(at)}
                onPointerLeave={() => onPoint(null)}
                onFocus={() => onPoint(at)}
                onBlur={() => onPoint(null)}
              >
                {view.axes.map((axis, of) => (
                  <td key={axis.name} className="num mono">
                    {axis.values[axis.order[points.ranks[of]![at]!]!]}
                  </td>
                ))}
                <td className="num score">{formatScore(points.scores[at]!)}</td>
                {view.objective === null && (
                  <td>
                    <Whisker score={points.scores[at]!} interval={intervalOf(at)} domain={domain} width={120} />
                  </td>
                )}
                {points.benchmarks.map((name, of) => (
                  <td key={name} className="num">
                    {formatPercent(points.accuracies[of]![at] ?? null)}
                  </td>
                ))}
                <td className="num">
                  <Link className="link" href={`/runs/${points.runIds[at]}`}>
                    run {points.runNumbers[at]}
                  </Link>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
