/** What MLflow's stores say: `meta.yaml` of an experiment, a run, a model, a data set; where files lie. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { parse, YAMLError } from 'yaml'
import { checkDepth, NestedTooDeep } from '../../attempt-files/json-depth.ts'
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
    checkDepth(text)
    // MLflow writes it as YAML 1.1, which takes other texts for numbers: no text is taken for one
    value = parse(text, { schema: 'failsafe', maxAliasCount: 100, logLevel: 'error' })
  } catch (error) {
    if (error instanceof NestedTooDeep) throw new SyntaxError(error.message.replace(/^it /, ''))
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

/** The local folder that a store's address of artifacts is; null where it is elsewhere. `below`: what a relative one is of. */
export function localFolder(uri: string | null, below: string): string | null {
  if (uri === null || uri === '') return null
  const served = /^mlflow-artifacts:\/+(?!.*\.\.)(.+)$/.exec(uri)?.[1]
  if (served !== undefined)
    return ['mlartifacts', 'mlruns'].map((name) => path.join(below, name, served)).find((at) => existsSync(at)) ?? null
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]
  if (scheme === undefined) return path.resolve(below, uri)
  if (scheme.toLowerCase() !== 'file') return null
  try {
    return path.resolve(below, decodeURIComponent(uri.replace(/^file:(\/\/(localhost)?(?=\/))?/i, '')))
  } catch {
    return null
  }
}
