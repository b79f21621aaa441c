/** Where a cluster runs an attempt, or why it waits there, in words. */
import type { Place } from '../../domain/life/place.ts'
import { formatClock, formatDay } from './format.ts'

const engineWords = { slurm: 'Slurm', ray: 'Ray' }

/** `Slurm job 12_3 on n1 of trial, GPUs 0,1`, as far as it is known. */
export function placeWords({ engine, job, cluster, node, gpus }: Place): string {
  const where = node === null ? '' : ` on ${node}`
  const of = cluster === null ? '' : ` of ${cluster}`
  const which = gpus === null ? '' : `, ${gpus.includes(',') ? 'GPUs' : 'GPU'} ${gpus.replaceAll(',', ', ')}`
  return `${engineWords[engine]} job${job === null ? '' : ` ${job}`}${where}${of}${which}`
}

/** Why it does not run yet, and when it is expected to, where the cluster says it; null: it waits no more. */
export function waitWords({ engine, job, waits, expectedStart, ahead = null }: Place, now: number): string | null {
  if (waits === null) return null
  const as = job === null ? '' : ` as job ${job}`
  const expected =
    expectedStart === null || expectedStart <= now
      ? ''
      : `. ${engineWords[engine]} expects to start it ${formatDay(expectedStart, now)} at ${formatClock(expectedStart)}`
  const line = ahead === null ? '' : `. ${aheadWords(ahead, engineWords[engine])}`
  return `Queued at ${engineWords[engine]}${as}: ${waits}${line}${expected}`
}

function aheadWords(ahead: number, engine: string): string {
  if (ahead === 0) return `Of the jobs that ${engine} shows, it is next in its partition`
  return `Of the jobs that ${engine} shows, ${ahead.toLocaleString('en-US')} ${ahead === 1 ? 'goes' : 'go'} before it in its partition`
}
