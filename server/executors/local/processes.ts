/** Whether a process, or any of its group, is alive; and that it is the same process as before. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { readStat, runs, type Process } from './process-table.ts'

/** A process that cannot be mistaken for another: number, start time, and the boot that numbers count from. */
export type Identity = { pid: number; start: string; boot: string }

const hasProc = process.platform === 'linux'

let bootId: string | undefined

/**
 * What process numbers and the monotonic clock count from: the machine's boot, and the start of process 1, since a
 * container that is restarted on the same boot counts anew. As wrapper.sh writes it.
 */
export function currentBoot(): string {
  bootId ??= hasProc
    ? `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${readStat(1)?.start ?? ''}`
    : ''
  return bootId
}

/** Whether the identity is of this boot. Identities of versions before this one have the machine's boot alone. */
export function isOfThisBoot({ boot }: Identity): boolean {
  return boot === currentBoot() || (!boot.includes('/') && boot === currentBoot().split('/')[0])
}

/** Whether the process itself runs: not gone, not a zombie, not another one of the same number. */
export function isAlive(identity: Identity): boolean {
  if (!isOfThisBoot(identity)) return false
  if (!hasProc) return startTimeOf(identity.pid) === identity.start
  const stat = readStat(identity.pid)
  return runs(stat) && stat.start === identity.start
}

/**
 * Whether any process but the leader is alive in the group that the identity led, and the group is still its own. A number
 * is not given to a new process while a group bears it, so a leader that is there (a zombie too) vouches for the group; with
 * the leader gone, `isOurs` says of each member whether it is known.
 */
export function groupMembers(identity: Identity, isOurs: (pid: number) => boolean): Process[] {
  if (!isOfThisBoot(identity)) return []
  try {
    process.kill(-identity.pid, 0)
  } catch (error) {
    // EPERM: processes of another user in the group, or a group that took the number.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return []
  }
  // without /proc nobody can be named: the group stands for its members
  if (!hasProc) return [{ pid: -identity.pid, start: identity.start, name: 'its group' }]
  const leader = readStat(identity.pid)
  if (leader !== null && leader.start !== identity.start) return []
  return readdirSync('/proc')
    .map(Number)
    .flatMap((pid) => {
      if (!Number.isInteger(pid) || pid === identity.pid) return []
      const stat = readStat(pid)
      if (!runs(stat) || stat.group !== identity.pid || stat.session !== identity.pid) return []
      return leader !== null || isOurs(pid) ? [{ pid, start: stat.start, name: stat.name }] : []
    })
}

/** Signals the group if its leader vouches for it. */
export function signalGroup(identity: Identity, signal: NodeJS.Signals): boolean {
  return isAlive(identity) && send(-identity.pid, signal)
}

/** Signals a process if it is still the one that was meant. */
export function signalProcess({ pid, start }: Process, signal: NodeJS.Signals): boolean {
  return (!hasProc || readStat(pid)?.start === start) && send(pid, signal)
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    // EPERM: it became another user's (sudo), who alone can end it.
    if (['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code!)) return false
    throw error
  }
}

function startTimeOf(pid: number): string | null {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return null
  }
}
