import { expect, test } from 'vitest'
import type { Place } from '../../domain/life/place.ts'
import { waitWords } from './place.ts'

const place: Place = {
  engine: 'slurm',
  cluster: 'hpc',
  job: '12_3',
  partition: 'gpu',
  node: null,
  gpus: null,
  waits: 'others go before it (Priority)',
  expectedStart: null,
}

test.each([
  [{}, 'Queued at Slurm as job 12_3: others go before it (Priority)'],
  [{ ahead: 0 }, / \(Priority\)\. Of the jobs that Slurm shows, it is next in its partition$/],
  [{ ahead: 1 }, /, 1 goes before it in its partition$/],
  [
    { ahead: 1200, expectedStart: 3_600_000 },
    /, 1,200 go before it in its partition\. Slurm expects to start it .+ at /,
  ],
])('%j', (more, words) => {
  expect(waitWords({ ...place, ...more }, 0)).toEqual(words instanceof RegExp ? expect.stringMatching(words) : words)
})
