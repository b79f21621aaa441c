'use client'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { isJobFinished } from '../../../domain/life/run-status.ts'
import type { CheckpointView } from '../../../contract/api/checkpoints.ts'
import type { RepeatedScore, RepeatJobView } from '../../../contract/api/repeats.ts'
import { formatPercent, formatScore, plural, progressWords } from '../../_words/format.ts'
import { Status } from '../../_words/status.tsx'
import { showToast } from '../../_shell/toast.tsx'
import { errorSentence, useTRPC } from '../../_shell/trpc.ts'
import styles from './checkpoint-choice.module.css'
import type { LogSource } from './run-log.tsx'

type Props = { checkpoint: CheckpointView; name: string; onLog: (source: LogSource) => void }

/** What a checkpoint was measured to do when it was evaluated again, and the evaluations that are to come or went wrong. */
export function RepeatsTable({ checkpoint, name, onLog }: Props) {
  const { repeats } = checkpoint
  if (repeats === null) return null
  const [newest] = repeats.jobs
  // what went well is said by its figures; what did not is said until a newer one went well
  const shown = repeats.jobs.filter((job) => !isJobFinished(job.status) || (job === newest && job.status !== 'done'))
  return (
    <div className={styles.repeats} role="group" aria-label={`Evaluated again: ${name}`}>
      {repeats.scores.map((score) => (
        <Score
          key={score.temperature}
          score={score}
          builtIn={repeats.builtIn}
          going={shown.some((job) => job.again.temperature === score.temperature && !isJobFinished(job.status))}
        />
      ))}
      {shown.map((job) => (
        <Job key={job.id} job={job} name={name} onLog={onLog} />
      ))}
    </div>
  )
}

/** `16 samples a question at temperature 0.6`; a command was told so, and may have heeded it. */
function settingWords([fewest, most]: [number, number], temperature: number, builtIn: boolean): string {
  const samples = fewest === most ? plural(most, 'sample') : `${fewest} to ${most} samples`
  const words = `${samples} a question at temperature ${temperature}`
  return builtIn ? words : `its command told ${words}`
}

/** `going`: more of it is to come. */
function Score({ score, builtIn, going }: { score: RepeatedScore; builtIn: boolean; going: boolean }) {
  const { samples, temperature, results, interval } = score
  return (
    <div className={styles.repeat}>
      <span>
        {score.score !== null && (
          <>
            <b className="score">{formatScore(score.score)}</b>{' '}
            {interval && (
              <span className="interval" aria-label={`95 % interval ${threeDecimals(interval)}`}>
                ({threeDecimals(interval)})
              </span>
            )}{' '}
          </>
        )}
        <span className="ink2">again, {settingWords(samples, temperature, builtIn)}</span>
      </span>
      {Object.entries(results).map(([benchmark, { accuracy, interval: ends, questions, samples: each }]) => (
        <span
          key={benchmark}
          className="nowrap ink2"
          title={questions === null ? undefined : `${plural(questions, 'question')}, ${plural(each, 'sample')} of each`}
        >
          {benchmark} {formatPercent(accuracy)} %
          {ends && (
            <span className="ink3">
              {' '}
              ({formatPercent(ends[0])} to {formatPercent(ends[1])})
            </span>
          )}
        </span>
      ))}
      {samples[1] > 1 && Object.values(results).some(({ byQuestion }) => !byQuestion) && (
        <span className="ink3">intervals as of one sample: its report does not count by question</span>
      )}
      {score.score === null && !going && <span className="ink3">{score.error}</span>}
    </div>
  )
}

/** An interval that was narrowed shows it in the third decimal. */
function threeDecimals([low, high]: [number, number]): string {
  return `${formatScore(low)} to ${formatScore(high)}`
}

function Job({ job, name, onLog }: { job: RepeatJobView; name: string; onLog: (source: LogSource) => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const settled = {
    onSuccess: () => void queryClient.invalidateQueries(trpc.runs.get.pathFilter()),
    onError: (error: unknown) => showToast({ text: errorSentence(error), tone: 'error' }),
  }
  const retry = useMutation(trpc.checkpoints.retryAgain.mutationOptions(settled))
  const cancel = useMutation(trpc.checkpoints.cancelAgain.mutationOptions(settled))
  const input = { jobIds: [job.id] }
  const ended = isJobFinished(job.status)
  const share = progressWords(job.progress)
  const { samples, temperature } = job.again
  return (
    <div className={styles.repeat}>
      <Status status={job.status} words={job.status === 'running' && share !== '' ? `Running, ${share}` : undefined} />
      <span className="ink2">
        again, {plural(samples, 'sample')} a question at temperature {temperature}
        {job.attempt > 1 && `, attempt ${job.attempt}`}
      </span>
      {job.attempt > 0 && (
        <button
          type="button"
          className="link small"
          aria-label={`Log of the evaluation of ${name} again`}
          onClick={() => onLog({ attempt: job.attempt, evaluationJobId: job.id })}
        >
          log
        </button>
      )}
      <button
        type="button"
        className="link small"
        disabled={retry.isPending || cancel.isPending}
        onClick={() =>
          ended
            ? retry.mutate(input)
            : cancel.mutate(input, {
                onSuccess: () =>
                  showToast({ text: `Cancelled the evaluation of ${name}.`, undo: () => retry.mutate(input) }),
              })
        }
      >
        {ended ? 'Try again' : 'Cancel'}
      </button>
      {job.status === 'failed' && job.error && <span className={styles.missing}>{job.error}</span>}
    </div>
  )
}
