/** Who of an attempt's process group is alive, asked by its intake. */
import { readdirSync } from 'node:fs'
import { readStat, runs } from '../executors/local/process-table.ts'

/** Whether a process of this number is there: asked often, and cheap. */
export function isProcessThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/**
 * Whether others of the group are alive than the wrapper that leads it, the loop that starts the intake, and the intake. Where
 * there is no /proc to tell, nobody is waited for.
 */
export function hasOthers(leader: number): boolean {
  if (process.platform !== 'linux') return false
  return readdirSync('/proc')
    .map(Number)
    .some((pid) => {
      if (!Number.isInteger(pid) || [leader, process.pid, process.ppid].includes(pid)) return false
      const stat = readStat(pid)
      return runs(stat) && stat.group === leader
    })
}
