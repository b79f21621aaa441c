/** Runs attempts as jobs of a Ray cluster: what all clusters have in common stands in ../cluster. */
import { EventEmitter } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Environment } from '../../formats/environment.ts'
import { monotonicMilliseconds } from '../clock.ts'
import { clusterExecutor } from '../cluster/cluster-executor.ts'
import { readControl } from '../local/control-files.ts'
import type { Attempt, Executor } from '../executor.ts'
import { rayCluster, type Cluster } from './clusters.ts'
import { rayJobs, type RayJobs } from './jobs.ts'
import { rayLooks, type KeptRayLook, type RayKnown } from './looks.ts'
import { raySubmissionSchema, submittingToRay, type RaySubmission } from './submissions.ts'

export type RaySettings = {
  killSeconds: number
  /** How much later than it was written a file of a node may be seen here. */
  fileDelaySeconds: number
  askSeconds?: number
  /** Without a sign of life for so long an attempt that Ray does not know is taken for lost. */
  silenceSeconds?: number
}

/** Makes an executor. `calls`: how Ray is asked; tests count there. */
export function rayExecutor(environment: Environment, settings: RaySettings, calls: RayJobs = rayJobs()): Executor {
  const { askSeconds = 3, silenceSeconds = 60 } = settings
  const delayMilliseconds = settings.fileDelaySeconds * 1000
  const clusters = new Map<string, Cluster>()
  const news = new EventEmitter<{ news: [] }>()

  function clusterOf(address: string): Cluster {
    let cluster = clusters.get(address)
    if (cluster === undefined) {
      cluster = rayCluster(calls, address, askSeconds * 1000, () => news.emit('news'))
      clusters.set(address, cluster)
    }
    return cluster
  }

  const submissions = submittingToRay(clusterOf, { environment, ...settings })
  const silenceMilliseconds = silenceSeconds * 1000 + delayMilliseconds

  return clusterExecutor<KeptRayLook, RayKnown>({
    ...rayLooks({ clusterOf, submissions, delayMilliseconds, silenceMilliseconds }),

    launch: (launches) => launches.forEach(submissions.add),

    look:
      () =>
      ({ attempt, memory }) => {
        const submission = submissionOf(attempt, memory)
        const knowledge = submission === null ? null : clusterOf(submission.address).look()
        return { submission, knowledge, job: (submission && knowledge?.jobs.get(submission.id)) ?? null }
      },

    signal({ attempt, memory }, signal, request) {
      const { control } = attempt
      const submission = submissionOf(attempt, memory)
      if (submission === null) return false
      if (signal === 'SIGTERM')
        writeFileSync(path.join(control, 'ask'), `${request ?? 'what is left'}\n`, { mode: 0o600 })
      else {
        writeFileSync(path.join(control, 'end'), '', { mode: 0o600 })
        clusterOf(submission.address).soon()
      }
      return true
    },

    onNews: (listener) => news.on('news', listener),
  })
}

function submissionOf({ control }: Attempt, memory: KeptRayLook): RaySubmission | null {
  if (memory.submission?.taken) return memory.submission
  const read = readControl(control, 'ray.json', raySubmissionSchema)
  if (read === null || read === 'torn') return null
  if (read.taken) memory.takenSince ??= monotonicMilliseconds()
  memory.submission = read
  return read
}
