/** A search that proposes one training after another, on a server: what waits for what, and that nothing is done twice. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listSweepJobs } from '../db/queries/jobs.ts'
import { cancelSweep } from '../server/act/sweeps/change-sweep.ts'
import { proposeByPerson, setTrainings } from '../server/act/sweeps/propose-trainings.ts'
import { openTestServer, stub, type TestServer } from './harness.ts'

let server: TestServer
beforeAll(() => {
  server = openTestServer()
})
afterAll(() => server.close())

const definition = (search: object, extra: object = {}) => ({
  name: 'searched',
  search,
  axes: { lr: { log_uniform: ['1e-5', '1e-1'] }, batch: ['8', '16', '32'] },
  concurrency: 1,
  train: { command: ['true', '${lr}'] },
  checkpoint: 'unused/${lr}-${batch}',
  score: { baseline: { B: 0.5 } },
  ...extra,
})

const trainings = (id: number) => listSweepJobs(server.context.database, id, 'training')

test('trainings are proposed one at a time where one runs at a time, count as planned from the start, and end with the number', async () => {
  const id = server.create({
    ...definition({ method: 'random', trainings: 5, seed: 3 }),
    train: { command: stub('waits-for-file', `${server.dataFolder}/gate`) },
    evaluate: { command: stub('evaluates', '${report}', 'B=0.5'), report: { accuracies: 'acc' } },
    checkpoint: undefined,
  } as never)
  await server.until(id, (sweep) => sweep.runs[0]?.status === 'running')
  expect(trainings(id)).toHaveLength(1)
  expect(server.sweep(id).counts).toMatchObject({ points: 5, trainings: 5 })
  expect(trainings(id)[0]!.proposal).toEqual({ by: 'random', seen: 0, pending: 0 })
  // a person's is the next, and one of the five
  expect(proposeByPerson(server.context, id, { lr: '2e-3', batch: '16' })).toBe(2)
  expect(() => proposeByPerson(server.context, id, { lr: '0.002', batch: '16' })).toThrow(
    'There is a training of these values already',
  )
  expect(() => proposeByPerson(server.context, id, { lr: '1', batch: '7', step: '1' })).toThrow(
    'There is no axis step to choose a value of. “1” is no value of the axis lr; expected a number from 1e-5 to 1e-1. “7” is no value of the axis batch; expected 8, 16, 32.',
  )
  setTrainings(server.context, id, { trainings: 3 })
  expect(() => setTrainings(server.context, id, { trainings: 1 })).toThrow(
    'has 2 trainings already; expected at least 2, not 1',
  )
  expect(server.sweep(id).counts.points).toBe(3)
  cancelSweep(server.context, id)
  await server.until(id, (sweep) => sweep.status === 'cancelled' && sweep.slotsHeld === 0)
  expect(trainings(id)).toHaveLength(2)
  expect(server.sweep(id).counts.points).toBe(2)
})
