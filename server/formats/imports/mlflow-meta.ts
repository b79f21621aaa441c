/** `meta.yaml` of MLflow's file store: what it says of an experiment, a run, a model, a data set. */
import { parse, YAMLError } from 'yaml'
import { type AllowedFolders, readWholeFile } from '../../attempt-files/open-file.ts'
import { isObject } from '../plain-values.ts'

/** Its own are of a few hundred bytes; a data set's holds its schema. */
const mostBytes = 8 << 20

/**
 * The file's keys, every plain value a text as it is written; null where there is no file. Throws UnreadableFile, or a SyntaxError: the
 * end of a sentence.
 */
export function readMlflowMeta(file: string, within: AllowedFolders): Record<string, unknown> | null {
  const text = readWholeFile(file, within, mostBytes)
  if (text === null) return null
  let value: unknown
  try {
    // MLflow writes it as YAML 1.1, which takes other texts for numbers: no text is taken for one
    value = parse(text, { schema: 'failsafe', maxAliasCount: 100 })
  } catch (error) {
    if (!(error instanceof YAMLError || error instanceof ReferenceError || error instanceof RangeError)) throw error
    throw new SyntaxError(`is no YAML: ${error.message.split('\n', 1)[0]!.replace(/:$/, '')}`)
  }
  if (!isObject(value)) throw new SyntaxError('is no list of keys in YAML; expected experiment_id, name and so on')
  return value
}

/** Whether it is that of an experiment, and of no run in one. */
export const isMlflowExperiment = (meta: Record<string, unknown>): boolean =>
  typeof meta.experiment_id === 'string' &&
  typeof meta.artifact_location === 'string' &&
  typeof meta.name === 'string' &&
  meta.model_id === undefined

/** A text of it; null where there is none. */
export function metaText(meta: Record<string, unknown>, name: string): string | null {
  const value = meta[name]
  return typeof value === 'string' && value !== '' && value !== 'null' ? value : null
}

/** A whole number of it; null where there is none. */
export function metaWhole(meta: Record<string, unknown>, name: string): number | null {
  const value = metaText(meta, name)
  const number = value !== null && /^-?\d{1,16}$/.test(value) ? Number(value) : null
  return Number.isSafeInteger(number) ? number : null
}
