import { isBetter, type Judge, readingsAt, worseWord } from './method.ts'

/** The median of fewer says little. */
const leastOthers = 3

/**
 * The median stopping rule: a training is stopped at a rung where its best so far is worse than the median of what the others
 * that had come there had on average up to it. Golovin et al., "Google Vizier: A Service for Black-Box Optimization" (2017),
 * section 3.2.1, with those that came as far in place of only those that are complete.
 */
export const stopByMedian: Judge = (snapshot) => {
  const { goal, what, at, value } = snapshot
  return snapshot.rungs.flatMap((rung) => {
    const arrived = readingsAt(snapshot, rung)
    return arrived.flatMap(({ run, order }) => {
      if (run.state !== 'open' || run.judged.includes(rung)) return []
      const others = arrived.filter((other) => other.order < order)
      const upTo = (readings: typeof run.readings) =>
        readings
          .filter((reading) => reading.rung <= rung && !Number.isNaN(reading.value))
          .map((reading) => reading.value)
      const own = upTo(run.readings).reduce((best, next) => (isBetter(goal, next, best) ? next : best), NaN)
      if (others.length < leastOthers)
        return [
          {
            run: run.run,
            rung,
            goesOn: true,
            reason: `at ${at(rung)} fewer than ${leastOthers} others had come there.`,
          },
        ]
      const middle = medianOf(
        others.map((other) => meanOf(upTo(other.run.readings))).filter((mean) => !Number.isNaN(mean)),
      )
      const goesOn = !isBetter(goal, middle, own)
      const figures = `the median of the ${others.length} others that had come there, ${value(middle)} on average`
      const reason = goesOn
        ? `at ${at(rung)} its best ${what}, ${value(own)}, was not ${worseWord(goal)} ${figures}.`
        : `at ${at(rung)} its best ${what} was ${value(own)}, ${worseWord(goal)} ${figures}.`
      return [{ run: run.run, rung, goesOn, reason }]
    })
  })
}

const meanOf = (values: number[]) => values.reduce((sum, each) => sum + each, 0) / values.length

function medianOf(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
