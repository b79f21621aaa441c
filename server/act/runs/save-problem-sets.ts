/** Files of the problems that were chosen by their learning impact: what the data of a round names. */
import { hash } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { SweepboardError } from '../../../domain/errors.ts'
import { problemSets } from '../../../domain/score/problem-sets.ts'
import { plural } from '../../../domain/words.ts'
import { replaceFile } from '../../attempt-files/write-file.ts'
import type { Context } from '../../base/context.ts'
import { requireAnyRun } from '../../base/finding/find-run-job.ts'
import {
  problemData,
  type ImpactQuery,
  problemLines,
  type ProblemScores,
  problemScores,
} from '../../tables/problem-scores.ts'

export type SavedSet = { name: string; file: string; problems: number }

/**
 * Writes the sets as JSON lines with `question`, `answer` and `impact`, into `problem-sets/RUN` of the data folder, under names that hold
 * their content: nothing is ever written over, and the same set is the same file.
 * @param folder another folder, with plain names: `chosen-0.6.jsonl`
 * @throws SweepboardError where nothing can be chosen, and where another file has the name
 */
export async function saveProblemSets(
  context: Context,
  runId: number,
  query: ImpactQuery & { thresholds: readonly number[]; controls: boolean; folder?: string },
): Promise<SavedSet[]> {
  const run = requireAnyRun(context, runId)
  const measured = await problemScores(context, run.id, query)
  if (measured.why !== null) throw new SweepboardError('conflict', measured.why)
  const sets = problemSets(measured.scores, query.thresholds, query.controls)
  const empty = sets.find(({ places }) => places.length === 0)
  if (empty !== undefined) throw new SweepboardError('conflict', whyEmpty(empty.name, measured))
  const lines = problemLines(context, run.id, measured)
  const unanswered = lines.filter(({ answer }) => answer === null).length
  if (unanswered > 0 && unanswered < lines.length)
    throw new SweepboardError(
      'conflict',
      `${plural(unanswered, 'problem')} of ${lines.length} came without a right answer; expected \`answer\` in all sample events, or in none.`,
    )
  const folder = query.folder ?? path.join(context.config.dataFolder, 'problem-sets', String(run.id))
  mkdirSync(folder, { recursive: true })
  return sets.map(({ name, places }) => {
    const text = places.map((place) => `${JSON.stringify(problemData(lines[place]!))}\n`).join('')
    const mark = query.folder === undefined ? `-${hash('sha256', text).slice(0, 8)}` : ''
    const file = path.join(folder, `${name}${mark}.jsonl`)
    put(file, text, query.folder !== undefined)
    return { name, file, problems: places.length }
  })
}

function whyEmpty(name: string, { scores }: ProblemScores): string {
  const best = scores.reduce((high, score) => Math.max(high, score?.score ?? -Infinity), -Infinity)
  return `No problem reaches ${name.replace(/^[a-z]+-/, '')}; the highest score is ${best.toFixed(3)}.`
}

function put(file: string, text: string, isNamed: boolean): void {
  if (!existsSync(file)) replaceFile(file, text)
  else if (isNamed) throw new SweepboardError('conflict', `${file} is there already; expected a folder without it.`)
}
