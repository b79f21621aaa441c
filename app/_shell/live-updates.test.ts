import { expect, test } from 'vitest'
import type { ChangeNotice } from '../../contract/api/system.ts'
import { readingsOf } from './live-updates.tsx'

/** Stands for every procedure, and for what it gives. */
const anything: never = new Proxy(() => ({}), { get: () => anything, apply: () => ({}) }) as never

test.each<ChangeNotice>([
  { topic: 'sweep', sweepId: 1, runId: null },
  { topic: 'run', sweepId: 1, runId: 2 },
  { topic: 'run', sweepId: null, runId: 2 },
  { topic: 'baseline', sweepId: null, runId: null },
  { topic: 'system', sweepId: null, runId: null },
])('what is read again has a name of its own, or one would take the place of the other: %j', (change) => {
  const names = readingsOf(anything, change).map(([name]) => name)
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
})
