'use client'
import { useEffect, useRef, useState } from 'react'
import type { JobView } from '../../../contract/api/jobs.ts'
import { measurementNumber } from '../../../domain/sweep/measured-baseline.ts'
import type { RunDetail } from '../../../contract/api/runs.ts'
import { formatCount } from '../../_words/format.ts'
import { saveText } from '../../_files/save-text.ts'
import { errorSentence, useTRPCClient } from '../../_shell/trpc.ts'
import { LogFinder, useLogPlaces } from './log-finder.tsx'
import { plainLines, toneOf } from '../../_files/log-text.ts'
import styles from './run.module.css'
import { useLog } from '../../_files/use-log.ts'

/** Which attempt's log: of the training, or of one of its evaluations. */
export type LogSource = { attempt: number; evaluationJobId?: number }

type Stream = 'stdout' | 'stderr'
type Choice = LogSource & { key: string; label: string; failed: boolean }

const keyOf = (source: LogSource) => `${source.evaluationJobId ?? 'training'}/${source.attempt}`

/** What the run itself did. */
function wordOf({ number }: RunDetail): string {
  return number === measurementNumber ? 'Evaluation' : 'Training'
}

function choicesOf(run: RunDetail): { training: Choice[]; evaluations: Choice[] } {
  const training = run.attempts
    .map(({ number, status }) => ({
      attempt: number,
      key: keyOf({ attempt: number }),
      label: `${wordOf(run)}, attempt ${number}`,
      failed: status === 'failed',
    }))
    .toReversed()
  const evaluations = run.checkpoints.flatMap(({ step, epoch, evaluation, repeats }) => {
    const place = step !== null ? `step ${formatCount(step)}` : epoch !== null ? `epoch ${epoch}` : 'the checkpoint'
    const choices = (job: JobView, again: string) =>
      job.attempts.map(({ number, status }) => {
        const source = { attempt: number, evaluationJobId: job.id }
        const label = `Evaluation of ${place}${again}, attempt ${number}`
        return { ...source, key: keyOf(source), label, failed: status === 'failed' }
      })
    const repeated = (repeats?.jobs ?? []).toReversed()
    return [
      ...(evaluation ? choices(evaluation, '') : []),
      ...repeated.flatMap((job, at) => choices(job, repeated.length > 1 ? ` again (${at + 1})` : ' again')),
    ]
  })
  return { training, evaluations: evaluations.toReversed() }
}

type Props = { run: RunDetail; source: LogSource | null; onSource: (source: LogSource | null) => void }

/** What the training and its evaluations print, as they print it. Follows while one looks at its end. */
export function RunLog({ run, source, onSource }: Props) {
  const [asked, setStream] = useState<Stream | null>(null)
  const { training, evaluations } = choicesOf(run)
  const choices = [...training, ...evaluations]
  // without a choice: always the newest attempt of the training
  const chosen = (source && choices.find((choice) => choice.key === keyOf(source))) ?? training[0]
  // what a program says as it fails goes to stderr as a rule
  const stream = asked ?? (chosen?.failed ? 'stderr' : 'stdout')
  return (
    <div id="log" className={styles.anchor}>
      <div className="section-head">
        <h2>Log</h2>
        {choices.length > 0 && (
          <div className={styles.logChoice}>
            <select
              aria-label="Whose log"
              value={chosen?.key}
              onChange={(event) => onSource(choices.find((choice) => choice.key === event.target.value) ?? null)}
            >
              <optgroup label={wordOf(run)}>
                {training.map((choice) => (
                  <option key={choice.key} value={choice.key}>
                    {choice.label}
                  </option>
                ))}
              </optgroup>
              {evaluations.length > 0 && (
                <optgroup label="Evaluations">
                  {evaluations.map((choice) => (
                    <option key={choice.key} value={choice.key}>
                      {choice.label}
                    </option>
                  ))}
                </optgroup>
              )}
            </select>
            <select aria-label="Stream" value={stream} onChange={(event) => setStream(event.target.value as Stream)}>
              <option>stdout</option>
              <option>stderr</option>
            </select>
          </div>
        )}
      </div>
      {chosen ? (
        <LogText
          key={`${run.id}/${chosen.key}/${stream}`}
          run={run}
          source={chosen}
          failed={chosen.failed}
          stream={stream}
          onStream={setStream}
        />
      ) : (
        <p className={`ink3 ${styles.noLog}`}>Nothing was printed: the training has not started yet.</p>
      )}
    </div>
  )
}

type TextProps = {
  run: RunDetail
  source: LogSource
  failed: boolean
  stream: Stream
  onStream: (stream: Stream) => void
}

function LogText({ run, source, failed, stream, onStream }: TextProps) {
  const client = useTRPCClient()
  const { attempt, evaluationJobId } = source
  const log = useLog([run.id, attempt, evaluationJobId, stream].join('/'), (offset, signal) =>
    client.runs.log.query({ id: run.id, attempt, stream, offset, evaluationJobId }, { signal }),
  )
  const [follow, setFollow] = useState(true)
  const box = useRef<HTMLDivElement>(null)
  const other = stream === 'stdout' ? 'stderr' : 'stdout'
  const lines = plainLines(log.text)
  if (lines.at(-1) === '') lines.pop()
  const places = useLogPlaces(lines, failed && log.ended, () => setFollow(false))

  useEffect(() => {
    // the line that was gone to comes into the middle of the box; the page itself stays where it is
    const line = places.line === null ? null : box.current?.querySelector<HTMLElement>('[data-at]')
    if (line && box.current) box.current.scrollTop = line.offsetTop - box.current.clientHeight / 2
  }, [places.line, log.skipped])
  useEffect(() => {
    if (follow && places.line === null && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [follow, log.text, places.line])
  const readEarlier = () => {
    // lines are numbered from the first that is shown
    places.forget()
    void log.readEarlier()
  }
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!
    setFollow(scrollHeight - scrollTop - clientHeight < 8)
  }
  return (
    <>
      <div
        ref={box}
        className={styles.log}
        tabIndex={0}
        role="log"
        aria-label={`Log, ${stream}`}
        aria-live="off"
        onScroll={onScroll}
      >
        {log.skipped > 0 && (
          <button type="button" className="link" onClick={readEarlier} disabled={log.readingEarlier}>
            {log.readingEarlier ? 'Reading …' : `Show the ${formatCount(Math.ceil(log.skipped / 1024))} KiB before`}
          </button>
        )}
        {log.cut && <p className="ink3">Earlier lines are left out here; the whole log is in the run’s folder.</p>}
        {lines.map((line, at) => (
          <span key={at} className={styles[toneOf(line)]} data-at={at === places.line ? '' : undefined}>
            {line || ' '}
          </span>
        ))}
        {lines.length === 0 && (
          <p className="ink3">
            {log.error ? errorSentence(log.error) : emptyWords(log, stream)}{' '}
            {log.loaded && (
              <button type="button" className="link" onClick={() => onStream(other)}>
                See {other}
              </button>
            )}
          </p>
        )}
      </div>
      <div className={styles.logFoot}>
        <label>
          <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.target.checked)} />
          Follow
        </label>
        <span>
          {log.ended
            ? 'ended'
            : log.error && lines.length > 0
              ? 'not reached, trying again'
              : log.loaded
                ? 'live'
                : 'reading'}
        </span>
        {lines.length > 0 && <LogFinder places={places} />}
        {lines.length > 0 && (
          <button type="button" className="link" onClick={() => saveText(`run-${run.number}-${stream}.log`, log.text)}>
            Save what is shown
          </button>
        )}
      </div>
    </>
  )
}

function emptyWords(log: { loaded: boolean; ended: boolean }, stream: string): string {
  if (!log.loaded) return 'Reading …'
  return log.ended ? `Nothing was printed on ${stream}.` : `Nothing was printed on ${stream} yet.`
}
