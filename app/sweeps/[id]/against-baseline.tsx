'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { AgainstBaselineView } from '../../../contract/api/baselines.ts'
import type { BenchmarkResult } from '../../../contract/api/checkpoints.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import { formatPercent, formatRatio, pointName } from '../../_words/format.ts'
import { againstWords, seedWords } from './against-words.ts'
import { showToast } from '../../_shell/toast.tsx'
import { useTRPC } from '../../_shell/trpc.ts'
import styles from './sweep.module.css'
import { ownValue } from '../../../domain/own-value.ts'
import { linearScale, whiskerPath } from '../../_charts/frame.tsx'

/** The best point on each benchmark of the baseline, and which baseline that is. */
export function AgainstBaselineSection({ sweep }: { sweep: SweepDetail }) {
  const trpc = useTRPC()
  const { bestPoint: best } = sweep
  const against = useQuery({
    ...trpc.sweeps.againstBaseline.queryOptions({ id: sweep.id }),
    enabled: best !== null,
  }).data
  if (!best) return null
  const { accuracies } = sweep.score.baseline
  const results = Object.entries(best.results).filter(([benchmark]) => ownValue(accuracies, benchmark) !== undefined)
  return (
    <section aria-labelledby="baseline-title">
      <div className="section-head">
        <h2 id="baseline-title">Best point against the baseline</h2>
        <span className="note">{pointName(best.params, sweep.axes)}</span>
      </div>
      {results.length > 0 ? (
        <Chart results={results} accuracies={accuracies} intervals={against?.baseline ?? {}} />
      ) : (
        <p className="ink2">Its accuracies are not known, only its score.</p>
      )}
      {results.length > 0 && <Key />}
      {against && results.length > 0 && (
        <p className={`small ink2 ${styles.againstWords}`}>
          {againstWords(against)} {seedWords(against)}
        </p>
      )}
      <div className={styles.baselineFoot}>
        <BaselineChooser sweep={sweep} />
        {sweep.rescored !== null && (
          <p className="note" role="status">
            Scores against it are being computed, {Math.floor(100 * sweep.rescored)} % done. Until then the list mixes
            both.
          </p>
        )}
      </div>
    </section>
  )
}

const [width, rowHeight, inset] = [360, 52, 4]

type ChartProps = {
  results: [string, BenchmarkResult][]
  accuracies: Record<string, number>
  /** Of the baseline's own accuracies. */
  intervals: AgainstBaselineView['baseline']
}

function Chart({ results, accuracies, intervals }: ChartProps) {
  const height = results.length * rowHeight + 24
  const x = linearScale([0, 1], [inset, width - inset])
  return (
    <svg className="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={labelOf(results, accuracies)}>
      {results.map(([benchmark, { accuracy, ratio, interval }], at) => {
        const top = at * rowHeight
        const line = top + 30
        const baseline = ownValue(accuracies, benchmark)!
        const itsInterval = ownValue(intervals, benchmark)
        return (
          <g key={benchmark}>
            <text className="ink" x={inset} y={top + 14}>
              {benchmark}
            </text>
            <text x={width - inset} y={top + 14} textAnchor="end">
              {accuracy === null ? (
                'no accuracy'
              ) : (
                <>
                  <tspan className={styles.value}>{formatPercent(accuracy)} %</tspan> against {formatPercent(baseline)}{' '}
                  %, ratio <tspan className={styles.value}>{formatRatio(ratio)}</tspan>
                </>
              )}
            </text>
            <path className="grid" d={`M${inset} ${line}H${width - inset}`} />
            {interval && (
              <path
                d={whiskerPath({ y: line }, [x(interval[0]), x(interval[1])], 4)}
                stroke="var(--ink-3)"
                strokeWidth="1.5"
              />
            )}
            {itsInterval && (
              <path
                d={whiskerPath({ y: line + 11 }, [x(itsInterval[0]), x(itsInterval[1])], 2)}
                stroke="var(--accent)"
                strokeWidth="1.5"
              />
            )}
            <path d={`M${x(baseline)} ${line - 8}v16`} stroke="var(--accent)" strokeWidth="2.5" />
            {accuracy !== null && <circle cx={x(accuracy)} cy={line} r="4" fill="var(--ink)" />}
          </g>
        )
      })}
      {[0, 25, 50, 75, 100].map((percent) => (
        <text
          key={percent}
          x={x(percent / 100)}
          y={height - 6}
          textAnchor={percent === 0 ? 'start' : percent === 100 ? 'end' : 'middle'}
        >
          {percent === 100 ? '100 %' : percent}
        </text>
      ))}
    </svg>
  )
}

function labelOf(results: [string, BenchmarkResult][], accuracies: Record<string, number>): string {
  return results
    .map(
      ([name, { accuracy }]) =>
        `${name} ${formatPercent(accuracy)} % against ${formatPercent(ownValue(accuracies, name) ?? null)} %`,
    )
    .join('; ')
}

function Key() {
  return (
    <p className="small ink3">
      <svg width="10" height="10" aria-hidden="true">
        <circle cx="5" cy="5" r="4" fill="var(--ink)" />
      </svg>{' '}
      best, with 95 % interval &nbsp;{' '}
      <svg width="6" height="12" aria-hidden="true" style={{ verticalAlign: '-2px' }}>
        <path d="M3 0v12" stroke="var(--accent)" strokeWidth="2.5" />
      </svg>{' '}
      baseline, with its own where its questions are known
    </p>
  )
}

/** Scores against another baseline: every score, interval and rank of the sweep is computed again. */
function BaselineChooser({ sweep }: { sweep: SweepDetail }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const baselines = useQuery(trpc.baselines.list.queryOptions()).data ?? []
  const { id, name, accuracies } = sweep.score.baseline
  const set = useMutation(
    trpc.sweeps.setBaseline.mutationOptions({
      onSuccess: () => void queryClient.invalidateQueries(trpc.sweeps.pathFilter()),
    }),
  )
  if (baselines.length === 0 || (baselines.length === 1 && baselines[0]!.id === id)) {
    return <p className="small ink3">{name ?? 'baseline of the sweep file'}</p>
  }
  const choose = (chosen: number) => {
    const before = id === null ? { id: sweep.id, accuracies } : { id: sweep.id, baselineId: id }
    set.mutate(
      { id: sweep.id, baselineId: chosen },
      {
        onSuccess: () =>
          showToast({
            text: `Scored against ${baselines.find((baseline) => baseline.id === chosen)?.name}`,
            undo: () => set.mutate(before),
          }),
      },
    )
  }
  return (
    <label className="chooser">
      <span>Baseline</span>
      <select value={id ?? ''} disabled={set.isPending} onChange={(event) => choose(Number(event.target.value))}>
        {id === null && <option value="">of the sweep file</option>}
        {baselines.map((baseline) => (
          <option key={baseline.id} value={baseline.id}>
            {baseline.name}
          </option>
        ))}
      </select>
    </label>
  )
}
