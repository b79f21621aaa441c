import { expect, test } from 'vitest'
import { estimateSecondsLeft, estimateTimeLeft, type WorkLeft } from './time-left.ts'

/** The report's sweep on four GPUs: trainings take all of them, evaluations one. */
const work: WorkLeft = {
  trainingSeconds: [],
  evaluationSeconds: [],
  live: [],
  trainingsWaiting: 9,
  evaluationsWaiting: 18,
  slotsEachTraining: 4,
  slotsEachEvaluation: 1,
  slots: 4,
  concurrency: null,
}

test('nothing is known until a training was measured', () => {
  expect(estimateTimeLeft(work)).toBeNull()
  expect(estimateTimeLeft({ ...work, evaluationSeconds: [60] })).toBeNull()
  expect(estimateTimeLeft({ ...work, live: [{ kind: 'training', elapsedSeconds: 30, progress: null }] })).toBeNull()
})

test('a live training that reports its progress is a measurement', () => {
  const live = [{ kind: 'training' as const, elapsedSeconds: 50, progress: 0.5 }]
  expect(estimateTimeLeft({ ...work, trainingsWaiting: 8, live })).toEqual({
    seconds: 850,
    trainingSeconds: 850,
    evaluationSeconds: 0,
  })
})

test('trainings one after another, evaluations between them on the same slots; the parts add up', () => {
  const left = estimateTimeLeft({
    ...work,
    trainingSeconds: [90, 110],
    evaluationSeconds: [40],
    trainingsWaiting: 7,
    evaluationsWaiting: 14,
  })!
  expect(left).toEqual({ seconds: 700 + (14 * 40) / 4, trainingSeconds: 700, evaluationSeconds: 140 })
})

test('evaluations that run beside trainings cost what they add', () => {
  const left = estimateTimeLeft({
    ...work,
    slots: 5,
    trainingSeconds: [100],
    evaluationSeconds: [10],
  })!
  expect(left.trainingSeconds).toBe(900)
  expect(left.seconds).toBe(910)
})

test('several at a time, as many as slots and concurrency allow', () => {
  const none = { ...work, evaluationsWaiting: 0, trainingSeconds: [60], slotsEachTraining: 1, trainingsWaiting: 8 }
  expect(estimateTimeLeft(none)!.seconds).toBe(120)
  expect(estimateTimeLeft({ ...none, concurrency: 2 })!.seconds).toBe(240)
  expect(estimateTimeLeft({ ...none, slots: 16 })!.seconds).toBe(60)
})

test('the last evaluations are all that is left', () => {
  const live = [{ kind: 'evaluation' as const, elapsedSeconds: 30, progress: null }]
  const left = estimateTimeLeft({
    ...work,
    trainingSeconds: [100],
    evaluationSeconds: [50],
    trainingsWaiting: 0,
    evaluationsWaiting: 1,
    live,
  })
  expect(left).toEqual({ seconds: 50, trainingSeconds: 0, evaluationSeconds: 50 })
})

test('a job that takes longer than all before is due any moment, never below 0', () => {
  const live = [{ kind: 'training' as const, elapsedSeconds: 500, progress: null }]
  const left = estimateTimeLeft({ ...work, trainingSeconds: [100], trainingsWaiting: 0, evaluationsWaiting: 0, live })
  expect(left).toEqual({ seconds: 0, trainingSeconds: 0, evaluationSeconds: 0 })
})

test('nothing left is 0 seconds', () => {
  expect(estimateTimeLeft({ ...work, trainingsWaiting: 0, evaluationsWaiting: 0 })!.seconds).toBe(0)
})

test('any work: parts are not negative and add up, and less work never takes longer', () => {
  let seed = 9
  const random = (count: number) => (seed = (seed * 48271) % 2147483647) % count
  for (let round = 0; round < 2000; round++) {
    const any: WorkLeft = {
      trainingSeconds: Array.from({ length: random(4) }, () => 1 + random(100)),
      evaluationSeconds: Array.from({ length: random(4) }, () => 1 + random(100)),
      live: Array.from({ length: random(4) }, () => ({
        kind: random(2) ? ('training' as const) : ('evaluation' as const),
        elapsedSeconds: random(200),
        progress: random(2) ? random(101) / 100 : null,
      })),
      trainingsWaiting: random(5),
      evaluationsWaiting: random(5),
      slotsEachTraining: 1 + random(4),
      slotsEachEvaluation: 1 + random(4),
      slots: 1 + random(8),
      concurrency: random(2) ? 1 + random(3) : null,
    }
    const left = estimateTimeLeft(any)
    if (left === null) continue
    expect(left.seconds).toBeCloseTo(left.trainingSeconds + left.evaluationSeconds, 6)
    expect(Math.min(left.trainingSeconds, left.evaluationSeconds)).toBeGreaterThanOrEqual(0)
    const more = estimateTimeLeft({ ...any, trainingsWaiting: any.trainingsWaiting + 1 })
    if (more) expect(more.seconds).toBeGreaterThanOrEqual(left.seconds - 1e-9)
  }
})

test('one job: by its progress, by earlier ones, or not at all', () => {
  const job = { earlierSeconds: [], elapsedSeconds: 30, progress: null, live: true }
  expect(estimateSecondsLeft(job)).toBeNull()
  expect(estimateSecondsLeft({ ...job, progress: 0.001 })).toBeNull()
  expect(estimateSecondsLeft({ ...job, progress: 0.25 })).toBe(90)
  expect(estimateSecondsLeft({ ...job, earlierSeconds: [90, 110] })).toBe(70)
  expect(estimateSecondsLeft({ ...job, earlierSeconds: [10] })).toBe(0)
  expect(estimateSecondsLeft({ ...job, earlierSeconds: [100], progress: 0.5 })).toBe(50)
  expect(estimateSecondsLeft({ ...job, progress: 1 })).toBe(0)
  expect(estimateSecondsLeft({ ...job, progress: 0.5, live: false })).toBeNull()
})
