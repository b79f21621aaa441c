import { keptOf } from '../sweep/stop-rungs.ts'
import { plural } from '../words.ts'
import { isBetter, type Judge, readingsAt, type Snapshot, worseWord } from './method.ts'

/**
 * All trainings come to the first rung; a share goes on, at least three, and with them whoever cannot be told from the last of
 * these. A training is stopped as soon as so many others are better that it cannot be among them any more: with every
 * further one the last kept only gets better, so that waiting for all would stop it too.
 */
export const milestones: Judge = (snapshot) => {
  const { goal, keep, what, at, value, alike } = snapshot
  const [rung] = snapshot.rungs
  if (rung === undefined) return []
  const ranked = readingsAt(snapshot, rung).toSorted(
    (a, b) =>
      Number(isBetter(goal, b.value, a.value)) - Number(isBetter(goal, a.value, b.value)) || a.run.run - b.run.run,
  )
  const pending = pendingAt(snapshot, rung)
  const all = ranked.length + pending
  const kept = keptOf(all, keep)
  const last = ranked[kept - 1]
  const verdicts = withoutReading(snapshot, rung)
  for (const [rank, { run, value: own }] of ranked.entries()) {
    if (run.state !== 'open' || run.judged.includes(rung)) continue
    const say = (goesOn: boolean, reason: string) => verdicts.push({ run: run.run, rung, goesOn, reason })
    const place = `at ${at(rung)} its ${what} of ${value(own)} was number ${rank + 1} of ${all}`
    if (rank + pending < kept) {
      say(true, `${place}, and ${plural(Math.min(all, kept), 'training')} ${all === 1 ? 'goes' : 'go'} on.`)
      continue
    }
    if (rank < kept || last === undefined) continue
    const isAlike = alike(run.run, last.run.run, rung)
    if (isAlike === false || (isAlike === null && isBetter(goal, last.value, own))) {
      const known = isAlike === null ? '; how sure that is, nobody can say without the numbers of questions' : ''
      say(
        false,
        `at ${at(rung)} its ${what} of ${value(own)} was ${worseWord(goal)} the ${value(last.value)} of the last of ${kept} that go on, of ${all}${known}.`,
      )
    } else if (pending === 0)
      say(true, `${place}, and it cannot be told from the last of the ${kept} that go on, with ${value(last.value)}.`)
  }
  return verdicts
}

/** Open trainings of which something may still be known at the rung. */
function pendingAt({ runs }: Snapshot, rung: number): number {
  return runs.filter(
    ({ state, readings, lacking }) =>
      state === 'open' && !lacking.includes(rung) && readings.every((reading) => reading.rung !== rung),
  ).length
}

/** Whether no training can be stopped, whatever is measured: there are too few. */
export function keepsAll(snapshot: Snapshot): boolean {
  const [rung] = snapshot.rungs
  if (rung === undefined) return true
  const all = readingsAt(snapshot, rung).length + pendingAt(snapshot, rung)
  return all <= keptOf(all, snapshot.keep)
}

/** Of whom nothing will be known at the rung, nothing can be said against either. */
function withoutReading({ runs, at }: Snapshot, rung: number) {
  return runs
    .filter((run) => run.state === 'open' && run.lacking.includes(rung) && !run.judged.includes(rung))
    .map((run) => ({
      run: run.run,
      rung,
      goesOn: true,
      reason: `at ${at(rung)} nothing was measured of it, so that nothing speaks against it.`,
    }))
}
