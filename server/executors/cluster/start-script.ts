/** The script that a cluster runs for an attempt. Nothing of a sweep is ever read by a shell in it. */
import path from 'node:path'
import type { Environment } from '../../formats/environment.ts'
import type { Launch } from '../executor.ts'

const wrapper = path.join(import.meta.dirname, '../local/wrapper.sh')

/** Of the machine that submits, and wrong on another one, or the engine's to say there. */
const ofThisMachine =
  /^(SLURM_|SLURMD_|SBATCH_|SALLOC_|SRUN_|CUDA_VISIBLE_DEVICES$|CUDA_DEVICE_ORDER$|ROCR_VISIBLE_DEVICES$|GPU_DEVICE_ORDINAL$|ZE_AFFINITY_MASK$|TMPDIR$|HOSTNAME$|XDG_RUNTIME_DIR$|RAY_ADDRESS$|RAY_JOB_|SSH_|DISPLAY$|TERM$|_$)/

/**
 * The script of one attempt: its environment, then the engine's script for the node (`onNode`) with all that cluster/on-node.sh takes.
 * `own`: this process's environment.
 */
export function startScript(launch: Launch, own: Environment, killSeconds: number, onNode: string): string {
  const { control, folder, directory, mark, command, door } = launch
  // what tells clients of the intake waits for its port, which the node gives it (server/intake/beside.sh)
  const variables = Object.entries(door?.variables ?? {}).map((pair) => pair.join('='))
  const given = { ...launch.environment, ...(door && { SWEEPBOARD_INTAKE_VARIABLES: variables.join('\n') }) }
  const environment = Object.entries(given).flatMap(([name, value]) =>
    value === undefined || name === '' || name.includes('=') || (ofThisMachine.test(name) && own[name] === value)
      ? []
      : [`${name}=${value}`],
  )
  const noFolder = JSON.stringify({
    exitCode: 127,
    error: `could not start ${command[0]}: its folder ${directory} does not exist on the node`,
  })
  const seconds = String(Math.ceil(killSeconds))
  const args = [onNode, control, folder, directory, mark, seconds, wrapper, noFolder, ...command]
  return `#!/bin/bash\nexec env -- ${[...environment, '/bin/bash', ...args].map(shellQuoted).join(' \\\n  ')}\n`
}

/** Lines of a shell that run the script which `$script` names: a node may see its folder some time after it was made here. */
export function runningWhenSeen(waitSeconds: number): string {
  return `tries=0
until [ -r "$script" ]; do
  [ $tries -lt ${Math.ceil(waitSeconds) + 60} ] || { echo "$script cannot be read on $(uname -n)" >&2; exit 127; }
  tries=$((tries + 1))
  ls "\${script%/*}" > /dev/null 2>&1
  sleep 1
done
exec /bin/bash "$script"
`
}

/** A text as one word of a shell, to the byte. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
