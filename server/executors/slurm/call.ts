/** Slurm's commands: arguments without a shell, with a limit on time, and never inside somebody else's turn. */
import { execFile } from 'node:child_process'
import type { Environment } from '../../formats/environment.ts'

/** `sure`: Slurm answered, and this is its answer. Otherwise nobody knows whether it did what it was asked. */
export type SlurmAnswer = { ok: true; text: string } | { ok: false; sure: boolean; message: string }

export type Call = (program: string, args: string[], seconds: number) => Promise<SlurmAnswer>

/** What a command of Slurm finds: the rest of this process's environment is no job's business. */
const passed = /^(PATH|HOME|USER|LOGNAME|SHELL|SLURM_CONF|SLURM_CONF_SERVER|SLURM_JWT|KRB5CCNAME|TZ|SBATCH_\w+)$/

/** What it says where the controller, or the way to it, is the trouble and not the question. */
const unreachable =
  /unable to contact|timed out|connect(ion)? (failure|refused|reset|timed)|temporarily unable|zero bytes were transmitted|communication|munge|protocol authentication|try again|unexpected message|insane message|socket|resolve|job submission is disabled/i

export function slurmCalls(environment: Environment): Call {
  const own: Environment = Object.fromEntries(Object.entries(environment).filter(([name]) => passed.test(name)))
  // times as seconds since 1970, whatever the site's own way is
  const env = { ...own, LC_ALL: 'C', SLURM_TIME_FORMAT: '%s' } as unknown as NodeJS.ProcessEnv
  return (program, args, seconds) =>
    new Promise((resolve) => {
      // `timeout` outlives this process, as does what it calls: no submission goes on for longer than that
      const limited = ['-k', '5', String(seconds), program, ...args]
      execFile('timeout', limited, { env, maxBuffer: 1 << 28, encoding: 'utf8' }, (error, text, said) => {
        if (!error) return resolve({ ok: true, text })
        const code = typeof error.code === 'number' ? error.code : null
        const message = lastLines(said) || lastLines(text)
        if (code === 127 || code === 126)
          return resolve({ ok: false, sure: true, message: `${program} is not found on this machine` })
        if (code === null || code === 124 || code === 137)
          return resolve({ ok: false, sure: false, message: `${program} gave no answer in ${seconds} s` })
        resolve({ ok: false, sure: !unreachable.test(message), message: message || `${program} ended with ${code}` })
      })
    })
}

function lastLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/^(sbatch|squeue|sacct|scancel): (error: )?/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('Try "'))
    .slice(-3)
    .join('; ')
    .slice(0, 500)
}
