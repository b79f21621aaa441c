/** From the text of a curriculum file to a checked curriculum, or to all that is wrong with any stage of it. */
import path from 'node:path'
import type { Issue } from '../../../domain/errors.ts'
import { checkCurriculum, type Curriculum, startOf, sweepOfStage } from '../../../domain/sweep/rounds/curriculum.ts'
import type { SweepInput } from '../../../domain/sweep/sweep.ts'
import { readCurriculumText } from '../../formats/read-sweep-file.ts'
import type { Context } from '../context.ts'
import { prepareSweep } from './prepare-sweep.ts'

export type PreparedCurriculum = {
  /** null when the text is too wrong to be read as a curriculum at all. */
  definition: Curriculum | null
  source: string
  directory: string
  issues: Issue[]
}

/** Reads and checks the whole file, before any stage starts; never throws for what it holds. Nothing is started or stored. */
export function prepareCurriculum(
  context: Context,
  given: { text: string; directory?: string | undefined },
): PreparedCurriculum {
  const directory = path.resolve(given.directory || process.cwd())
  const source = given.text
  const read = readCurriculumText(source)
  if (read === null) {
    const message = 'The file has no stages, so it is no curriculum; expected name, stages and what they share.'
    return { definition: null, source, directory, issues: [{ path: [], message, line: 1, column: 1 }] }
  }
  const { definition, issues, locate } = read
  if (definition === null) return { definition, source, directory, issues }
  const found = issuesOf(context, definition, directory)
  return { definition, source, directory, issues: found.map((issue) => ({ ...issue, ...locate(issue.path) })) }
}

/** What the stages will start from, and be measured against, is assumed to be there. */
function issuesOf(context: Context, curriculum: Curriculum, directory: string): Issue[] {
  const found = checkCurriculum(curriculum)
  if (found.length > 0) return found
  const baselines = new Map<string, NonNullable<SweepInput['score']>['baseline']>()
  for (const [index, stage] of curriculum.stages.entries()) {
    const start = startOf(curriculum, index)
    const init = start === null ? null : `checkpoint of ${curriculum.stages[start]!.name}`
    const sweep = sweepOfStage(curriculum, index, { init, baselines })
    const { issues } = prepareSweep(context, { definition: sweep, directory, startIsToCome: start !== null })
    for (const issue of issues) {
      const at = placeOf(curriculum, index, issue.path)
      // what stands beside the stages is wrong once, not once a stage
      const known = found.some(
        ({ path: other, message }) => message === issue.message && other.join('.') === at.join('.'),
      )
      if (!known) found.push({ ...issue, path: at })
    }
    // whatever it will be measured on
    if (stage.save_as_baseline !== undefined) baselines.set(stage.save_as_baseline, { measured: 0.5 })
  }
  return found
}

/** Where the file holds what stands at a path of a stage's sweep: in the stage, or beside the stages. */
function placeOf(curriculum: Curriculum, index: number, at: Issue['path']): Issue['path'] {
  const key = at[0] as keyof Curriculum | undefined
  const shared = key !== undefined && curriculum.stages[index]![key as 'train'] === undefined
  return shared && curriculum[key] !== undefined ? at : ['stages', index, ...at]
}
