import { expect, test } from 'vitest'
import { alertRuleSchema, alertsOf, retryDelay, type AlertRule, type Watched, type WatchedJob } from './alerts.ts'

const job: WatchedJob = {
  id: 7,
  name: 'Run 3 of grid',
  sweepId: 1,
  runId: 7,
  attempt: 2,
  status: 'running',
  error: null,
  heardAt: null,
}
const sweep = {
  id: 1,
  name: 'grid',
  status: 'running' as const,
  pauseReason: null,
  resumedAt: 0,
  finishedAt: null,
}
const watched = (parts: Partial<Watched>): Watched => ({
  now: 10_000_000,
  sweeps: [sweep],
  jobs: [job],
  metrics: [],
  notes: [],
  disk: null,
  ...parts,
})
const titles = (rule: AlertRule, parts: Partial<Watched>) => alertsOf(rule, watched(parts)).map(({ title }) => title)
const loss = (value: number, minimum: number | null, maximum: number | null) => ({
  metrics: [{ runId: 7, metric: 'loss', step: 40, value, minimum, maximum }],
})

test('a failed run says which, and why', () => {
  const failed = { ...job, status: 'failed' as const, error: 'Exit code 1.' }
  expect(alertsOf({ kind: 'run-failed' }, watched({ jobs: [failed, { ...job, id: 8 }] }))).toEqual([
    { key: 'failed/7/2', title: 'Run 3 of grid failed', text: 'Exit code 1.', sweepId: 1, runId: 7 },
  ])
})

test('a sweep is told once for each end, and once for each pause', () => {
  const done = { ...sweep, status: 'done' as const, finishedAt: 5 }
  expect(titles({ kind: 'sweep-ended' }, { sweeps: [sweep, done] })).toEqual(['grid is done'])
  const paused = (resumedAt: number) =>
    alertsOf({ kind: 'sweep-paused' }, watched({ sweeps: [{ ...sweep, status: 'paused', resumedAt }] }))[0]!.key
  expect(paused(1)).toBe(paused(1))
  expect(paused(1)).not.toBe(paused(2))
})

test('what was beyond a value is told even where it is back', () => {
  const above: AlertRule = { kind: 'above', metric: 'loss', value: 10 }
  expect(titles(above, loss(2, 1, 12))).toEqual(['loss is above 10'])
  expect(titles(above, loss(2, 1, 10))).toEqual([])
  expect(titles({ kind: 'below', metric: 'loss', value: 1 }, loss(2, 0.5, 3))).toEqual(['loss is below 1'])
  expect(titles({ ...above, metric: 'other' }, loss(2, 1, 12))).toEqual([])
})

test('NaN and infinities are told of any metric or of one', () => {
  const any: AlertRule = { kind: 'not-finite', metric: null }
  expect(titles(any, loss(NaN, 1, 2))).toEqual(['loss is not finite'])
  expect(titles(any, loss(1, 1, Infinity))).toEqual(['loss is not finite'])
  expect(titles(any, loss(NaN, null, null))).toEqual(['loss is not finite'])
  expect(titles(any, loss(1, 1, 2))).toEqual([])
  expect(titles({ kind: 'not-finite', metric: 'kl' }, loss(NaN, 1, 2))).toEqual([])
})

test('silence is told once until something is heard again', () => {
  const rule: AlertRule = { kind: 'silent', minutes: 10 }
  const heard = (heardAt: number | null) => alertsOf(rule, watched({ jobs: [{ ...job, heardAt }] }))
  expect(heard(10_000_000 - 599_999)).toEqual([])
  expect(heard(null)).toEqual([])
  expect(heard(9_000_000)[0]!.key).toBe(heard(9_000_000)[0]!.key)
  expect(heard(9_000_000)[0]!.key).not.toBe(heard(9_300_000)[0]!.key)
  expect(titles(rule, { jobs: [{ ...job, heardAt: 9_000_000, status: 'starting' }] })).toEqual([])
})

test('the disk is told once a day', () => {
  const rule: AlertRule = { kind: 'disk', percent: 90 }
  const at = (now: number) => alertsOf(rule, watched({ now, disk: { folder: '/data', percent: 93 } }))[0]!.key
  expect(at(0)).toBe(at(80_000_000))
  expect(at(0)).not.toBe(at(90_000_000))
  expect(titles(rule, { disk: { folder: '/data', percent: 89.9 } })).toEqual([])
})

test('a script says it itself', () => {
  expect(titles({ kind: 'client' }, { notes: [{ id: 4, runId: 7, text: 'low reward' }] })).toEqual([
    'Run 3 of grid says',
  ])
})

test.each([
  { kind: 'above', metric: '', value: 1 },
  { kind: 'above', metric: 'loss', value: NaN },
  { kind: 'silent', minutes: 0 },
  { kind: 'disk', percent: 101 },
  { kind: 'run-failed', metric: 'loss' },
  { kind: 'other' },
])('refuses a rule that says nothing: %j', (rule) => {
  expect(alertRuleSchema.safeParse(rule).success).toBe(false)
})

test('tries again later and later, and gives up after about a day', () => {
  const delays = Array.from({ length: 20 }, (_, at) => retryDelay(at + 1))
  const waits = delays.filter((delay) => delay !== null)
  expect(waits.toSorted((a, b) => a - b)).toEqual(waits)
  expect(waits.reduce((sum, delay) => sum + delay, 0) / 3_600_000).toBeCloseTo(22.4, 0)
  expect(delays.at(-1)).toBeNull()
})
