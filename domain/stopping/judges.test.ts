import { describe, expect, test } from 'vitest'
import { judge } from './judges.ts'
import type { JudgedRun, Snapshot } from './method.ts'

/** A run that reached these values at rungs 1, 2 …; those of all runs arrive run by run. */
function run(number: number, values: number[], more: Partial<JudgedRun> = {}): JudgedRun {
  const readings = values.map((value, at) => ({ rung: at + 1, value, order: number * 100 + at }))
  return { run: number, state: 'open', readings, lacking: [], judged: [], ...more }
}

const snapshot = (runs: JudgedRun[], more: Partial<Snapshot> = {}): Snapshot => ({
  goal: 'maximize',
  rungs: [1, 2],
  runs,
  factor: 3,
  keep: 1 / 3,
  what: 'score',
  at: (rung) => `epoch ${rung}`,
  value: (value) => value.toFixed(2),
  alike: () => false,
  ...more,
})

const stoppedBy = (method: Parameters<typeof judge>[0], given: Snapshot) =>
  judge(method, given)
    .filter(({ goesOn }) => !goesOn)
    .map(({ run }) => run)
const goOnBy = (method: Parameters<typeof judge>[0], given: Snapshot) =>
  judge(method, given)
    .filter(({ goesOn }) => goesOn)
    .map(({ run }) => run)

describe('milestones', () => {
  const nine = [0.5, 0.9, 0.3, 0.8, 0.7, 0.2, 0.6, 0.1, 0.4].map((value, at) => run(at + 1, [value]))

  test('of nine the best three go on', () => {
    expect(goOnBy('milestones', snapshot(nine))).toEqual([2, 4, 5])
    expect(stoppedBy('milestones', snapshot(nine))).toEqual([7, 1, 9, 3, 6, 8])
    expect(judge('milestones', snapshot(nine)).find(({ run }) => run === 7)!.reason).toBe(
      'at epoch 1 its score of 0.60 was below the 0.70 of the last of 3 that go on, of 9.',
    )
  })

  test('less is better where the goal says so', () => {
    expect(goOnBy('milestones', snapshot(nine, { goal: 'minimize' }))).toEqual([8, 6, 3])
  })

  test('who cannot be told from the last kept goes on, when all have come', () => {
    const alike = (first: number) => first === 7
    expect(goOnBy('milestones', snapshot(nine, { alike }))).toEqual([2, 4, 5, 7])
    const waits = [...nine.slice(0, 8), run(9, [])]
    expect(goOnBy('milestones', snapshot(waits, { alike }))).not.toContain(7)
    expect(stoppedBy('milestones', snapshot(waits, { alike }))).not.toContain(7)
  })

  test('whatever the order of arrival, the same are stopped as when all have come', () => {
    const whole = new Set(stoppedBy('milestones', snapshot(nine)))
    for (let known = 0; known <= nine.length; known++) {
      const partly = nine.map((one, at) => (at < known ? one : run(one.run, [])))
      for (const stopped of stoppedBy('milestones', snapshot(partly))) expect(whole).toContain(stopped)
      for (const kept of goOnBy('milestones', snapshot(partly))) expect(whole).not.toContain(kept)
    }
  })

  test('three or fewer all go on', () => {
    expect(stoppedBy('milestones', snapshot(nine.slice(0, 3)))).toEqual([])
    expect(goOnBy('milestones', snapshot(nine.slice(0, 3)))).toEqual([2, 1, 3])
  })

  test('one whose evaluation failed is not held against, and not waited for', () => {
    const runs = [...nine.slice(0, 8), run(9, [], { lacking: [1] })]
    expect(goOnBy('milestones', snapshot(runs))).toEqual([9, 2, 4, 5])
  })

  test('those that failed on the way no longer count as coming', () => {
    const runs = [...nine.slice(0, 4), ...[5, 6, 7, 8, 9].map((number) => run(number, [], { state: 'over' }))]
    expect(goOnBy('milestones', snapshot(runs))).toEqual([2, 4, 1])
    expect(stoppedBy('milestones', snapshot(runs))).toEqual([3])
  })

  test('a score that is not a number is the worst; one that is done, or was judged, is not judged', () => {
    const runs = [run(1, [Number.NaN]), ...nine.slice(1, 5), run(9, [0.01], { state: 'done' })]
    expect(stoppedBy('milestones', snapshot(runs))).toEqual([3, 1])
    const judged = runs.map((one) => ({ ...one, judged: [1] }))
    expect(judge('milestones', snapshot(judged))).toEqual([])
  })
})

describe('asha', () => {
  test('one in three of those that have come goes on, and the best always', () => {
    const runs = [0.5, 0.4, 0.6, 0.55, 0.3, 0.58].map((value, at) => run(at + 1, [value]))
    // the 2nd is below the 1st; the 6th is second of six, of which two go on
    expect(goOnBy('asha', snapshot(runs, { rungs: [1] }))).toEqual([1, 3, 6])
    expect(judge('asha', snapshot(runs, { rungs: [1] })).find(({ run }) => run === 4)!.reason).toBe(
      'at epoch 1 its score of 0.55 was number 2 of the 4 that had come there, below the 0.60 of the best.',
    )
  })

  test('what came later does not count against one that came before', () => {
    const runs = [run(1, [0.5]), run(2, [0.9]), run(3, [0.95])]
    expect(stoppedBy('asha', snapshot(runs, { rungs: [1] }))).toEqual([])
  })

  test('what is not a number is stopped, even alone', () => {
    expect(stoppedBy('asha', snapshot([run(1, [Number.NaN])]))).toEqual([1])
  })
})

describe('median', () => {
  test('below the median of the others’ averages it is stopped, with at least three others', () => {
    const runs = [run(1, [0.1]), run(2, [0.6, 0.8]), run(3, [0.5, 0.5]), run(4, [0.9, 0.5]), run(5, [0.4, 0.5])]
    expect(stoppedBy('median', snapshot(runs))).toEqual([5])
    expect(stoppedBy('median', snapshot(runs, { goal: 'minimize' }))).toEqual([4])
    expect(judge('median', snapshot(runs)).find(({ run }) => run === 5)!.reason).toBe(
      'at epoch 1 its best score was 0.40, below the median of the 4 others that had come there, 0.55 on average.',
    )
    // at rung 2 the averages of 2, 3 and 4 are 0.7, 0.5 and 0.7: the best of 5 is below their median
    const later = runs.map((one) => (one.run === 5 ? { ...one, judged: [1] } : one))
    expect(judge('median', snapshot(later)).find(({ run }) => run === 5)!.reason).toBe(
      'at epoch 2 its best score was 0.50, below the median of the 3 others that had come there, 0.70 on average.',
    )
  })
})
