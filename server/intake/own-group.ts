/** Who of an attempt's process group is alive, asked by its intake. */
import { readdirSync } from 'node:fs'
import { markVariable, processTable, readStat, runs } from '../executors/local/process-table.ts'

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
 * Looks for others of the group than the wrapper (`leader`), the loop that starts the intake, and the intake. On a cluster the wrapper does
 * not lead the group: the script that sees to the attempt is in it as well, which does not bear the attempt's mark. Where there is no /proc
 * to tell, nobody is waited for.
 */
export function othersOfGroup(leader: number): () => boolean {
  if (process.platform !== 'linux') return () => false
  const group = readStat(leader)?.group ?? leader
  const isOther = (pid: number) => ![leader, process.pid, process.ppid].includes(pid)
  const isOfGroup = (pid: number) => {
    const stat = readStat(pid)
    return runs(stat) && stat.group === group
  }
  if (group === leader)
    return () =>
      readdirSync('/proc')
        .map(Number)
        .some((pid) => Number.isInteger(pid) && isOther(pid) && isOfGroup(pid))
  const mark = process.env[markVariable]?.split(':').at(-1) ?? ''
  const table = processTable()
  return () => {
    table.refresh()
    return table.marked(mark).some(({ pid }) => isOther(pid) && isOfGroup(pid))
  }
}
