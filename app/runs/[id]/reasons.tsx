'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef } from 'react'
import type { MetricRole } from '../../../domain/score/metric-roles.ts'
import {
  levelValues,
  longRatio,
  lowEntropyRatio,
  manyTruncated,
  type Level,
  type PickReasons,
  trendValues,
} from '../../../domain/score/pick-reasons.ts'
import type { Trend } from '../../../domain/stats/trend.ts'
import type { CheckpointView } from '../../../contract/api/checkpoints.ts'
import type { CheckpointReasons } from '../../../contract/api/reasons.ts'
import type { RunDetail } from '../../../contract/api/runs.ts'
import { formatValue } from '../../_charts/curve-data.ts'
import { chanceWords, formatCount, listWords } from '../../_words/format.ts'
import { useTRPC } from '../../_shell/trpc.ts'
import styles from './reasons.module.css'

const minus = '\u2212'
const signed = (text: string) => text.replace(/^-/, minus)
const number = (value: number) => signed(formatValue(value))
const score = (value: number, decimals: number) => signed(value.toFixed(decimals))
const share = (value: number) => `${(100 * value).toFixed(value > 0 && value < 0.01 ? 2 : 1)}\u00a0%`

type Column = {
  name: string
  roles: MetricRole[]
  cell: (reasons: CheckpointReasons, best: boolean) => ReactNode
}

const columns: Column[] = [
  {
    name: 'Against the best',
    roles: [],
    cell: ({ fromBest }, best) => <FromBest fromBest={fromBest} best={best} />,
  },
  { name: 'Reward', roles: ['reward'], cell: ({ reward }) => reward && <Reward reward={reward} /> },
  {
    name: 'Response length',
    roles: ['length'],
    cell: ({ length, reward }) => length && <Length length={length} withSteps={reward === null} />,
  },
  {
    name: 'Entropy',
    roles: ['entropy'],
    cell: ({ entropy }) =>
      entropy && <LevelWords level={entropy} marked={entropy.isLow ? 'low' : null} words={number} />,
  },
  { name: 'KL', roles: ['kl'], cell: ({ kl }) => kl && <LevelWords level={kl} words={number} /> },
  {
    name: 'Clip fraction',
    roles: ['clip'],
    cell: ({ clip }) => clip && <LevelWords level={clip} words={share} />,
  },
  {
    name: 'Cut off',
    roles: ['truncated'],
    cell: ({ truncated }) =>
      truncated && <LevelWords level={truncated} marked={truncated.isMany ? 'many' : null} words={share} />,
  },
]

/** What the figures say at each checkpoint, in the order of the table above. They are there to be checked; they choose nothing. */
export function Reasons({
  run,
  checkpoints,
  nameOf,
}: {
  run: RunDetail
  /** Those that the table above shows. */
  checkpoints: CheckpointView[]
  nameOf: (checkpoint: CheckpointView) => string
}) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { id } = run
  const query = useQuery(trpc.runs.reasons.queryOptions({ id }, { staleTime: Infinity }))
  // what comes after a checkpoint changes none of its figures: they are read again when there is another, or another score
  const known = run.checkpoints.map((checkpoint) => `${checkpoint.id} ${checkpoint.score}`).join()
  const read = useRef(known)
  useEffect(() => {
    if (read.current === known) return
    read.current = known
    void queryClient.invalidateQueries(trpc.runs.reasons.queryFilter({ id }))
  }, [known, queryClient, id, trpc])
  if (!query.data) return null
  const { metrics } = query.data
  const byId = new Map(query.data.checkpoints.map((reasons) => [reasons.id, reasons]))
  const shown = columns.filter(({ roles, cell }) =>
    roles.length === 0
      ? query.data.checkpoints.some(({ fromBest }) => fromBest !== null)
      : query.data.checkpoints.some((reasons) => cell(reasons, false) !== null),
  )
  if (shown.length === 0) return null
  const sources = shown.flatMap(({ roles }) => roles.flatMap((role) => metrics[role] ?? []))
  return (
    <div className={styles.reasons}>
      <h3 id="reasons-title">What the figures say</h3>
      <div className="table-wrap">
        <table className={styles.table} aria-labelledby="reasons-title">
          <thead>
            <tr>
              <th>Checkpoint</th>
              {shown.map(({ name }) => (
                <th key={name}>{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {checkpoints.map((checkpoint) => {
              const reasons = byId.get(checkpoint.id)
              return (
                <tr key={checkpoint.id}>
                  <td className="strong">{nameOf(checkpoint)}</td>
                  {shown.map(({ name, cell }) => (
                    <td key={name} data-label={name}>
                      {(reasons && cell(reasons, checkpoint.best)) ?? <span className="ink3">–</span>}
                    </td>
                  ))}
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      <p className={styles.how}>
        {sources.length > 0 && (
          <>
            A figure is the median of the last {levelValues} values up to the checkpoint, from that of the first{' '}
            {levelValues}. A trend is a straight line through the last third of the values so far, {trendValues} at
            least; its 95 % interval allows for neighbouring steps being alike. Marked are a length from {longRatio}{' '}
            times the start on (steps cost that much more, and responses meet the cut-off), an entropy at{' '}
            {lowEntropyRatio} of its start or below (samples of a prompt are mostly the same) and more than{' '}
            {100 * manyTruncated} % cut off: conventions, not laws. Taken from {listWords(sources)}.{' '}
          </>
        )}
        The difference from the best score has the noise of both; the best was chosen for being highest, so that its
        lead is rather smaller than it looks.
      </p>
    </div>
  )
}

function FromBest({ fromBest, best }: { fromBest: CheckpointReasons['fromBest']; best: boolean }) {
  if (fromBest === null) return best ? <span className="ink3">the best</span> : null
  const { difference, interval, chanceOfBetter } = fromBest
  return (
    <>
      <span>
        {score(difference, 3)}{' '}
        <span className="ink3">
          ({score(interval[0], 2)} to {score(interval[1], 2)})
        </span>
      </span>
      <span className={styles.words}>
        {interval[1] >= 0 ? 'cannot be told from it' : 'below it'}; chance of being better {chanceWords(chanceOfBetter)}
      </span>
    </>
  )
}

const rewardWords = { rising: 'rising', falling: 'falling', flat: 'cannot be told from flat' } as const

function Reward({ reward: { value, trend, state } }: { reward: NonNullable<PickReasons['reward']> }) {
  return (
    <>
      <span>
        {number(value)} <b className={styles.state}>{rewardWords[state]}</b>
      </span>
      <TrendWords trend={trend} />
    </>
  )
}

function Length({ length, withSteps }: { length: NonNullable<PickReasons['length']>; withSteps: boolean }) {
  return (
    <>
      <LevelWords level={length} marked={length.isLong ? 'long' : null} words={number} />
      {length.growth && <TrendWords trend={length.growth} withSteps={withSteps} />}
    </>
  )
}

function TrendWords({ trend: { slope, interval, from, to }, withSteps = true }: { trend: Trend; withSteps?: boolean }) {
  return (
    <span className={styles.words}>
      {number(100 * slope)} per 100 steps ({number(100 * interval[0])} to {number(100 * interval[1])})
      {withSteps && `, steps ${formatCount(from)} to ${formatCount(to)}`}
    </span>
  )
}

/** The figure at the checkpoint and at the start. */
function LevelWords({
  level: { value, start },
  words,
  marked = null,
}: {
  level: Level
  words: (value: number) => string
  marked?: string | null
}) {
  return (
    <span>
      {words(value)}
      {marked !== null && <b className={styles.marked}> {marked}</b>}
      {(value !== 0 || start !== 0) && <span className="ink3"> from {words(start)}</span>}
    </span>
  )
}
