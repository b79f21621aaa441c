/** Which GPUs other programs hold memory on, as nvidia-smi tells: somebody else trains there, outside of Sweepboard. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { promisify } from 'node:util'
import { monotonicMilliseconds } from '../clock.ts'
import type { Environment } from '../../formats/environment.ts'
import type { Slots } from '../executor.ts'

const run = promisify(execFile)

const everyMilliseconds = 5000

type User = { pid: number; gpu: string; name: string; megabytes: string }

/**
 * Gives a function that says, of the GPUs among `slots`, which are used by whom. What it knows is some seconds old at most;
 * only the first call waits for nvidia-smi. Where that is missing, or SWEEPBOARD_SHARE_GPUS is 1, nobody is said to use any.
 * The caller asks about slots that no attempt of its own holds: a process that has ended since is left out.
 */
export function watchGpus(slots: Slots, environment: Environment): () => Promise<ReadonlyMap<string, string>> {
  const none = async () => new Map<string, string>()
  if (slots.kind === 'cpu' || environment.SWEEPBOARD_SHARE_GPUS === '1') return none
  let users: User[] = []
  let asked: Promise<void> | null = null
  let askedAt = -Infinity
  let answered = false
  let missing = false

  async function ask(): Promise<void> {
    try {
      users = await readUsers(environment)
    } catch (error) {
      missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      users = []
    }
    answered = true
    asked = null
  }

  return async () => {
    if (missing) return new Map()
    if (asked === null && monotonicMilliseconds() - askedAt >= everyMilliseconds) {
      askedAt = monotonicMilliseconds()
      asked = ask()
    }
    if (!answered) await asked
    const found = new Map<string, string>()
    for (const user of users) {
      if (!slots.ids.includes(user.gpu) || !existsSync(`/proc/${user.pid}`)) continue
      const who = `${user.name} (${user.pid})${ownerOf(user.pid)}, ${user.megabytes} MiB`
      found.set(user.gpu, found.has(user.gpu) ? `${found.get(user.gpu)}; ${who}` : who)
    }
    return found
  }
}

/** Programs that compute on GPUs now, each under the number and under the name of its GPU. */
async function readUsers(environment: Environment): Promise<User[]> {
  const options = { env: environment as NodeJS.ProcessEnv, timeout: 10_000 }
  const ask = async (query: string) => {
    const { stdout } = await run('nvidia-smi', [query, '--format=csv,noheader,nounits'], options)
    return stdout.split('\n').map((line) => line.split(',').map((field) => field.trim()))
  }
  const [gpus, programs] = await Promise.all([
    ask('--query-gpu=index,uuid'),
    ask('--query-compute-apps=gpu_uuid,pid,used_gpu_memory,process_name'),
  ])
  const numbers = new Map(gpus.filter((row) => row.length === 2).map(([index, uuid]) => [uuid!, index!]))
  return programs
    .filter((row) => row.length >= 4 && /^\d+$/.test(row[1]!))
    .flatMap(([uuid, pid, megabytes, ...name]) =>
      [uuid!, numbers.get(uuid!)].flatMap((gpu) =>
        gpu === undefined
          ? []
          : [{ gpu, pid: Number(pid), megabytes: megabytes!, name: name.join(',').split('/').at(-1)! }],
      ),
    )
}

/** ` of anna`; nothing where nobody knows. */
function ownerOf(pid: number): string {
  try {
    const { uid } = statSync(`/proc/${pid}`)
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((text) => text.split(':')[2] === String(uid))
    return ` of ${line?.split(':')[0] ?? `user ${uid}`}`
  } catch {
    return ''
  }
}
