/** How many jobs go before each of ours where they wait, as far as Slurm shows others' jobs. */

/** A job that waits, as squeue tells it. */
export type Waiting = {
  /** Of ours: what it is called by; null: somebody else's. */
  key: string | null
  /** As Slurm's commands take it: `12`, or `12_3`. */
  job: string
  /** Names of the partitions that it may start in, comma-separated. */
  partitions: string
  priority: number
  reason: string
}

/** These wait for something else than their turn, and nobody waits for them. */
const notInLine = /^\(?(Dependency|DependencyNeverSatisfied|BeginTime|JobHeld|launch)/

/**
 * For each of ours that is in line: how many others are before it in one of its partitions. Of the same priority the earlier number is first,
 * as Slurm has it. What is held, or waits for its time or another job, is in no line.
 */
export function placesInLine(waiting: readonly Waiting[]): Map<string, number> {
  const inLine = waiting.filter(({ priority, reason }) => priority > 0 && !notInLine.test(reason))
  const lines = new Map<string, Waiting[]>()
  for (const one of inLine) {
    for (const partition of one.partitions.split(',')) {
      if (!lines.has(partition)) lines.set(partition, [])
      lines.get(partition)!.push(one)
    }
  }
  const before = new Map<string, number>()
  for (const line of lines.values()) {
    line.sort((one, other) => other.priority - one.priority || compareNumbers(one.job, other.job))
    line.forEach(({ key }, at) => {
      if (key !== null) before.set(key, Math.min(at, before.get(key) ?? Infinity))
    })
  }
  return before
}

function compareNumbers(one: string, other: string): number {
  const [a, b] = [one, other].map((job) => job.split('_').map(Number)) as [number[], number[]]
  return a[0]! - b[0]! || (a[1] ?? 0) - (b[1] ?? 0)
}
