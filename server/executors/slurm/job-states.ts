/** Slurm's words for how a job stands, and what they mean for an attempt that left no word of its own. */
import type { Interruption } from '../../../domain/life/attempt-outcome.ts'

const waiting = ['PENDING', 'REQUEUED', 'REQUEUE_HOLD', 'REQUEUE_FED', 'SPECIAL_EXIT', 'RESV_DEL_HOLD']
const living = ['RUNNING', 'CONFIGURING', 'COMPLETING', 'SUSPENDED', 'STOPPED', 'SIGNALING', 'STAGE_OUT', 'RESIZING']

/** Whether the job waits to be started, lives on its node, or has ended. What Slurm may call it in later versions has not ended. */
export function phaseOf(state: string): 'waiting' | 'living' | 'ended' {
  if (waiting.includes(state)) return 'waiting'
  if (living.includes(state)) return 'living'
  return state in endings || state === 'COMPLETED' || state === 'FAILED' || state === 'REVOKED' ? 'ended' : 'living'
}

const endings: Record<string, (job: string) => Interruption> = {
  NODE_FAIL: (job) => ({ sentence: `The node that job ${job} ran on went down (NODE_FAIL).`, costs: 'loss' }),
  BOOT_FAIL: (job) => ({ sentence: `The node of job ${job} did not come up (BOOT_FAIL).`, costs: 'loss' }),
  PREEMPTED: (job) => ({ sentence: `Job ${job} made way for one that goes before it (PREEMPTED).`, costs: 'nothing' }),
  TIMEOUT: (job) => ({ sentence: `The time limit of job ${job} was over (TIMEOUT).`, costs: 'progress' }),
  DEADLINE: (job) => ({ sentence: `Job ${job} could not end before its deadline (DEADLINE).`, costs: 'everything' }),
  OUT_OF_MEMORY: (job) => ({
    sentence: `Job ${job} used more memory than it had asked for (OUT_OF_MEMORY). Ask for more with options: ["--mem=64G"], say.`,
    costs: 'retry',
  }),
  CANCELLED: (job) => ({
    sentence: `Job ${job} was cancelled, and not by Sweepboard (scancel, or somebody who may).`,
    costs: 'retry',
  }),
}

/** What ended the job, where Slurm says that something from outside did; null: its own exit, or nothing that Slurm has a word for. */
export function interruptionOf(state: string, job: string): Interruption | null {
  return endings[state]?.(job) ?? null
}

/** An attempt that had begun when its job was queued again: what ran was ended by that. */
export function requeued(job: string): Interruption {
  return { sentence: `Job ${job} was put back into the queue, and not by Sweepboard.`, costs: 'nothing' }
}

/** It was asked to save and leave, and by none of this side. */
export function askedFromOutside(job: string, byTime: boolean): Interruption {
  return byTime
    ? { sentence: `The time limit of job ${job} was nearly over: it was asked to save.`, costs: 'progress' }
    : { sentence: `Job ${job} was asked to stop, and not by Sweepboard.`, costs: 'retry' }
}

/** The job ended and its command never began, or left no word. `begun`: it had. */
export function endedAtSlurmWithoutWord(job: string, state: string, begun: boolean): Interruption {
  return begun
    ? {
        sentence: `Slurm says that job ${job} has ended (${state}), and the attempt left no word of how: what watched it there was killed.`,
        costs: 'loss',
      }
    : {
        sentence: `Job ${job} ended (${state}) before its command began: does the node see the data folder, under the same path?`,
        costs: 'loss',
      }
}

const words: Record<string, string> = {
  None: 'Slurm has not looked at it yet',
  Resources: 'waits for free nodes (Resources)',
  Priority: 'others go before it (Priority)',
  Dependency: 'waits for another job (Dependency)',
  BeginTime: 'waits for its time to begin (BeginTime)',
  JobHeldUser: 'is held by its owner (JobHeldUser): scontrol release',
  JobHeldAdmin: 'is held by an administrator (JobHeldAdmin)',
  ReqNodeNotAvail: 'a node that it needs is not available (ReqNodeNotAvail)',
  PartitionDown: 'its partition is down (PartitionDown)',
  PartitionTimeLimit: 'can never start: it asks for more time than its partition allows (PartitionTimeLimit)',
  PartitionNodeLimit: 'can never start: it asks for more nodes than its partition has (PartitionNodeLimit)',
  DependencyNeverSatisfied: 'can never start: what it depends on failed (DependencyNeverSatisfied)',
  InvalidAccount: 'can never start: its account is not valid (InvalidAccount)',
  InvalidQOS: 'can never start: its QOS is not valid (InvalidQOS)',
  launch_failed_requeued_held: 'could not be started on its node and is held (launch failed requeued held)',
}

/** Why it waits, in words with Slurm's own. */
export function reasonInWords(reason: string): string {
  const plain = reason.replace(/^\((.*)\)$/, '$1')
  return words[plain.replaceAll(' ', '_')] ?? words[plain.split(',')[0]!] ?? plain
}

/** Whether Slurm refused a submission for what passes by itself: too many jobs now. */
export function isLimitOnSubmission(message: string): boolean {
  return /submit(ted)?[ _]?(job)?s? ?limit|MaxSubmit|QOSMaxSubmit|AssocMaxSubmit|limit on number of jobs|job count exceeds|maximum number of jobs|slurm temporarily|job\/step already|try again/i.test(
    message,
  )
}
