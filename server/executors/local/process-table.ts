/**
 * The processes of this machine that belong to attempts, whatever group or session they have moved to. A process belongs
 * to the attempt whose mark it has in its environment; children have it from their birth, and it stays where the group
 * does not. What was seen once is remembered by number and start time, because some programs write their title over their
 * environment (SPT_NOENV asks them not to).
 *
 * Only new processes are read: a process that began without a mark never gets one. A number stands for the same process
 * until the system has begun as many others as there are numbers, which it counts.
 */
import { readdirSync, readFileSync } from 'node:fs'

export type Process = { pid: number; start: string; name: string }

type Stat = { name: string; state: string; parent: number; group: number; session: number; start: string }

/** The variable that tells an attempt's processes: marks of the attempts around it too, separated by colons. */
export const markVariable = 'SWEEPBOARD_MARK'

const hasProc = process.platform === 'linux'

/** The process's state as the kernel tells it; null where there is none of that number (or no /proc). */
export function readStat(pid: number): Stat | null {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return null
  }
  // The program's name, in brackets, may hold anything; the fields after it are numbers.
  const end = text.lastIndexOf(')')
  const fields = text.slice(end + 2).split(' ')
  return {
    name: text.slice(text.indexOf('(') + 1, end),
    state: fields[0]!,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    start: fields[19]!,
  }
}

/** Whether anything of the process still runs: a zombie does not, and its parent may never collect it. */
export function runs(stat: Stat | null): stat is Stat {
  return stat !== null && stat.state !== 'Z' && stat.state !== 'X'
}

type Known = { start: string; marks: readonly string[] } | 'stranger'

/** Makes an empty table; `refresh` fills it. */
export function processTable() {
  const known = new Map<number, Known>()
  const numbers = readNumber('/proc/sys/kernel/pid_max') ?? 32_768
  let forksAtFirst = 0

  function inspect(pid: number): Known | null {
    const stat = readStat(pid)
    if (stat === null) return null
    let environment: string
    try {
      environment = readFileSync(`/proc/${pid}/environ`, 'latin1')
    } catch {
      // another user's, or gone meanwhile
      return 'stranger'
    }
    const own = marksOf(environment)
    const parent = known.get(stat.parent)
    const marks = own.length > 0 || parent === undefined || parent === 'stranger' ? own : parent.marks
    if (marks.length > 0) return { start: stat.start, marks }
    // Between its birth and its program's first instruction a process shows none; the kernel's own threads never do.
    return environment === '' && stat.parent !== 2 && runs(stat) ? null : 'stranger'
  }

  return {
    /** Reads what began since the last call. */
    refresh(): void {
      if (!hasProc) return
      const forks = countForks()
      if (forks - forksAtFirst >= numbers / 2) {
        for (const [pid, entry] of known) if (entry === 'stranger') known.delete(pid)
        forksAtFirst = forks
      }
      const listed = new Set<number>()
      for (const name of readdirSync('/proc')) {
        const pid = Number(name)
        if (!Number.isInteger(pid)) continue
        listed.add(pid)
        const entry = known.get(pid)
        if (entry === 'stranger' || (entry !== undefined && readStat(pid)?.start === entry.start)) continue
        const found = inspect(pid)
        if (found === null) known.delete(pid)
        else known.set(pid, found)
      }
      for (const pid of known.keys()) if (!listed.has(pid)) known.delete(pid)
    },

    /** Live processes that bear the mark, as of the last refresh; each was looked at now. */
    marked(mark: string): Process[] {
      const found: Process[] = []
      for (const [pid, entry] of known) {
        if (entry === 'stranger' || !entry.marks.includes(mark)) continue
        const stat = readStat(pid)
        if (runs(stat) && stat.start === entry.start) found.push({ pid, start: stat.start, name: stat.name })
      }
      return found
    },
  }
}

function marksOf(environment: string): string[] {
  const line = environment.split('\0').find((text) => text.startsWith(`${markVariable}=`))
  return line === undefined ? [] : line.slice(markVariable.length + 1).split(':')
}

/** How many processes the system has begun since its start. */
function countForks(): number {
  const found = /^processes (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))
  return found ? Number(found[1]) : 0
}

function readNumber(file: string): number | null {
  try {
    return Number(readFileSync(file, 'latin1'))
  } catch {
    return null
  }
}
