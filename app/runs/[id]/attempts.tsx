'use client'
import type { AttemptView } from '../../../contract/api/jobs.ts'
import type { RunDetail } from '../../../contract/api/runs.ts'
import { formatCount, formatDuration } from '../../_words/format.ts'
import { placeWords } from '../../_words/place.ts'
import { Status } from '../../_words/status.tsx'
import { useNow } from '../../_words/use-now.ts'
import type { LogSource } from './run-log.tsx'
import styles from './run.module.css'

/** The processes of the training, newest first, and why each ended. `onLog` null: there is none to see. */
export function Attempts({ run, onLog }: { run: RunDetail; onLog: ((source: LogSource) => void) | null }) {
  const now = useNow(10)
  if (run.attempts.length === 0) return null
  const newestFirst = run.attempts.toReversed()
  return (
    <div className={styles.attempts}>
      <div className="section-head">
        <h2>Attempts</h2>
      </div>
      <div className="table-wrap">
        <table>
          <thead>
            <tr>
              <th className="num">#</th>
              <th>Status</th>
              <th>Steps</th>
              <th className={styles.wide}>{run.attempts.some(({ place }) => place !== null) ? 'Where' : 'Slots'}</th>
              <th className="num">Took</th>
              <th>
                <span className="sr">Log</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {newestFirst.map((attempt) => (
              <tr key={attempt.number}>
                <td className="num">{attempt.number}</td>
                <td>
                  <Status
                    status={isQueued(attempt) ? 'waiting' : attempt.status}
                    words={isQueued(attempt) ? 'Queued' : undefined}
                  />
                </td>
                <td>{stepsWords(attempt)}</td>
                <td className={styles.wide}>
                  {attempt.place === null ? attempt.slots.join(', ') : placeWords(attempt.place)}
                </td>
                <td className="num">
                  {attempt.startedAt === null || isQueued(attempt)
                    ? '–'
                    : formatDuration(((attempt.finishedAt ?? now) - attempt.startedAt) / 1_000)}
                </td>
                <td className="num">
                  {onLog && (
                    <button
                      type="button"
                      className="link small"
                      aria-label={`Log of attempt ${attempt.number}`}
                      onClick={() => onLog({ attempt: attempt.number })}
                    >
                      log
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {newestFirst.map((attempt) => {
        const words = attemptWords(attempt, run)
        return (
          words && (
            <p className={`small ink2 ${styles.reason}`} key={attempt.number}>
              {words}
            </p>
          )
        )
      })}
    </div>
  )
}

/** A cluster has it, and has not begun it. */
function isQueued({ status, place }: AttemptView): boolean {
  return status === 'starting' && place !== null
}

function stepsWords({ firstStep, lastStep }: AttemptView): string {
  if (firstStep === null || lastStep === null) return '–'
  return firstStep === lastStep ? formatCount(firstStep) : `${formatCount(firstStep)} to ${formatCount(lastStep)}`
}

/** Why the attempt ended and where it began, where there is more to say than its status. */
function attemptWords(attempt: AttemptView, run: RunDetail): string | null {
  const parts: string[] = []
  if (attempt.resumedFrom !== null) {
    const checkpoint = run.checkpoints.find(({ path }) => path === attempt.resumedFrom)
    const place =
      checkpoint?.step != null ? `the checkpoint at step ${formatCount(checkpoint.step)}` : attempt.resumedFrom
    parts.push(`Attempt ${attempt.number} went on from ${place}.`)
  }
  // the status says already that somebody stopped it, but not what a cluster did
  const asked = attempt.status === 'cancelled' || (attempt.status === 'released' && attempt.place === null)
  if (attempt.error !== null && !asked)
    parts.push(`${parts.length > 0 ? 'It ended' : `Attempt ${attempt.number}`}: ${attempt.error}`)
  else if (attempt.exitCode !== null && attempt.exitCode !== 0 && !asked)
    parts.push(`Attempt ${attempt.number} left with exit code ${attempt.exitCode}.`)
  else if (attempt.signal !== null && !asked) parts.push(`Attempt ${attempt.number} was ended by ${attempt.signal}.`)
  return parts.length > 0 ? parts.join(' ') : null
}
