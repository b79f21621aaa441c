/** What a person wants to be told of, and which alerts follow from how everything stands: values in, values out. */
import { z } from 'zod'
import type { JobStatus, SweepStatus } from './run-status.ts'

const name = z.string().trim().min(1, 'a metric needs its name').max(300)

export const alertRuleSchema = z.discriminatedUnion('kind', [
  /** A training or an evaluation ended as failed, its retries used up. */
  z.strictObject({ kind: z.literal('run-failed') }),
  z.strictObject({ kind: z.literal('sweep-ended') }),
  z.strictObject({ kind: z.literal('sweep-paused') }),
  /** Without a metric: any. */
  z.strictObject({ kind: z.literal('not-finite'), metric: name.nullable() }),
  z.strictObject({ kind: z.enum(['above', 'below']), metric: name, value: z.number() }),
  /** No event and no output of a running attempt for so many minutes. */
  z.strictObject({ kind: z.literal('silent'), minutes: z.number().int().min(1).max(10_080) }),
  /** So much of the data folder's disk is used. */
  z.strictObject({ kind: z.literal('disk'), percent: z.number().min(1).max(100) }),
  /** A script asked for it: wandb.alert, trackio.alert, a note with `alert`. */
  z.strictObject({ kind: z.literal('client') }),
])
export type AlertRule = z.infer<typeof alertRuleSchema>

export type WatchedSweep = {
  id: number
  name: string
  status: SweepStatus
  pauseReason: string | null
  /** When a person last let it go on: tells one pause from the next. */
  resumedAt: number
  finishedAt: number | null
}
export type WatchedJob = {
  id: number
  /** As a sentence begins with it: `Run 3 of grid`. */
  name: string
  /** null: a run of its own. */
  sweepId: number | null
  /** The training itself, or the one that an evaluation is of. */
  runId: number
  attempt: number
  status: JobStatus
  error: string | null
  /** When it last wrote anything, in milliseconds since 1970; null where nobody knows. */
  heardAt: number | null
}
export type WatchedMetric = {
  runId: number
  metric: string
  step: number
  value: number
  /** Of all its values; null where each is NaN. */
  minimum: number | null
  maximum: number | null
}

/** How everything stands, as far as a rule may ask; times in milliseconds since 1970. */
export type Watched = {
  now: number
  sweeps: readonly WatchedSweep[]
  jobs: readonly WatchedJob[]
  metrics: readonly WatchedMetric[]
  /** What scripts asked to be told, not looked at before. */
  notes: readonly { id: number; runId: number; text: string }[]
  disk: { folder: string; percent: number } | null
}

/** `key`: the same for the same happening, however often it is looked at; a rule tells it once. */
export type NewAlert = { key: string; title: string; text: string; sweepId: number | null; runId: number | null }

const endWords: Partial<Record<SweepStatus, string>> = { done: 'is done', failed: 'failed', cancelled: 'was cancelled' }

/** Everything that the rule tells of, what it has told before among it. */
export function alertsOf(rule: AlertRule, watched: Watched): NewAlert[] {
  const runOf = (runId: number) => watched.jobs.find((job) => job.id === runId)
  const ofRun = (runId: number) => ({ runId, sweepId: runOf(runId)?.sweepId ?? null })
  const runName = (runId: number) => runOf(runId)?.name ?? `Run ${runId}`
  switch (rule.kind) {
    case 'run-failed':
      return watched.jobs
        .filter(({ status }) => status === 'failed')
        .map((job) => ({
          key: `failed/${job.id}/${job.attempt}`,
          title: `${job.name} failed`,
          text: job.error ?? 'Nobody said why.',
          sweepId: job.sweepId,
          runId: job.runId,
        }))
    case 'sweep-ended':
      return watched.sweeps.flatMap(({ id, name, status, finishedAt }) =>
        endWords[status] === undefined || finishedAt === null
          ? []
          : [
              {
                key: `ended/${id}/${finishedAt}`,
                title: `${name} ${endWords[status]}`,
                text: '',
                sweepId: id,
                runId: null,
              },
            ],
      )
    case 'sweep-paused':
      return watched.sweeps
        .filter(({ status }) => status === 'paused')
        .map(({ id, name, pauseReason, resumedAt }) => ({
          key: `paused/${id}/${resumedAt}`,
          title: `${name} is paused`,
          text: pauseReason ?? '',
          sweepId: id,
          runId: null,
        }))
    case 'not-finite':
      return watched.metrics
        .filter(({ metric }) => rule.metric === null || metric === rule.metric)
        .flatMap(({ runId, metric, step, value, minimum, maximum }) => {
          const bad = [value, minimum ?? NaN, maximum ?? NaN].find((one) => !Number.isFinite(one))
          return bad === undefined
            ? []
            : [
                {
                  key: `not-finite/${runId}/${metric}`,
                  title: `${metric} is not finite`,
                  text: `${runName(runId)}: ${metric} was ${bad} by step ${step}.`,
                  ...ofRun(runId),
                },
              ]
        })
    case 'above':
    case 'below':
      return watched.metrics.flatMap(({ runId, metric, step, value, minimum, maximum }) => {
        const reached = rule.kind === 'above' ? maximum : minimum
        const isBeyond = reached !== null && (rule.kind === 'above' ? reached > rule.value : reached < rule.value)
        return metric !== rule.metric || !isBeyond
          ? []
          : [
              {
                key: `${rule.kind}/${runId}/${metric}`,
                title: `${metric} is ${rule.kind} ${rule.value}`,
                text: `${runName(runId)}: ${metric} reached ${reached}; at step ${step} it is ${value}.`,
                ...ofRun(runId),
              },
            ]
      })
    case 'silent':
      return watched.jobs.flatMap((job) => {
        const { id, attempt, status, heardAt } = job
        if (status !== 'running' || heardAt === null || watched.now - heardAt < rule.minutes * 60_000) return []
        const text = `It wrote nothing since ${new Date(heardAt).toISOString().slice(0, 16).replace('T', ' ')} UTC; its process lives.`
        const key = `silent/${id}/${attempt}/${Math.floor(heardAt)}`
        const title = `${job.name} is silent for ${rule.minutes} min`
        return [{ key, title, text, sweepId: job.sweepId, runId: job.runId }]
      })
    case 'disk':
      return watched.disk === null || watched.disk.percent < rule.percent
        ? []
        : [
            {
              // once a day while it is so
              key: `disk/${new Date(watched.now).toISOString().slice(0, 10)}`,
              title: 'The disk is nearly full',
              text: `${watched.disk.percent.toFixed(1)} % of the disk of ${watched.disk.folder} are used.`,
              sweepId: null,
              runId: null,
            },
          ]
    case 'client':
      return watched.notes.map(({ id, runId, text }) => ({
        key: `note/${id}`,
        title: `${runName(runId)} says`,
        text,
        ...ofRun(runId),
      }))
  }
}

const delaysSeconds = [10, 30, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 6 * 3600, 6 * 3600]

/** Milliseconds until a delivery that failed for the `tries`-th time is tried again; null: it is given up, after about a day. */
export function retryDelay(tries: number): number | null {
  const seconds = delaysSeconds[tries - 1]
  return seconds === undefined ? null : seconds * 1000
}
