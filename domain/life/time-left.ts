/** How long a sweep, or one of its jobs, still takes: from what its finished jobs took, never from a guess. */

/** A live job: `progress` from 0 to 1 as it reports it, null where it reports none. */
export type MeasuredJob = { kind: 'training' | 'evaluation'; elapsedSeconds: number; progress: number | null }

export type WorkLeft = {
  /** Durations of the sweep's finished trainings and evaluations. */
  trainingSeconds: readonly number[]
  evaluationSeconds: readonly number[]
  live: readonly MeasuredJob[]
  trainingsWaiting: number
  /** Also those whose training has not ended. */
  evaluationsWaiting: number
  slotsEachTraining: number
  slotsEachEvaluation: number
  /** Slots that the sweep may take. */
  slots: number
  /** At most this many trainings at a time; null: as many as fit. */
  concurrency: number | null
}

/** Seconds of wall time; the parts add up to the whole. */
export type TimeLeft = { seconds: number; trainingSeconds: number; evaluationSeconds: number }

/**
 * The time a sweep still takes, or null until it is known: trainings that are left need one finished training, or a live
 * one that reports its progress, to be measured by. Evaluations count as nothing until one was measured.
 *
 * Work left, in slot-seconds over the slots that can be used at once; never less than the longest chain of jobs: the
 * last training and the last evaluation cannot be divided.
 */
export function estimateTimeLeft(work: WorkLeft): TimeLeft | null {
  const training = remainingOf('training', work, work.trainingSeconds, work.trainingsWaiting)
  const evaluation = remainingOf('evaluation', work, work.evaluationSeconds, work.evaluationsWaiting)
  if (training === null) return null
  const trainingsAtOnce = Math.max(
    1,
    Math.min(atOnce(work.slots, work.slotsEachTraining), work.concurrency ?? Infinity),
  )
  const evaluationsAtOnce = Math.max(1, atOnce(work.slots, work.slotsEachEvaluation))
  const trainingSeconds = wallSeconds(training, trainingsAtOnce)
  // what nobody measured cannot be told; it shows as soon as the first evaluation ended
  const evaluationSeconds = evaluation === null ? 0 : wallSeconds(evaluation, evaluationsAtOnce)
  if (trainingSeconds === 0 || evaluationSeconds === 0) {
    return { seconds: trainingSeconds + evaluationSeconds, trainingSeconds, evaluationSeconds }
  }
  // Evaluations run beside trainings on slots that these leave free; on slots that both need they take turns.
  const usable = Math.max(work.slots, work.slotsEachTraining, work.slotsEachEvaluation)
  const shared = (training!.total * work.slotsEachTraining + evaluation!.total * work.slotsEachEvaluation) / usable
  const seconds = Math.max(shared, evaluationSeconds, trainingSeconds + evaluation!.each)
  // where they overlap, the evaluations' part is what they add to the trainings
  return { seconds, trainingSeconds, evaluationSeconds: seconds - trainingSeconds }
}

function atOnce(slots: number, slotsEach: number): number {
  return slotsEach === 0 ? Infinity : Math.floor(slots / slotsEach)
}

/** `total` seconds of one job after another, `longest` the longest single one of them, `each` what one takes from its start. */
export type Remaining = { total: number; longest: number; each: number }

/** What is left of one kind; null: there is some, and nothing tells how long it takes. */
export function remainingOf(
  kind: MeasuredJob['kind'],
  work: Pick<WorkLeft, 'live'>,
  measured: readonly number[],
  waiting: number,
): Remaining | null {
  const live = work.live.filter((job) => job.kind === kind)
  if (waiting === 0 && live.length === 0) return { total: 0, longest: 0, each: 0 }
  const projected = live.flatMap((job) => projectedSeconds(job) ?? [])
  const each = mean(measured) ?? mean(projected)
  if (each === null) return null
  const left = live.map((job) => secondsLeft(job, each))
  const total = left.reduce((sum, seconds) => sum + seconds, 0) + waiting * each
  return { total, longest: Math.max(waiting > 0 ? each : 0, ...left), each }
}

function wallSeconds({ total, longest }: Remaining, jobsAtOnce: number): number {
  return Math.max(total / jobsAtOnce, longest)
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Progress below this share says nothing yet: the first steps carry the start-up. */
const leastProgress = 0.02

/** What a live job will have taken in all, by its own progress; null where that says too little. */
function projectedSeconds({ elapsedSeconds, progress }: MeasuredJob): number | null {
  if (progress === null || progress < leastProgress) return null
  return elapsedSeconds / Math.min(1, progress)
}

/** What is left of a live job: by its own progress, else by what others took; a job that outlasts these is due any moment. */
function secondsLeft(job: MeasuredJob, each: number | null): number {
  const projected = projectedSeconds(job)
  if (projected === null) return Math.max(0, each! - job.elapsedSeconds)
  if (each === null) return projected - job.elapsedSeconds
  // the further it is, the more its own pace counts
  const share = Math.min(1, job.progress!)
  const whole = share * projected + (1 - share) * each
  return Math.max(0, share < 1 ? whole - job.elapsedSeconds : 0)
}

/** Seconds left of one live job; null where neither its progress nor an earlier job of its kind tells. */
export function estimateSecondsLeft({
  earlierSeconds,
  elapsedSeconds,
  progress,
  live,
}: {
  /** Durations of finished jobs of the same kind in the same sweep. */
  earlierSeconds: readonly number[]
  elapsedSeconds: number
  progress: number | null
  live: boolean
}): number | null {
  if (!live) return null
  const job: MeasuredJob = { kind: 'training', elapsedSeconds, progress }
  const each = mean(earlierSeconds)
  if (each === null && projectedSeconds(job) === null) return null
  return secondsLeft(job, each)
}
