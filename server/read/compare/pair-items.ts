/** The answers of two checkpoints to one benchmark, question by question. */
import path from 'node:path'
import { listEvaluations, type EvaluationRow } from '../../../db/queries/checkpoints.ts'
import { findAnyJob } from '../../../db/queries/jobs.ts'
import type { PairCounts } from '../../../domain/score/same-questions.ts'
import { requireCheckpoint } from '../../base/finding/find-checkpoint.ts'
import type { Context } from '../../base/context.ts'
import { requireSweep } from '../../base/finding/find-sweep.ts'
import type { PairOutcome } from '../../../contract/api/compare.ts'
import type { ReportSettings } from '../../../domain/sweep/sweep.ts'
import { type ItemsIndex, itemsOrigin, openItems } from '../../tables/items.ts'

/** A question that both were asked: its places in the two files. */
export type PairedQuestion = { id: string; first: number; second: number; outcome: PairOutcome }

export type PairedItems = {
  first: ItemsIndex
  second: ItemsIndex
  questions: PairedQuestion[]
  counts: PairCounts
  notes: string[]
}

/** What is known of one checkpoint before it is paired. */
export type CheckpointAnswers = {
  letter: string
  checkpointId: number
  evaluations: EvaluationRow[]
  within: string[]
  /** How its sweep's evaluations report; null for a run of its own. */
  report: ReportSettings | null
}

/** Throws `not-found` when there is no such checkpoint. */
export function answersOf(context: Context, letter: string, checkpointId: number): CheckpointAnswers {
  const { runId } = requireCheckpoint(context, checkpointId)
  const { sweepId } = findAnyJob(context.database, runId)!
  const sweep = sweepId === null ? null : requireSweep(context, sweepId)
  return {
    letter,
    checkpointId,
    evaluations: listEvaluations(context.database, [checkpointId]),
    within: [path.join(context.config.dataFolder, 'runs'), ...(sweep ? [sweep.directory] : [])],
    report: sweep?.definition.evaluate?.report ?? null,
  }
}

/** The questions that both answered; `notes` alone, in sentences, where there are none to compare. */
export async function pairItems(
  benchmark: string,
  first: CheckpointAnswers,
  second: CheckpointAnswers,
): Promise<PairedItems | { questions: null; notes: string[] }> {
  const notes: string[] = []
  const indexes: ItemsIndex[] = []
  for (const answers of [first, second]) {
    const row = answers.evaluations.find((one) => one.benchmark === benchmark)
    const of = `${benchmark} of ${answers.letter}`
    if (row === undefined) notes.push(`${answers.letter} was not measured on ${benchmark}.`)
    else if (row.items === null) notes.push(`${of}: no answers were kept, only how many were right.`)
    else {
      const index = await openItems(row.items, answers.within, itemsOrigin(answers.report, benchmark))
      if (typeof index === 'string') notes.push(`${of}: ${index}.`)
      else {
        notes.push(...index.problems.map((text) => `${of}: ${text}.`))
        if (index.repeated > 0)
          notes.push(`${of}: ${index.repeated} lines repeat a question; the first of each is compared.`)
        const right = index.correct.reduce((sum, one) => sum + one, 0)
        if (
          index.repeated === 0 &&
          row.total !== null &&
          (row.total !== index.ids.length || (row.correct ?? right) !== right)
        )
          notes.push(
            `${of}: the answers hold ${right} right of ${index.ids.length}, the evaluation reported ${row.correct ?? 'an accuracy'} of ${row.total}.`,
          )
        if (index.ids.length > 0) indexes.push(index)
        else notes.push(`${of}: there is no answer in ${index.file}.`)
      }
    }
  }
  const [left, right] = indexes
  if (left === undefined || right === undefined) return { questions: null, notes }
  return matched(benchmark, [first.letter, second.letter], left, right, notes)
}

function matched(
  benchmark: string,
  [letter, other]: [string, string],
  first: ItemsIndex,
  second: ItemsIndex,
  notes: string[],
): PairedItems | { questions: null; notes: string[] } {
  const questions: PairedQuestion[] = []
  const counts: PairCounts = { both: 0, onlyFirst: 0, onlySecond: 0, neither: 0 }
  let alone = 0
  let different = 0
  for (const [at, id] of first.ids.entries()) {
    const place = second.places.get(id)
    if (place === undefined) {
      alone += 1
      continue
    }
    const [answer, expected] = [first.answers[at]!, second.answers[place]!]
    if (answer !== 0 && expected !== 0 && answer !== expected) {
      different += 1
      continue
    }
    const outcome = outcomeOf(first.correct[at] === 1, second.correct[place] === 1)
    counts[outcome] += 1
    questions.push({ id, first: at, second: place, outcome })
  }
  const aloneInSecond = second.ids.length - (first.ids.length - alone)
  if (different > 0)
    notes.push(
      `${benchmark}: ${different} ids stand for another question in ${letter} than in ${other} (the reference answers differ); they are left out.`,
    )
  if (questions.length === 0 && different === 0) {
    const [one, two] = [first.ids[0]!, second.ids[0]!]
    notes.push(
      `${benchmark}: no id of ${letter} (such as “${short(one)}”) is one of ${other} (such as “${short(two)}”), so the answers cannot be paired.`,
    )
  } else if (alone > 0 || aloneInSecond > 0)
    notes.push(
      `${benchmark}: ${alone} questions of ${letter} and ${aloneInSecond} of ${other} have no partner and are left out.`,
    )
  return questions.length === 0 ? { questions: null, notes } : { first, second, questions, counts, notes }
}

function outcomeOf(first: boolean, second: boolean): PairOutcome {
  if (first) return second ? 'both' : 'onlyFirst'
  return second ? 'onlySecond' : 'neither'
}

const short = (id: string) => (id.length > 40 ? `${id.slice(0, 39)}…` : id)
