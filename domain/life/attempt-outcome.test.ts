import { describe, expect, test } from 'vitest'
import { attemptOutcome, maximumLosses, type Interruption } from './attempt-outcome.ts'

const base = {
  end: { exitCode: 0, signal: null, error: null, signalled: false },
  stopReason: null,
  timeoutSeconds: null,
  complete: false,
  complaint: null,
  whole: false,
  reason: null,
  failures: 0,
  losses: 0,
  retries: 1,
} satisfies Parameters<typeof attemptOutcome>[0]
const outcome = (more: Partial<Parameters<typeof attemptOutcome>[0]>) => attemptOutcome({ ...base, ...more })

describe('what ended it from outside', () => {
  const vanished = { end: 'vanished' as const }
  const by = (costs: Interruption['costs']) => ({ interruption: { sentence: 'Job 7 made way.', costs } })
  test('costs nothing where it made way, also after many losses', () => {
    expect(outcome({ ...vanished, ...by('nothing'), failures: 1, losses: 2 })).toMatchObject({
      jobStatus: 'waiting',
      attemptStatus: 'released',
      failures: 1,
      losses: 0,
      error: 'Job 7 made way.',
    })
  })
  test('a time limit costs a retry only where nothing new was saved', () => {
    expect(outcome({ ...by('progress'), advanced: true })).toMatchObject({ jobStatus: 'waiting', failures: 0 })
    expect(outcome({ ...by('progress'), advanced: false })).toMatchObject({ jobStatus: 'waiting', failures: 1 })
    expect(outcome({ ...by('progress'), advanced: false, failures: 1 }).error).toMatch(/no new checkpoint/)
  })
  test('a node that goes down is a loss, and too many are a failure', () => {
    expect(outcome({ ...vanished, ...by('loss') })).toMatchObject({ jobStatus: 'waiting', losses: 1, failures: 0 })
    expect(outcome({ ...vanished, ...by('loss'), losses: maximumLosses - 1 })).toMatchObject({ failures: 1 })
  })
  test('what trying again would not help is tried no more', () => {
    expect(outcome({ ...vanished, ...by('everything') })).toMatchObject({ jobStatus: 'failed' })
  })
  test('exit code 0 after it is no end, unless all is done', () => {
    expect(outcome(by('nothing')).jobStatus).toBe('waiting')
    expect(outcome({ ...by('nothing'), complete: true }).jobStatus).toBe('done')
    expect(outcome({ ...by('retry'), stopReason: 'cancel' }).jobStatus).toBe('cancelled')
  })
})

test('exit code 0 is done', () => {
  expect(outcome({})).toMatchObject({ attemptStatus: 'done', jobStatus: 'done', error: null })
})

describe('a failure', () => {
  const failed = { end: { exitCode: 3, signal: null, error: null, signalled: false }, reason: 'CUDA out of memory' }
  test('is tried again while retries are left', () => {
    expect(outcome(failed)).toMatchObject({
      jobStatus: 'waiting',
      attemptStatus: 'failed',
      failures: 1,
      error: 'Exit code 3: CUDA out of memory',
    })
  })
  test('is final after them', () => {
    expect(outcome({ ...failed, failures: 1 })).toMatchObject({ jobStatus: 'failed', failures: 2 })
    expect(outcome({ ...failed, retries: 0 })).toMatchObject({ jobStatus: 'failed' })
  })
  test('by a signal names it', () => {
    expect(outcome({ end: { exitCode: 137, signal: 'SIGKILL', error: null, signalled: false } })).toMatchObject({
      signal: 'SIGKILL',
      error: 'Ended by SIGKILL: killed from outside, most often because the machine ran out of memory.',
    })
    expect(outcome({ end: { exitCode: 139, signal: 'SIGSEGV', error: null, signalled: false } })).toMatchObject({
      error: 'Ended by SIGSEGV.',
    })
  })
  test('by a kill for memory is told in the words of the log where it has them', () => {
    const killed = { exitCode: 137, signal: null, error: null, signalled: false }
    expect(outcome({ end: killed, reason: 'Detected 1 oom_kill event' }).error).toBe(
      'Exit code 137: Detected 1 oom_kill event',
    )
    expect(outcome({ end: killed, reason: 'step 12' }).error).toBe(
      'Exit code 137: killed from outside, most often because the machine ran out of memory. Its last words: step 12',
    )
  })
  test('to start says why', () => {
    expect(
      outcome({
        end: { exitCode: 127, signal: null, error: 'could not start x: its folder y does not exist', signalled: false },
      }).error,
    ).toBe('It could not start x: its folder y does not exist.')
  })
  test('of an evaluation without a report counts though its code is 0', () => {
    expect(outcome({ complaint: 'It wrote no report.' })).toMatchObject({
      jobStatus: 'waiting',
      error: 'It wrote no report.',
    })
  })
})

describe('a stop that was asked for', () => {
  test('cancel ends the job, however the process took it', () => {
    for (const exitCode of [0, 1, 143]) {
      expect(
        outcome({ stopReason: 'cancel', end: { exitCode, signal: null, error: null, signalled: true } }),
      ).toMatchObject({
        jobStatus: 'cancelled',
        failures: 0,
      })
    }
  })
  test('release puts it back without costing a retry', () => {
    expect(
      outcome({
        stopReason: 'release',
        end: { exitCode: 143, signal: null, error: null, signalled: true },
        retries: 0,
      }),
    ).toMatchObject({
      jobStatus: 'waiting',
      attemptStatus: 'released',
      failures: 0,
    })
  })
  test('timeout is a failure that says how long it was given', () => {
    expect(
      outcome({
        stopReason: 'timeout',
        timeoutSeconds: 60,
        end: { exitCode: 0, signal: null, error: null, signalled: true },
        retries: 0,
      }),
    ).toMatchObject({
      jobStatus: 'failed',
      error: 'Stopped after 60 s (timeout_seconds).',
    })
  })
  test('a job that had done everything when it left with code 0 is done', () => {
    expect(outcome({ stopReason: 'release', complete: true })).toMatchObject({ jobStatus: 'done' })
    expect(
      outcome({
        stopReason: 'release',
        complete: true,
        end: { exitCode: 1, signal: null, error: null, signalled: true },
      }),
    ).toMatchObject({
      jobStatus: 'waiting',
    })
  })
})

describe('a process that vanished', () => {
  test('costs no retry', () => {
    expect(outcome({ end: 'vanished', retries: 0 })).toMatchObject({
      jobStatus: 'waiting',
      attemptStatus: 'lost',
      failures: 0,
      losses: 1,
    })
  })
  test(`counts as a failure after ${maximumLosses} times in a row`, () => {
    expect(outcome({ end: 'vanished', losses: maximumLosses - 1, retries: 0 })).toMatchObject({
      jobStatus: 'failed',
      failures: 1,
    })
  })
})

test('a stop that never reached a program that ended with 0 does not count', () => {
  for (const stopReason of ['cancel', 'release', 'timeout'] as const) {
    const end = { exitCode: 0, signal: null, error: null, signalled: false }
    expect(outcome({ stopReason, end })).toMatchObject({ attemptStatus: 'done', jobStatus: 'done' })
    expect(outcome({ stopReason, end: { ...end, exitCode: 1 } })).not.toMatchObject({ jobStatus: 'done' })
  }
})

test('what is there whole is taken where nobody saw how the attempt ended, unless it was to end', () => {
  expect(outcome({ end: 'vanished', whole: true })).toMatchObject({ attemptStatus: 'done', jobStatus: 'done' })
  expect(outcome({ end: 'vanished', whole: true, stopReason: 'release' })).toMatchObject({ jobStatus: 'done' })
  expect(outcome({ end: 'vanished', whole: true, stopReason: 'cancel' })).toMatchObject({ jobStatus: 'cancelled' })
})
