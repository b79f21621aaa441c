/** The scripts that Slurm is given, and what it is asked for beside them. Nothing of a sweep is ever read by a shell in them. */
import path from 'node:path'
import { secondsOfTime, type SlurmRequest } from '../../../domain/sweep/executor.ts'
import type { Environment } from '../../formats/environment.ts'
import type { Launch } from '../executor.ts'
import type { Site } from './site.ts'

const slurmOnNode = path.join(import.meta.dirname, 'on-node.sh')
const wrapper = path.join(import.meta.dirname, '../local/wrapper.sh')

/** Of the machine that submits, and wrong on another one, or Slurm's to say there. */
const ofThisMachine =
  /^(SLURM_|SLURMD_|SBATCH_|SALLOC_|SRUN_|CUDA_VISIBLE_DEVICES$|CUDA_DEVICE_ORDER$|ROCR_VISIBLE_DEVICES$|GPU_DEVICE_ORDINAL$|ZE_AFFINITY_MASK$|TMPDIR$|HOSTNAME$|XDG_RUNTIME_DIR$|RAY_ADDRESS$|RAY_JOB_|SSH_|DISPLAY$|TERM$|_$)/

/** The script of one attempt: its environment, then the script for the node with all that it takes. `own`: this process's environment. */
export function attemptScript(
  launch: Launch,
  own: Environment,
  killSeconds: number,
  onNode: string = slurmOnNode,
): string {
  const environment = Object.entries(launch.environment).flatMap(([name, value]) =>
    value === undefined || name === '' || name.includes('=') || (ofThisMachine.test(name) && own[name] === value)
      ? []
      : [`${name}=${value}`],
  )
  const noFolder = JSON.stringify({
    exitCode: 127,
    error: `could not start ${launch.command[0]}: its folder ${launch.directory} does not exist on the node`,
  })
  const { control, folder, directory, mark, command } = launch
  const seconds = String(Math.ceil(killSeconds))
  const args = [onNode, control, folder, directory, mark, seconds, wrapper, noFolder, ...command]
  return `#!/bin/bash\nexec env -- ${[...environment, '/bin/bash', ...args].map(quoted).join(' \\\n  ')}\n`
}

/**
 * The script of a submission: the attempt of the job's place in the array. A node may see the folder some time after it was
 * made here.
 */
export function batchScript(controls: readonly string[], waitSeconds: number): string {
  return `#!/bin/bash
controls=(
${controls.map((control) => `  ${quoted(control)}`).join('\n')}
)
script=\${controls[\${SLURM_ARRAY_TASK_ID:-0}]}/start.sh
tries=0
until [ -r "$script" ]; do
  [ $tries -lt ${Math.ceil(waitSeconds) + 60} ] || { echo "$script is not there on $SLURMD_NODENAME" >&2; exit 127; }
  tries=$((tries + 1))
  ls "\${script%/*}" > /dev/null 2>&1
  sleep 1
done
exec /bin/bash "$script"
`
}

/** A text as one word of a shell, to the byte. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
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
