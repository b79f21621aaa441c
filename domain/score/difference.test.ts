import { expect, test } from 'vitest'
import { differenceOf, type Estimate } from './difference.ts'
import { differenceInterval } from './paired-test.ts'

/** Wilson's score interval, which Newcombe puts together. */
function wilson(correct: number, total: number): Estimate {
  const z = 1.959963984540054
  const rate = correct / total
  const centre = (correct + (z * z) / 2) / (total + z * z)
  const half = (z / (total + z * z)) * Math.sqrt(total * rate * (1 - rate) + (z * z) / 4)
  return { value: rate, interval: [centre - half, centre + half] }
}
const rounded = (interval: [number, number]) => interval.map((end) => end.toFixed(4))

test('two unpaired accuracies: the examples of Newcombe (1998), table II, method 10', () => {
  expect(rounded(differenceOf(wilson(56, 70), wilson(48, 80)))).toEqual(['0.0524', '0.3339'])
  expect(rounded(differenceOf(wilson(9, 10), wilson(3, 10)))).toEqual(['0.1705', '0.8090'])
  expect(rounded(differenceOf(wilson(10, 10), wilson(0, 10)))).toEqual(['0.6075', '1.0000'])
})

test('the more alike the noise, the narrower the interval; the difference belongs to it', () => {
  const [one, two] = [wilson(56, 70), wilson(48, 70)]
  const widths = [-0.5, 0, 0.5, 0.9].map((correlation) => {
    const [low, high] = differenceOf(one, two, correlation)
    expect(low).toBeLessThan(one.value - two.value)
    expect(high).toBeGreaterThan(one.value - two.value)
    return high - low
  })
  expect(widths).toEqual(widths.toSorted((a, b) => b - a))
})

test('without questions there is none', () => {
  expect(differenceInterval({ correct: 0, total: 0 }, { correct: 1, total: 2 })).toBeNull()
})
