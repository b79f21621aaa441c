import { expect, test } from 'vitest'
import { isJobFinished, isJobLive, isLegalTransition, isSweepFinished, jobStatuses } from './run-status.ts'

test('a job is waiting, live or finished, and never two of them', () => {
  for (const status of jobStatuses) {
    const kinds = [status === 'waiting', isJobLive(status), isJobFinished(status)]
    expect(kinds.filter(Boolean), status).toHaveLength(1)
  }
})

test('only a claim makes a job live, and what is done is only ever tried again', () => {
  for (const from of jobStatuses) {
    expect(isLegalTransition(from, 'starting'), from).toBe(from === 'waiting')
    expect(isLegalTransition('done', from), from).toBe(from === 'waiting')
  }
  expect(isLegalTransition('failed', 'waiting')).toBe(true)
  expect(isLegalTransition('failed', 'done')).toBe(false)
})

test('a paused sweep has not ended', () => {
  expect(isSweepFinished('paused')).toBe(false)
  expect(isSweepFinished('failed')).toBe(true)
})
