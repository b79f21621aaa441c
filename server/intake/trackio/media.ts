/** Where files of Trackio's client go that are no parts of artifacts. */
import path from 'node:path'
import { isObject, isStep, Refusal, worded } from '../protocol.ts'

/** The name that an uploaded file waits under, as the client says it. */
export const givenPath = ({ uploaded_file: file }: Record<string, unknown>) => (isObject(file) ? file.path : undefined)

/** Where a file goes that is no part of an artifact: what was logged with values by its step, what `trackio.save` sends by its path. */
export function mediaName({ run, step, relative_path: given, uploaded_file: file }: Record<string, unknown>): string {
  const name = isObject(file) ? worded(file.orig_name ?? '') : ''
  if (typeof run === 'string') {
    if (step != null && !isStep(step)) throw new Refusal(400, `${worded(step).slice(0, 200)} is no step of a file.`)
    return `media/${step ?? 'without-step'}/${withoutFolder(name)}`
  }
  const below = typeof given === 'string' && given !== '' && given !== '.' ? given : ''
  // beside a run the client says the folder, without one the whole path
  return `saved/${path.posix.basename(below) === name ? below : [below, withoutFolder(name)].filter(Boolean).join('/')}`
}

function withoutFolder(name: string): string {
  if (!name.includes('/')) return name
  throw new Refusal(400, `${JSON.stringify(name.slice(0, 200))} is no name of a file; expected one without "/".`)
}
