import { isJobLive } from '../../../domain/life/run-status.ts'
import type { RunDetail } from '../../../contract/api/runs.ts'
import styles from './run.module.css'

const words = {
  'goes on': 'Goes on',
  stopped: 'Stopped early',
  spared: 'Let go on by you after it was stopped early',
} as const

/** Whether the run's error is what was decided of it, which stands here: nothing went wrong. */
export function tellsJudgement({ status, stopReason, held }: RunDetail): boolean {
  return (
    status === 'stopped' || held !== null || (isJobLive(status) && (stopReason === 'early' || stopReason === 'hold'))
  )
}

/** How it was judged before its end, a sentence each; and what it waits for. */
export function Judged({ run }: { run: RunDetail }) {
  const sentences = run.judged.map(({ verdict, reason }) => `${words[verdict]}: ${reason}`)
  // given up by its search: no rung says why
  const isTold = sentences.some((sentence) => sentence === run.error)
  if (run.error !== null && tellsJudgement(run) && !isTold) sentences.push(run.error)
  if (sentences.length === 0) return null
  return (
    <div className={`small ink2 ${styles.why}`}>
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  )
}
