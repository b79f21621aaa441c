/**
 * Statuses of a job (a training or an evaluation), of a point, of a sweep and of a curriculum, and the only answer to "is this finished?".
 */

/**
 * `starting`: claimed in the database, its wrapper has not named itself yet. A job that is being stopped stays live
 * until its process has ended; its `stopReason` says what becomes of it then.
 */
/** `stopped`: given up by the sweep before its end; neither failed nor cancelled, and not tried again unless a person says so. */
export const jobStatuses = ['waiting', 'starting', 'running', 'done', 'failed', 'cancelled', 'stopped'] as const
export type JobStatus = (typeof jobStatuses)[number]

/**
 * Why a live job was asked to stop: `release` puts it back in the queue (a clean Ctrl-C), the others end the attempt. `trouble`: it
 * could not be followed, and the job's error says why. `early`: its sweep's search, or `stop_early`, gives it up. `hold`: it waits
 * at a milestone until it is judged, and may go on from there.
 */
export type StopReason = 'cancel' | 'timeout' | 'release' | 'trouble' | 'early' | 'hold'

export type AttemptStatus = 'starting' | 'running' | 'done' | 'failed' | 'cancelled' | 'stopped' | 'released' | 'lost'

/** In the order of the codes that columns and answers hold for them. */
export const pointStatuses = [
  'waiting',
  'training',
  'evaluating',
  'scored',
  'failed',
  'cancelled',
  'stopped',
  'done',
] as const
export type PointStatus = (typeof pointStatuses)[number]

export type SweepStatus = 'waiting' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled'

/** `running`: its next stage starts as soon as the one before has ended well. */
export type CurriculumStatus = 'running' | 'paused' | 'done' | 'failed' | 'cancelled'

const legal: Record<JobStatus, readonly JobStatus[]> = {
  waiting: ['starting', 'failed', 'cancelled', 'stopped'],
  starting: ['running', 'waiting', 'done', 'failed', 'cancelled', 'stopped'],
  running: ['waiting', 'done', 'failed', 'cancelled', 'stopped'],
  // a person may retry what ended without success, and an evaluation that is done and gave no score
  done: ['waiting'],
  failed: ['waiting'],
  cancelled: ['waiting'],
  stopped: ['waiting'],
}

/** Whether a job may go from one status to the other. */
export function isLegalTransition(from: JobStatus, to: JobStatus): boolean {
  return legal[from].includes(to)
}

/** Whether nothing more will happen to the job unless a person asks for it. */
export function isJobFinished(status: JobStatus): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled' || status === 'stopped'
}

/** Whether the job holds slots: a process of it may be alive. */
export function isJobLive(status: JobStatus): boolean {
  return status === 'starting' || status === 'running'
}

/** Whether the sweep has ended; a paused sweep has not. */
export function isSweepFinished(status: SweepStatus): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled'
}

/** Whether nothing more starts of the curriculum unless a person asks for it. */
export function isCurriculumAtRest(status: CurriculumStatus): boolean {
  return status !== 'running'
}
