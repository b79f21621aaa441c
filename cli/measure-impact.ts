/** `npm run data -- impact RUN_ID`: which problems taught a run, and the sets and the sweep that try it out. */
import path from 'node:path'
import { usualThreshold } from '../domain/score/learning-impact.ts'
import { plural } from '../domain/words.ts'
import { saveProblemSets } from '../server/act/runs/save-problem-sets.ts'
import { replaceFile } from '../server/attempt-files/write-file.ts'
import type { Context } from '../server/base/context.ts'
import { writeSweepText } from '../server/formats/write-sweep-file.ts'
import { describeImpact } from '../server/read/runs/describe-impact.ts'
import { describeProblemsRound } from '../server/read/runs/describe-problems-round.ts'
import type { ImpactQuery } from '../server/tables/problem-scores.ts'
import { printable } from './text.ts'

export type ImpactOptions = {
  threshold?: string
  by?: string
  passes?: string
  steps?: string
  seeds?: string
  out?: string
}

type Asked = ImpactQuery & { thresholds: number[]; seeds: string[] }

/** What the options ask for, or a sentence that says what is wrong with them. */
export function readImpactOptions({ threshold, by, passes, steps, seeds }: ImpactOptions): Asked | string {
  const thresholds = (threshold ?? String(usualThreshold))
    .split(',')
    .map((text) => (text.trim() === '' ? NaN : Number(text)))
  if (!thresholds.every((value) => value <= 1))
    return `--threshold is ${threshold}; expected numbers of at most 1, with commas between them.`
  if (passes !== undefined && steps !== undefined) return '--passes and --steps are given; expected one of them.'
  for (const [name, value] of Object.entries({ passes, steps })) {
    if (value !== undefined && !/^[1-9]\d*$/.test(value))
      return `--${name} is ${value}; expected a whole number of 1 or more.`
  }
  const listed = (seeds ?? '1,2,3').split(',')
  if (!listed.every((seed) => /^\d+$/.test(seed)))
    return `--seeds is ${seeds}; expected whole numbers, with commas between them.`
  const epochs =
    steps !== undefined ? { steps: Number(steps) } : passes !== undefined ? { passes: Number(passes) } : undefined
  return { thresholds: [...new Set(thresholds)], seeds: listed, by, epochs }
}

/**
 * Prints how many problems each threshold chooses. With a folder, writes all, the chosen and as many at random there, and the sweep
 * that trains on each from where the run started.
 * @param out the folder, absolute; null: nothing is written
 * @returns the exit code
 */
export async function measureImpact(
  context: Context,
  runId: number,
  asked: Asked,
  out: string | null,
): Promise<number> {
  const { thresholds, seeds, ...query } = asked
  const first = await describeImpact(context, runId, query)
  if (first.why !== null) {
    console.error(first.why)
    return 1
  }
  console.log(
    `${plural(first.scored, 'problem')} of ${first.problems}, ${first.mean.length} epochs, ${first.by === '' ? 'reward' : first.by} from ${first.range.zero} to ${first.range.one}; mean by epoch: ${first.mean.map((value) => value.toFixed(2)).join(' ')}`,
  )
  for (const threshold of thresholds) {
    const { chosen, close } = await describeImpact(context, runId, { ...query, threshold })
    console.log(
      `threshold ${threshold}: ${plural(chosen, 'problem')} chosen; ${close} so close that other responses could change it`,
    )
  }
  if (out === null) return 0
  const saved = await saveProblemSets(context, runId, { ...query, thresholds, controls: true, folder: out })
  for (const { file, problems } of saved) console.log(printable(`${file}: ${plural(problems, 'problem')}`))
  const sets = saved.map(({ file }) => file)
  const { before, definition } = describeProblemsRound(context, runId, { sets, seeds, checkpointId: null })
  if (before?.trainer === undefined) {
    console.log(
      `What trains on them is not known here as a built-in trainer: the page /runs/${runId}/impact fills in the form.`,
    )
    return 0
  }
  const file = path.join(out, 'sweep.yaml')
  replaceFile(file, writeSweepText(definition))
  console.log(printable(`${file}: ${sets.length} sets, ${plural(seeds.length, 'seed')}; npm run sweep -- ${file}`))
  return 0
}
