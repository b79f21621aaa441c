/** Whether a process, or any of its group, is alive; and that it is the same process as before. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** A process that cannot be mistaken for another: number, start time and boot. */
export type Identity = { pid: number; start: string; boot: string }

const hasProc = process.platform === 'linux'

let bootId: string | undefined

function currentBoot(): string {
  bootId ??= hasProc ? readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim() : ''
  return bootId
}

/** Whether the process itself runs: not gone, not a zombie, not another one of the same number. */
export function isAlive(identity: Identity): boolean {
  if (identity.boot !== currentBoot()) return false
  if (!hasProc) return startTimeOf(identity.pid) === identity.start
  const fields = readStat(identity.pid)
  return fields !== null && fields.state !== 'Z' && fields.state !== 'X' && fields.start === identity.start
}

/**
 * Whether any process of the group that the identity led is alive, its leader or not. A number is not given to a new
 * process while a group bears it; that a member is also of the session that the leader began tells it from strangers.
 */
export function isGroupAlive(identity: Identity): boolean {
  if (identity.boot !== currentBoot()) return false
  try {
    process.kill(-identity.pid, 0)
  } catch (error) {
    // EPERM: a group of somebody else's took the number, so ours is gone.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH' && isAlive(identity)
  }
  if (isAlive(identity)) return true
  return hasProc ? hasMembers(identity.pid) : true
}

/** Signals the whole group if it is still ours. */
export function signalGroup(identity: Identity, signal: NodeJS.Signals): boolean {
  if (!isGroupAlive(identity)) return false
  try {
    process.kill(-identity.pid, signal)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

type Stat = { state: string; group: number; session: number; start: string }

function readStat(pid: number): Stat | null {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return null
  }
  // The program's name, in brackets, may hold anything; the fields after it are numbers.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0]!, group: Number(fields[2]), session: Number(fields[3]), start: fields[19]! }
}

/** Whether the group has live processes. Zombies are not: nothing of them runs, and their parent may never collect them. */
function hasMembers(group: number): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((name) => {
      const stat = readStat(Number(name))
      return stat !== null && stat.group === group && stat.session === group && stat.state !== 'Z' && stat.state !== 'X'
    })
}

function startTimeOf(pid: number): string | null {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return null
  }
}
