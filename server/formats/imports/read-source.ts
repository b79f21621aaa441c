/** The files of a source, read by their format. */
import path from 'node:path'
import type { TrainerEvent } from '../../../contract/trainer.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { readWholeFile, UnreadableFile } from '../../attempt-files/open-file.ts'
import { NestedTooDeep } from '../../attempt-files/json-depth.ts'
import type { ForeignMetrics } from '../json-metrics.ts'
import { parsePythonJson } from '../python-json.ts'
import { firstProblems, readEventFile } from '../read-metric-file.ts'
import { trainerStateOf } from '../trainer-state.ts'
import { readCsvMetrics } from './csv-metrics.ts'
import { joinSteps } from './join-steps.ts'
import { readJsonLines } from './json-lines.ts'
import type { ImportFormat } from './recognise.ts'
import type { Source } from './sources.ts'
import { readSweepJson } from './sweep-json.ts'
import { trainerCheckpoints, trainerFolder } from './saved-models.ts'
import { type ReadOptions, type Telling, theRun } from './telling.ts'

/** Formats that are read whole are read up to this. */
const mostBytes = 128 << 20

/**
 * What a source tells, a part of it at a time; `tell` gets what could not be read of it, with the file and where. `step`: the name of
 * the column of steps. Throws `invalid` where a file is not what its format says, with the reason.
 */
export function* readSource(
  { format, attempts }: Source,
  { tell, step }: { tell: (problem: string) => void; step?: string },
): Generator<Telling> {
  for (const [at, files] of attempts.entries())
    for (const file of files) {
      const report = firstProblems(file, tell)
      for (const telling of readFile(file, format, { report, ...(step !== undefined && { step }) }))
        yield attempts.length === 1 ? telling : { ...telling, attempt: at + 1 }
    }
}

function* readFile(file: string, format: ImportFormat, options: ReadOptions): Generator<Telling> {
  if (format === 'jsonl' || format === 'rollouts') yield* readJsonLines(file, options)
  else if (format === 'tensorboard') {
    for (const metrics of readEventFile(file, options.report))
      if (metrics.length > 0) yield { run: theRun, attempt: 1, events: metrics.map(metricsEvent) }
  } else {
    try {
      const text = wholeText(file)
      if (format === 'csv') yield* readCsvMetrics(text, options)
      else if (format === 'sweep') yield* readSweepJson(parsePythonJson(text))
      else yield readState(text, file, options)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      const reason =
        error instanceof NestedTooDeep || /^(has|is|line) /.test(error.message)
          ? error.message
          : `is no JSON: ${error.message}`
      throw new SweepboardError('invalid', `${file} ${reason.replace(/^line/, 'in line')}.`)
    }
  }
}

function readState(text: string, file: string, { report }: ReadOptions): Telling {
  const state = trainerStateOf(parsePythonJson(text))
  if (state === null)
    throw new SyntaxError('is no trainer_state.json; expected an object with global_step and a list log_history')
  for (const problem of state.problems) report(problem)
  const events = [...joinSteps(state.rows.map(metricsEvent)), ...trainerCheckpoints(trainerFolder(file))]
  return { run: theRun, attempt: 1, events }
}

function metricsEvent({ step, time, values }: ForeignMetrics): TrainerEvent {
  return { type: 'metrics', step, ...(time !== null && { time }), values }
}

function wholeText(file: string): string {
  try {
    const text = readWholeFile(path.resolve(file), 'anywhere', mostBytes)
    if (text !== null) return text
  } catch (error) {
    if (error instanceof UnreadableFile) throw new SweepboardError('invalid', `${error.message}.`)
    throw error
  }
  throw new SweepboardError('invalid', `There is no file ${file}.`)
}
