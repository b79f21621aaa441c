/** Sentences where results came from more than one state of the code. */
import { listSnapshots, type RanSnapshot } from '../../../db/queries/recorded.ts'
import { type CodeStates, codeStates, codeStatesWords, type RanCode } from '../../../domain/provenance/code-states.ts'
import type { Context } from '../context.ts'

/** Of more states than this, the first are compared: what they differ in is told then all the same. */
const mostCompared = 2000

type Ran<Who> = Record<RanSnapshot['kind'], RanCode<Who>[]>

/**
 * At most a sentence for the trainings and one for the evaluations. `directories`: whose names are left out of paths; `words`: who ran a
 * state.
 */
export function codeSentences<Who>(
  ran: Ran<Who>,
  directories: readonly string[],
  words: (who: Who[]) => string,
): string[] {
  const [trainings, evaluations] = (['training', 'evaluation'] as const).map((kind) => {
    // nearly always one: nothing was changed
    const compared = ran[kind].slice(0, mostCompared)
    return compared.length < 2 ? null : codeStates(compared)
  })
  const repositories = new Set(Object.values(ran).flatMap((rows) => rows.map(({ snapshot }) => snapshot.repository)))
  const folders = [...repositories, ...directories]
  const whoOf = ({ states }: CodeStates<Who>) => JSON.stringify(states.map(({ commit, who }) => [commit, words(who)]))
  // the code was changed while the sweep ran, and both met it: one sentence
  const isOne =
    trainings &&
    evaluations &&
    whoOf(trainings) === whoOf(evaluations) &&
    evaluations.files.every((file) => trainings.files.includes(file))
  if (isOne) return [codeStatesWords(trainings, 'The trainings and evaluations', words, folders)]
  return [
    ...(trainings ? [codeStatesWords(trainings, 'The trainings', words, folders)] : []),
    ...(evaluations ? [codeStatesWords(evaluations, 'The evaluations', words, folders)] : []),
  ]
}

/** As `codeSentences`, of rows as the database has them; `words`: what the numbers of `ran` are. */
export function codeNotes(
  context: Context,
  ran: readonly RanSnapshot[],
  { directories, words }: { directories: readonly string[]; words: (numbers: number[]) => string },
): string[] {
  const bySnapshot = Map.groupBy(ran, ({ snapshot }) => snapshot)
  if (bySnapshot.size < 2) return []
  const snapshots = listSnapshots(context.database, [...bySnapshot.keys()])
  const of = (kind: RanSnapshot['kind']) =>
    [...bySnapshot].flatMap(([hash, rows]) => {
      const snapshot = snapshots.get(hash)
      const who = rows.filter((row) => row.kind === kind).map(({ run }) => run)
      return snapshot === undefined || who.length === 0 ? [] : [{ snapshot, who }]
    })
  const numbers = (who: number[][]) => words([...new Set(who.flat())].toSorted((a, b) => a - b))
  return codeSentences({ training: of('training'), evaluation: of('evaluation') }, directories, numbers)
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
