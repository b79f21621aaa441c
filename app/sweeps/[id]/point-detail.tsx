import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Fragment } from 'react'
import { Link } from '../../_shell/link.tsx'
import type { BenchmarkResult, CheckpointRef } from '../../../contract/api/checkpoints.ts'
import type { PointView } from '../../../contract/api/points.ts'
import type { SweepDetail } from '../../../contract/api/sweeps.ts'
import {
  chanceWords,
  formatCount,
  formatInterval,
  formatPercent,
  formatRatio,
  formatScore,
  mostOfValue,
  partialWords,
  pointName,
  progressWords,
  valueOn,
} from '../../_words/format.ts'
import { showToast } from '../../_shell/toast.tsx'
import { errorSentence, useTRPC } from '../../_shell/trpc.ts'
import { formatValue } from '../../_charts/curve-data.ts'
import { othersOf } from './leaderboard-frame.tsx'
import { CopyButton } from '../../_files/copy-button.tsx'
import { Status, statusWord } from '../../_words/status.tsx'
import { useCheckpointChanges } from '../../_checkpoints/use-checkpoint.ts'
import { Whisker, whiskerDomain } from '../../_charts/whisker.tsx'
import { LongValue } from '../../_words/long-value.tsx'
import styles from './sweep.module.css'
import { ownValue } from '../../../domain/own-value.ts'

type Props = { point: PointView; sweep: SweepDetail; pinned: boolean; onPin: (pointId: number | null) => void }

/** One point in full: its score, how it stands to the best, every benchmark, and the run and checkpoint behind it. */
export function PointDetail({ point, sweep, pinned, onPin }: Props) {
  const domain = whiskerDomain([{ score: null, interval: sweep.inShort.extremes }])
  return (
    <>
      <div className={styles.detailHead}>
        <span className="mono">
          {sweep.axes.map(({ name, milestone }, at) => (
            <Fragment key={name}>
              {at > 0 && ' · '}
              {milestone && `${name} `}
              <LongValue text={valueOn(point.params, name)} most={mostOfValue} />
            </Fragment>
          ))}
        </span>
        {pinned && (
          <button type="button" className="btn quiet sm" onClick={() => onPin(null)}>
            Let go
          </button>
        )}
      </div>
      {point.score === null ? (
        <Unscored point={point} />
      ) : (
        <>
          <div className={styles.detailScore}>
            <span className="big">{formatScore(point.score)}</span>
            <div>
              {point.interval && <Whisker score={point.score} interval={point.interval} domain={domain} width={128} />}
              <span className="interval">
                {sweep.objective
                  ? sweep.objective.metric
                  : point.interval
                    ? `${formatInterval(point.interval)}, 95 %`
                    : 'no interval'}
              </span>
            </div>
          </div>
          <p className="ink2">{standing(point, sweep)}</p>
          <Others point={point} sweep={sweep} />
          {point.asked !== null && <Partial point={point} />}
        </>
      )}
      {Object.keys(point.results).length > 0 && (
        <div className={styles.benchmarksScroll}>
          <Benchmarks point={point} sweep={sweep} />
        </div>
      )}
      <p className={styles.origin}>
        {sweep.origin === 'imported' && point.checkpoint === null ? (
          <span className="ink3">Published; nothing was trained here.</span>
        ) : (
          <Link className="link" href={`/runs/${point.runId}`}>
            Run {point.runNumber}
          </Link>
        )}
        {point.attempt > 1 && <span className="ink3">attempt {point.attempt}</span>}
        {point.checkpoint?.step != null && <span className="ink3">step {formatCount(point.checkpoint.step)}</span>}
      </p>
      {point.checkpoint && <Choice checkpoint={point.checkpoint} name={pointName(point.params, sweep.axes)} />}
      {point.checkpoint?.path && (
        <p className={styles.path}>
          <code title={point.checkpoint.path}>{point.checkpoint.path}</code>
          <CopyButton text={point.checkpoint.path} label="Copy the checkpoint's path" />
        </p>
      )}
    </>
  )
}

/** What it came to in the other objectives, and which constraints it breaks. */
function Others({ point, sweep }: { point: PointView; sweep: SweepDetail }) {
  const { objectives } = sweep.definition
  const values = othersOf(sweep).map(({ metric, at }) => `${metric} ${formatValue(point.objectives[at] ?? null)}`)
  return (
    <>
      {objectives && (
        <p className="ink2">
          {values.join(', ')}
          {point.onFront ? '. On the front: no other point is better in all objectives.' : ''}
        </p>
      )}
      {point.broken !== null && <p className={styles.failed}>Breaks a constraint: {point.broken}</p>}
    </>
  )
}

/** Of one that its race gave up: how far it was asked, and the way to the rest. */
function Partial({ point }: { point: PointView }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const finish = useMutation(
    trpc.sweeps.finishEvaluation.mutationOptions({
      onSuccess: () => {
        showToast({ text: 'The questions that it was not asked are in the queue.' })
        void queryClient.invalidateQueries(trpc.sweeps.pathFilter())
      },
    }),
  )
  return (
    <div className={styles.partialNote}>
      <p className="ink2">{partialWords(point)}.</p>
      <button
        type="button"
        className="btn sm"
        disabled={finish.isPending}
        onClick={() => finish.mutate({ pointId: point.id })}
      >
        Finish its evaluation
      </button>
      {finish.isError && (
        <p className="error" role="alert">
          {errorSentence(finish.error)}
        </p>
      )}
    </div>
  )
}

/** Picking its checkpoint, and going on from it. */
function Choice({ checkpoint, name }: { checkpoint: CheckpointRef; name: string }) {
  const { togglePick } = useCheckpointChanges()
  return (
    <p className={`actions ${styles.choice}`}>
      <button
        type="button"
        className="btn sm"
        aria-pressed={checkpoint.picked}
        onClick={() => togglePick(checkpoint, name)}
      >
        {checkpoint.picked ? 'Picked' : 'Pick'}
      </button>
      {checkpoint.path !== null && (
        <Link className="btn sm" href={`/sweeps/new?checkpoint=${checkpoint.id}`}>
          Start the next round
        </Link>
      )}
    </p>
  )
}

function Unscored({ point }: { point: PointView }) {
  const share = progressWords(point.progress)
  return (
    <div className={styles.unscored}>
      <Status status={point.status} words={[statusWord(point.status), share].filter(Boolean).join(', ')} />
      {point.error && point.status !== 'cancelled' && <p className="ink2">{point.error}</p>}
      {!point.error && point.status === 'waiting' && <p className="ink2">Its training has not started yet.</p>}
    </div>
  )
}

/** How the point stands to the best, in a sentence. */
/** Where the metric's value was logged. */
function atStep({ scoreStep }: PointView): string {
  return scoreStep === null ? '' : `, logged at step ${formatCount(scoreStep)}`
}

function standing(point: PointView, sweep: SweepDetail): string {
  const best = sweep.best
  const only = sweep.counts.scored === 1
  const chance =
    point.chanceOfBest === null || only ? '' : ` Chance of being the best: ${chanceWords(point.chanceOfBest)}.`
  const rounded = point.rounded ? ' A published figure, known only rounded.' : ''
  if (!best || best.pointId === point.id)
    return `${only ? 'The only score.' : `The best of ${formatCount(sweep.counts.scored)} scored.`}${chance}${rounded}`
  const distance = formatScore(Math.abs(best.score - point.score!))
  // of one that is out of the question how far from the best it is means nothing
  if (point.broken !== null) return 'Not ranked.'
  if (sweep.objective)
    return `${distance} ${sweep.objective.goal === 'minimize' ? 'above' : 'below'} the best${atStep(point)}. How much of that is luck one run each cannot say.`
  if (point.tiedWithBest)
    return `${distance} below the best, and cannot be told from it with these questions.${chance}${rounded}`
  if (point.interval === null) {
    return `${distance} below the best. How many questions it rests on is not known, so neither is how sure that is.${rounded}`
  }
  return `${distance} below the best, and clearly below.${chance}${rounded}`
}

function Benchmarks({ point, sweep }: { point: PointView; sweep: SweepDetail }) {
  const baseline = sweep.score.baseline.accuracies
  return (
    <table className={styles.benchmarks} aria-label="Benchmarks">
      <thead>
        <tr>
          <th>Benchmark</th>
          <th className="num">Correct</th>
          <th className="num">Accuracy</th>
          <th className="num">Baseline</th>
          <th className="num">Ratio</th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(point.results).map(([name, result]) => (
          <tr key={name} title={result.error ?? undefined}>
            <td>{name}</td>
            <td className="num">
              <Correct result={result} />
            </td>
            <td className="num">
              {result.error ? <span className={styles.failed}>none</span> : percent(result.accuracy)}
            </td>
            <td className="num ink2">{percent(ownValue(baseline, name) ?? null)}</td>
            <td className="num strong">{formatRatio(result.ratio)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Correct({ result }: { result: BenchmarkResult }) {
  if (result.correct === null || result.total === null) return <span className="ink3">–</span>
  const derived = result.counts === 'derived'
  return (
    <span title={derived ? 'From the accuracy and the number of questions' : undefined}>
      {derived && '≈\u200a'}
      {formatCount(result.correct)}
      <span className="ink3"> / {formatCount(result.total)}</span>
    </span>
  )
}

function percent(accuracy: number | null): string {
  return accuracy === null ? '–' : `${formatPercent(accuracy)} %`
}
