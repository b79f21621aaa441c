import type {
  AttemptStatus,
  CurriculumStatus,
  JobStatus,
  PointStatus,
  SweepStatus,
} from '../../domain/life/run-status.ts'

type AnyStatus = SweepStatus | CurriculumStatus | JobStatus | PointStatus | AttemptStatus

/** The word, and which of the seven shapes stands beside it. */
const looks: Record<
  AnyStatus,
  { word: string; shape: 'running' | 'waiting' | 'done' | 'failed' | 'paused' | 'cancelled' | 'stopped' }
> = {
  running: { word: 'Running', shape: 'running' },
  starting: { word: 'Starting', shape: 'running' },
  training: { word: 'Training', shape: 'running' },
  evaluating: { word: 'Evaluating', shape: 'running' },
  waiting: { word: 'Waiting', shape: 'waiting' },
  released: { word: 'Put back in the queue', shape: 'waiting' },
  done: { word: 'Done', shape: 'done' },
  scored: { word: 'Scored', shape: 'done' },
  failed: { word: 'Failed', shape: 'failed' },
  lost: { word: 'Lost', shape: 'failed' },
  paused: { word: 'Paused', shape: 'paused' },
  cancelled: { word: 'Cancelled', shape: 'cancelled' },
  stopped: { word: 'Stopped early', shape: 'stopped' },
}

/** The word for a status, as it stands beside its shape. */
export function statusWord(status: AnyStatus): string {
  return looks[status].word
}

/** The reason as it stands beside the status, whose word it does not repeat; empty where there is none. "Cancelled" needs none. */
export function reasonBeside(status: AnyStatus, error: string | null): string {
  if (error === null || status === 'cancelled') return ''
  const repeated = `${looks[status].word}: `
  return error.startsWith(repeated) ? error.slice(repeated.length) : error
}

/** A shape and a word. `words` replaces the word, e.g. "Training, 80 %". */
export function Status({ status, words }: { status: AnyStatus; words?: string }) {
  const { word, shape } = looks[status]
  return (
    <span className={`status ${shape}`}>
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
        {shapes[shape]}
      </svg>
      {words ?? word}
    </span>
  )
}

/** Whether an answer was right: the check of what is done, or the struck ring. */
export function RightIcon({ right }: { right: boolean }) {
  return (
    <svg width="14" height="14" viewBox="0 0 14 14" role="img" aria-label={right ? 'right' : 'wrong'}>
      {shapes[right ? 'done' : 'cancelled']}
    </svg>
  )
}

const ring = { cx: 7, cy: 7, r: 5.25, fill: 'none', stroke: 'currentColor', strokeWidth: 1.5 }
const shapes = {
  running: (
    <>
      <circle {...ring} strokeOpacity=".3" />
      <path
        className="turn"
        d="M7 1.75A5.25 5.25 0 0 1 12.25 7"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
      />
    </>
  ),
  waiting: <circle {...ring} strokeDasharray="2.1 2.02" />,
  done: (
    <>
      <circle cx="7" cy="7" r="6" fill="currentColor" />
      <path
        d="M4.2 7.2 6.2 9.1 9.9 5.2"
        fill="none"
        stroke="var(--bg)"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </>
  ),
  failed: (
    <>
      <path d="M7 1.6 13 12.2H1Z" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
      <path d="M7 5.6v3.1M7 10.2v.6" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" />
    </>
  ),
  paused: <path d="M4.5 2.5v9M9.5 2.5v9" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" />,
  stopped: (
    <>
      <circle {...ring} />
      <path d="M4.7 4.7h4.6v4.6H4.7Z" fill="currentColor" />
    </>
  ),
  cancelled: (
    <>
      <circle {...ring} />
      <path d="M3.4 10.6 10.6 3.4" stroke="currentColor" strokeWidth="1.5" />
    </>
  ),
}
