/** From what a person gave (a file's text, or the form's definition) to a checked sweep, or to all that is wrong with it. */
import path from 'node:path'
import { listBaselines } from '../../../db/queries/baselines.ts'
import type { Issue } from '../../../domain/errors.ts'
import { withSeedAxis } from '../../../domain/sweep/axes/finalist-seeds.ts'
import { parseSweep } from '../../../domain/sweep/files/parse-sweep.ts'
import { checkSweep } from '../../../domain/sweep/plan.ts'
import { sharedPathIssues } from '../../../domain/sweep/commands/shared-paths.ts'
import type { Sweep, SweepInput } from '../../../domain/sweep/sweep.ts'
import { racePlanOf } from './race-plan.ts'
import { readBaseReport } from '../evaluation-files/base-report.ts'
import type { Context } from '../context.ts'
import { checkPrograms } from './check-programs.ts'
import { checkMeasured } from './measured-baseline.ts'
import { checkTraining } from './check-training.ts'
import { readSweepText } from '../../formats/read-sweep-file.ts'

export type Given = {
  text?: string
  definition?: SweepInput
  /** The text of another tool that the definition was made of: kept as what was written. */
  writtenAs?: string
  directory?: string
  /** `init` stands for a checkpoint that is still to be trained: nothing can be said of it. */
  startIsToCome?: boolean
}

export type Prepared = {
  /** null when the input is too wrong to be read as a sweep at all. */
  definition: Sweep | null
  /** The file's text where it came as one. */
  source: string | null
  directory: string
  issues: Issue[]
}

/** Reads and checks; never throws for what the input holds. Nothing is started or stored. */
export function prepareSweep(context: Context, given: Given): Prepared {
  // one folder has one spelling: by it earlier sweeps of the folder are found
  const directory = path.resolve(given.directory || '.')
  const { definition: written, issues, locate } = read(given)
  const definition = written && withSeedAxis(written)
  if (definition !== null) {
    const storedBaselines = listBaselines(context.database).map((baseline) => baseline.name)
    const fatal = [
      ...checkSweep(definition, { slots: context.executors.local.slots.ids.length, storedBaselines }),
      ...checkPrograms(context, definition, directory),
      ...checkTraining(context.config.environment, definition, directory, given),
    ]
    // where two points meet is seen only in a plan that can be made
    const found =
      fatal.length > 0
        ? fatal
        : [
            ...sharedPathIssues(definition),
            ...readBaseReport(definition, directory).issues,
            ...checkMeasured(definition, directory, given.startIsToCome ?? false),
            ...racePlanOf(context, definition, directory).issues,
          ]
    issues.push(...found.map((issue) => ({ ...locate(issue.path), ...issue })))
  }
  return { definition, source: given.text ?? given.writtenAs ?? null, directory, issues }
}

type Place = { line?: number; column?: number }

function read(given: Given): { definition: Sweep | null; issues: Issue[]; locate: (path: Issue['path']) => Place } {
  if (given.text !== undefined) return readSweepText(given.text)
  return { ...parseSweep(given.definition), locate: () => ({}) }
}
