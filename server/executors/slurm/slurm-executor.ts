/** Runs attempts as jobs of Slurm: what all clusters have in common stands in ../cluster. */
import type { Environment } from '../../formats/environment.ts'
import { monotonicMilliseconds } from '../clock.ts'
import { clusterExecutor, nodeOf } from '../cluster/cluster-executor.ts'
import { readControl } from '../local/control-files.ts'
import type { Attempt, Executor } from '../executor.ts'
import { slurmCalls, type Call } from './call.ts'
import { nodeSchema, slurmSubmissionSchema, type SlurmSubmission } from './files.ts'
import { slurmLooks, type KeptSlurmLook, type SlurmKnown } from './looks.ts'
import { watchQueue } from './queue.ts'
import { sendingRequests } from './requests.ts'
import type { Site } from './site.ts'
import { arrivalMilliseconds, submittingToSlurm } from './submissions.ts'

/** Makes an executor. `call`: how Slurm's commands are called; tests count there. */
export function slurmExecutor(
  environment: Environment,
  site: Site,
  killSeconds: number,
  call: Call = slurmCalls(environment),
): Executor {
  const queue = watchQueue(call, site.ask_seconds)
  const requests = sendingRequests(call)
  const submissions = submittingToSlurm(call, { site, environment, killSeconds }, () => queue.soon())

  return clusterExecutor<KeptSlurmLook, SlurmKnown>({
    ...slurmLooks({ queue, requests, submissions, site, certainFrom }),

    launch: (launches) => submissions.add(launches),

    look(all) {
      const wanted = new Map<string, { since: number; indexes: number[] }>()
      for (const { attempt, memory } of all) {
        const submission = submissionOf(attempt, memory)
        if (submission === null) continue
        const entry = wanted.get(submission.name) ?? { since: certainFrom(submission), indexes: [] }
        entry.indexes.push(submission.index)
        wanted.set(submission.name, entry)
      }
      const knowledge = queue.look(wanted)
      return ({ attempt, memory }) => {
        const submission = submissionOf(attempt, memory)
        const record = submission === null ? null : (knowledge?.find(submission.name, submission.index) ?? null)
        if (record !== null) submissions.settle(submission!.name, true)
        return { submission, record, knowledge }
      }
    },

    signal({ attempt, memory }, signal) {
      const node = nodeOf(attempt, memory, nodeSchema)
      const job = node?.job ?? submissionOf(attempt, memory)?.job
      if (job !== undefined) requests.send(job, signal === 'SIGTERM' ? 'USR1' : 'USR2')
      return job !== undefined
    },

    onNews: (listener) => queue.onAnswer(listener),
  })
}

function submissionOf({ control }: Attempt, memory: KeptSlurmLook): SlurmSubmission | null {
  // the number of the job comes later, in a file that replaces this one
  if (memory.submission?.job !== undefined) return memory.submission
  const read = readControl(control, 'slurm.json', slurmSubmissionSchema)
  if (read === null || read === 'torn') return null
  memory.submission = read
  return read
}

/** From when on, by the monotonic clock, Slurm has the job if it ever will. */
function certainFrom({ at, job }: SlurmSubmission): number {
  const sinceThen = Math.max(0, Date.now() - at)
  return monotonicMilliseconds() - sinceThen + (job === undefined ? arrivalMilliseconds : 1000)
}
