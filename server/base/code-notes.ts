/** Sentences where results came from more than one state of the code. */
import { listSnapshots, type RanSnapshot } from '../../db/queries/recorded.ts'
import { type CodeStates, codeStates, codeStatesWords } from '../../domain/provenance/code-states.ts'
import type { CodeSnapshot } from '../../domain/provenance/what-was-run.ts'
import type { Context } from './context.ts'

/** Of more states than this, the first are compared: what they differ in is told then all the same. */
const mostCompared = 2000

/** The states of one kind; `ran` may name a snapshot many times. null: there is one alone. */
function statesOf(snapshots: Map<string, CodeSnapshot>, ran: readonly RanSnapshot[]): CodeStates<number[]> | null {
  const bySnapshot = Map.groupBy(ran, ({ snapshot }) => snapshot)
  if (bySnapshot.size < 2) return null
  return codeStates(
    [...bySnapshot].flatMap(([hash, rows]) => {
      const snapshot = snapshots.get(hash)
      return snapshot === undefined ? [] : [{ snapshot, who: rows.map(({ run }) => run) }]
    }),
  )
}

/**
 * At most a sentence for the trainings and one for the evaluations. `directories`: whose names are left out of paths; `words`: what the
 * numbers of `ran` are.
 */
export function codeNotes(
  context: Context,
  ran: readonly RanSnapshot[],
  { directories, words }: { directories: readonly string[]; words: (numbers: number[]) => string },
): string[] {
  const hashes = [...new Set(ran.map(({ snapshot }) => snapshot))]
  // nearly always: nothing was changed
  if (hashes.length < 2) return []
  const snapshots = listSnapshots(context.database, hashes.slice(0, mostCompared))
  const folders = [...new Set([...snapshots.values()].map(({ repository }) => repository)), ...directories]
  return (['training', 'evaluation'] as const).flatMap((kind) => {
    const states = statesOf(
      snapshots,
      ran.filter((row) => row.kind === kind),
    )
    const subject = kind === 'training' ? 'The trainings' : 'The evaluations'
    const numbers = (who: number[][]) => words([...new Set(who.flat())].toSorted((a, b) => a - b))
    return states === null ? [] : [codeStatesWords(states, subject, numbers, folders)]
  })
}

/** `run 2`, `runs 1, 3 to 5 and 9`, with the end left out where there are many. */
export function runsInWords(numbers: readonly number[]): string {
  const spans: [number, number][] = []
  for (const number of numbers) {
    const last = spans.at(-1)
    if (last && number === last[1] + 1) last[1] = number
    else spans.push([number, number])
  }
  const shown = spans.slice(0, 6).map(([from, to]) => {
    if (from === to) return String(from)
    return to === from + 1 ? `${from}, ${to}` : `${from} to ${to}`
  })
  return `${numbers.length === 1 ? 'run' : 'runs'} ${shown.join(', ')}${spans.length > 6 ? ' …' : ''}`
}
