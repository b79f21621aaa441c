/**
 * How all jobs stand, asked in one question: `squeue`, and for those that it no longer knows `sacct`, where the site keeps
 * accounts. Jobs are known by the name of their submission, which is a token of this side, and their place in its array:
 * numbers are Slurm's, and given twice when its controller lost its state.
 */
import { userInfo } from 'node:os'
import { monotonicMilliseconds } from '../clock.ts'
import type { Call } from './call.ts'
import { phaseOf } from './job-states.ts'
import { placesInLine, type Waiting } from './places-in-line.ts'

export type JobRecord = {
  /** As Slurm's commands take it: `12`, or `12_3`. */
  job: string
  state: string
  reason: string | null
  partition: string | null
  node: string | null
  /** How long it has run, as Slurm counts. */
  seconds: number
  /** When it is expected to start, or did; in milliseconds since 1970. */
  start: number | null
  /** How many jobs that Slurm shows go before it, as of the last question about all; null: it is in no line, or nobody asked yet. */
  ahead: number | null
}

export type SlurmKnowledge = {
  /** When the question began, by the monotonic clock: what was true before then is in the answer. */
  begunAt: number
  find(name: string, index: number): JobRecord | null
}

/** No more often than this, however slow the controller. */
const longestPauseMilliseconds = 60_000
/** The controller's time goes into questions to at most this part. */
const mostShare = 0.1
const answerSeconds = 30
/** While jobs of ours wait, one question in so long is about everybody's, for their places in line. */
const everybodyMilliseconds = 30_000

/** The jobs that are asked about: by name, since when Slurm surely has them, and their places in its array. */
export type WantedJobs = ReadonlyMap<string, { since: number; indexes: readonly number[] }>

export type SlurmQueue = {
  /** What was answered last; null: nothing yet. Begins a question where one is due, and does not wait for it. */
  look(wanted: WantedJobs): SlurmKnowledge | null
  /** Why there is no answer now; null: there is one. */
  trouble(): string | null
  /** Calls the listener after each answer. */
  onAnswer(listener: () => void): void
  /** The next look may ask, whenever the last one was: something happened that nobody else will tell. */
  soon(): void
}

export function watchQueue(call: Call, askSeconds: number): SlurmQueue {
  const listeners: (() => void)[] = []
  let knowledge: SlurmKnowledge | null = null
  let problem: string | null = null
  let asking = false
  let failures = 0
  let nextAt = 0
  /** Whatever happened, nobody asks before. */
  let earliestAt = 0
  let hasAccounts = true
  let everybodyAt = -Infinity
  let isWaiting = false
  /** By name and place in the array. */
  let ahead = new Map<string, number>()
  /** What accounts said of jobs that have ended: they do not change. */
  const ended = new Map<string, JobRecord>()

  async function ask(wanted: WantedJobs): Promise<void> {
    const begunAt = monotonicMilliseconds()
    const format = '%i|%j|%T|%M|%S|%P|%N|%U|%Q|%r'
    const user = String(userInfo().uid)
    const asksAll = isWaiting && begunAt - everybodyAt >= everybodyMilliseconds
    const whose = asksAll ? [] : ['-u', user]
    const answer = await call('squeue', ['-h', '-r', '-t', 'all', ...whose, '-o', format], answerSeconds)
    if (!answer.ok) {
      failures++
      problem = `Slurm does not answer: ${answer.message}`
    } else {
      failures = 0
      problem = null
      const { records, waiting } = readQueue(answer.text, user)
      if (asksAll) {
        everybodyAt = begunAt
        ahead = placesInLine(waiting)
      }
      isWaiting = waiting.some(({ key }) => key !== null)
      for (const { key, record } of waiting) if (key !== null) record.ahead = ahead.get(key) ?? null
      const isKnown = (name: string, index: number) => records.get(name)?.has(index) || ended.has(`${name}/${index}`)
      const missing = [...wanted].filter(
        ([name, { since, indexes }]) => since < begunAt && !indexes.every((index) => isKnown(name, index)),
      )
      if (hasAccounts && missing.length > 0) await askAccounts(missing.map(([name]) => name))
      for (const key of ended.keys()) if (!wanted.has(key.slice(0, key.lastIndexOf('/')))) ended.delete(key)
      knowledge = {
        begunAt,
        find: (name, index) => records.get(name)?.get(index) ?? ended.get(`${name}/${index}`) ?? null,
      }
    }
    const took = monotonicMilliseconds() - begunAt
    // one that is away has no load of it, and is looked for again after some seconds
    const load = answer.ok ? Math.max(took / mostShare, wanted.size * 5) : 0
    earliestAt = begunAt + Math.min(longestPauseMilliseconds, Math.max(askSeconds * 1000, took / mostShare))
    const rest = Math.max(askSeconds * 1000 * 2 ** Math.min(failures, 3), load)
    nextAt = begunAt + Math.min(longestPauseMilliseconds, rest)
  }

  async function askAccounts(names: string[]): Promise<void> {
    for (let at = 0; at < names.length; at += 200) {
      const some = names.slice(at, at + 200).join(',')
      const format = 'jobid,jobname,state,elapsedraw,start,partition,nodelist'
      const args = ['-X', '-n', '-P', '-S', 'now-30days', `--name=${some}`, `--format=${format}`]
      const answer = await call('sacct', args, answerSeconds)
      if (!answer.ok) {
        if (answer.sure) hasAccounts = false
        return
      }
      for (const line of answer.text.split('\n')) {
        const [job, name, state, elapsed, start, partition, node] = line.split('|')
        if (job === undefined || name === undefined || state === undefined) continue
        const record = recordOf({
          job,
          state,
          seconds: Number(elapsed),
          start: start!,
          partition: partition!,
          node: node!,
        })
        if (phaseOf(record.state) === 'ended') ended.set(`${name}/${indexOf(job)}`, record)
      }
    }
  }

  return {
    look(wanted) {
      if (!asking && wanted.size > 0 && monotonicMilliseconds() >= nextAt) {
        asking = true
        void ask(wanted).finally(() => {
          asking = false
          for (const listener of listeners) listener()
        })
      }
      return knowledge
    },
    trouble: () => problem,
    onAnswer: (listener) => void listeners.push(listener),
    soon() {
      const shortly = Math.max(earliestAt, monotonicMilliseconds() + askSeconds * 400)
      if (failures === 0) nextAt = Math.min(nextAt, shortly)
    },
  }
}

/** Our jobs by name and place in the array, and whatever waits. `user`: our number. */
function readQueue(
  text: string,
  user: string,
): { records: Map<string, Map<number, JobRecord>>; waiting: (Waiting & { record: JobRecord })[] } {
  const records = new Map<string, Map<number, JobRecord>>()
  const waiting: (Waiting & { record: JobRecord })[] = []
  for (const line of text.split('\n')) {
    const [job, name, state, elapsed, start, partition, node, owner, priority, ...reason] = line.split('|')
    if (job === undefined || name === undefined || priority === undefined) continue
    const isOwn = owner === user
    // of others only who is in line
    if (!isOwn && state !== 'PENDING') continue
    const seconds = secondsOf(elapsed!)
    const record = recordOf({ job, state: state!, seconds, start: start!, partition: partition!, node: node! })
    record.reason = reason.join('|') || null
    const index = indexOf(job)
    if (state === 'PENDING') {
      const key = isOwn ? `${name}/${index}` : null
      waiting.push({
        key,
        job,
        partitions: partition!,
        priority: Number(priority),
        reason: record.reason ?? '',
        record,
      })
    }
    if (!isOwn) continue
    if (!records.has(name)) records.set(name, new Map())
    const own = records.get(name)!
    // of a name that was submitted twice after all, the one that goes on counts
    if (own.has(index) && phaseOf(record.state) === 'ended') continue
    own.set(index, record)
  }
  return { records, waiting }
}

function recordOf({
  job,
  state,
  seconds,
  start,
  partition,
  node,
}: {
  job: string
  state: string
  seconds: number
  start: string
  partition: string
  node: string
}): JobRecord {
  return {
    job,
    // "CANCELLED by 1000"
    state: state.split(' ')[0]!,
    reason: null,
    partition: partition || null,
    node: node === '' || /none assigned/i.test(node) ? null : node,
    seconds: seconds >= 0 ? seconds : 0,
    start: /^\d+$/.test(start) ? Number(start) * 1000 : null,
    ahead: null,
  }
}

function indexOf(job: string): number {
  return Number(/_(\d+)$/.exec(job)?.[1] ?? 0)
}

/** `1-02:03:04`, `02:03:04`, `03:04`. */
function secondsOf(elapsed: string): number {
  const [, days = '0', rest = ''] = /^(?:(\d+)-)?([\d:]+)$/.exec(elapsed) ?? []
  return rest.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400
}
