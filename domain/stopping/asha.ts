import { isBetter, type Judge, readingsAt, worseWord } from './method.ts'

/**
 * Asynchronous successive halving: a training that comes to a rung goes on where it is among the best of one in `factor` of those
 * that have come there so far, itself included; at least the best does. Li et al., "A System for Massively Parallel
 * Hyperparameter Tuning" (2020), which pauses and promotes; here, as Optuna's pruner does, nobody waits: who is not promoted
 * on arrival is stopped.
 */
export const asha: Judge = (snapshot) => {
  const { goal, factor, what, at, value } = snapshot
  return snapshot.rungs.flatMap((rung) => {
    const arrived = readingsAt(snapshot, rung)
    return arrived.flatMap(({ run, value: own }, index) => {
      if (run.state !== 'open' || run.judged.includes(rung)) return []
      const before = arrived.slice(0, index + 1)
      const promoted = Math.max(1, Math.floor(before.length / factor))
      const better = before.filter((other) => isBetter(goal, other.value, own)).length
      const others = before.map((other) => other.value).toSorted((a, b) => (isBetter(goal, a, b) ? -1 : 1))
      const goesOn = better < promoted && !Number.isNaN(own)
      const place = `at ${at(rung)} its ${what} of ${value(own)} was number ${better + 1} of the ${before.length} that had come there`
      const reason = goesOn
        ? `${place}.`
        : `${place}, ${worseWord(goal)} the ${value(others[promoted - 1]!)} of ${promoted === 1 ? 'the best' : `the last of the best ${promoted}`}.`
      return [{ run: run.run, rung, goesOn, reason }]
    })
  })
}
