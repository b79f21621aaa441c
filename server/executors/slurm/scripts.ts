/** The script that Slurm is given, and what it is asked for beside it. */
import { secondsOfTime, type SlurmRequest } from '../../../domain/sweep/executor.ts'
import { shellQuoted, runningWhenSeen } from '../cluster/start-script.ts'
import type { Launch } from '../executor.ts'
import type { Site } from './site.ts'

/** The script of a submission: the attempt of the job's place in the array. */
export function batchScript(controls: readonly string[], waitSeconds: number): string {
  return `#!/bin/bash
controls=(
${controls.map((control) => `  ${shellQuoted(control)}`).join('\n')}
)
script=\${controls[\${SLURM_ARRAY_TASK_ID:-0}]}/start.sh
${runningWhenSeen(waitSeconds)}`
}

/** The arguments of sbatch before the script: what a job asks for, here and at the site. The job's own options come last. */
export function submissionArguments(request: NonNullable<Launch['request']>, site: Site): string[] {
  const slurm: SlurmRequest = request.slurm ?? {}
  const perNode = slurm.gpus_per_node ?? site.gpus_per_node ?? request.gpus
  const nodes = request.gpus === 0 ? 1 : Math.ceil(request.gpus / perNode)
  const time = slurm.time ?? site.time
  const value = (name: 'partition' | 'account' | 'qos') => {
    const given = slurm[name] ?? site[name]
    return given === undefined ? [] : [`--${name}=${given}`]
  }
  // a short job is asked in time, and not at once
  const save = Math.min(site.save_seconds, Math.ceil((secondsOfTime(time ?? '') ?? Infinity) / 4))
  return [
    ...value('partition'),
    ...value('account'),
    ...value('qos'),
    ...(time === undefined ? [] : [`--time=${time}`]),
    `--nodes=${nodes}`,
    '--ntasks-per-node=1',
    ...(request.gpus > 0 ? [`--gres=gpu:${Math.ceil(request.gpus / nodes)}`] : []),
    '--no-requeue',
    '--kill-on-invalid-dep=yes',
    `--signal=B:USR1@${save}`,
    ...(site.options ?? []),
    ...(slurm.options ?? []),
  ]
}
