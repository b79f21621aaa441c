/** Handing attempts to Ray. What is handed over stands in the control folder first (ray.json), under an id of this side that Ray takes once. */
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { claimFile, isToHandOver, nameFor, replaceControl, writeEnd } from '../cluster/folder.ts'
import { shellQuoted, runningWhenSeen, startScript } from '../cluster/start-script.ts'
import type { Environment } from '../../formats/environment.ts'
import type { Launch } from '../executor.ts'
import type { Cluster } from './clusters.ts'

const onNode = path.join(import.meta.dirname, 'on-node.sh')

export const raySubmissionSchema = z.object({
  id: z.string(),
  address: z.string(),
  body: z.record(z.string(), z.json()),
  /** Whether Ray was heard to have it. */
  taken: z.boolean(),
})
export type RaySubmission = z.infer<typeof raySubmissionSchema>

export type RaySubmissions = {
  /** Hands an attempt over, soon. One that has been handed over before, or has begun, is left alone. */
  add(launch: Launch): void
  /** Hands the same over once more, under the same id: one that Ray has after all is not made again. */
  handOver(control: string, submission: RaySubmission): void
}

export function submittingToRay(
  clusterOf: (address: string) => Cluster,
  {
    environment,
    killSeconds,
    fileDelaySeconds,
  }: { environment: Environment; killSeconds: number; fileDelaySeconds: number },
): RaySubmissions {
  function handOver(control: string, { id, address, body }: RaySubmission): void {
    clusterOf(address).submit({
      id,
      body,
      settled(refusal) {
        try {
          if (refusal === null) replaceControl(control, 'ray.json', { id, address, body, taken: true })
          else writeEnd(control, `could not be handed to Ray: ${refusal.replace(/\.$/, '')}`)
        } catch {
          // its folder was removed: nobody asks about it any more
        }
      },
    })
  }

  return {
    handOver,
    add(launch) {
      const { control, directory, request } = launch
      const ray = request!.ray!
      if (!isToHandOver(launch, 'ray.json', ray.working_directory === undefined ? directory : null)) return
      const onCluster = { ...launch, directory: ray.working_directory ?? directory }
      const script = path.join(control, 'start.sh')
      writeFileSync(script, startScript(onCluster, environment, killSeconds, onNode), { mode: 0o600 })
      const id = `${nameFor(request!.name)}-${randomBytes(8).toString('hex')}`
      const gpus = ray.gpus ?? request!.gpus
      const { resources, memory_bytes, runtime_env } = ray.options ?? {}
      const body = {
        submission_id: id,
        entrypoint: `script=${shellQuoted(script)}\n${runningWhenSeen(fileDelaySeconds)}`,
        entrypoint_num_cpus: ray.cpus ?? 1,
        ...(gpus > 0 && { entrypoint_num_gpus: gpus }),
        ...(resources && { entrypoint_resources: resources }),
        ...(memory_bytes && { entrypoint_memory: memory_bytes }),
        ...(runtime_env && { runtime_env }),
      }
      const submission: RaySubmission = { id, address: ray.address, body, taken: false }
      if (claimFile(control, 'ray.json', submission)) handOver(control, submission)
    },
  }
}
