/** What MLflow's client asks of files that it sent: lists, and the files themselves. */
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { keptName, keptPath } from '../kept-files.ts'
import { decoded, type IntakeOutcome } from '../protocol.ts'
import { missing } from './bodies.ts'
import type { Run } from './store.ts'

/** The address of files, with what follows of it. */
export const artifactsAddress = /^\/(?:ajax-)?api\/2\.0\/mlflow-artifacts\/artifacts(?:\/(.*))?$/

/** What an address below `mlflow-artifacts/artifacts` asks for: a file, or what stands in a folder. */
export function artifactAsked(urlPath: string | undefined, query: URLSearchParams) {
  const isList = urlPath === undefined || urlPath === ''
  const given = isList ? (query.get('path') ?? '') : decoded(urlPath)
  const [, run, , ...rest] = given.split('/')
  return { run, rest: rest.join('/'), isList }
}

/** A file of a run. Throws a Refusal where there is none. */
export function fileReply(files: string, run: Run, name: string): IntakeOutcome {
  const file = keptPath(files, `${run.prefix}${name}`)
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw missing(`There is no artifact ${name}.`)
  return { reply: { status: 200, body: null, file }, events: [] }
}

/** What stands in a folder of a run's files, named as from that folder. */
export function listBelow(files: string, run: Run, below: string) {
  const list = listArtifacts(files, run, below).files
  return { files: list.map((file) => ({ ...file, path: path.posix.basename(file.path) })) }
}

/** What stands in a folder of a run's files, named as from the run. */
export function listArtifacts(
  files: string,
  run: Run,
  below: string,
): { root_uri: string; files: { path: string; is_dir: boolean; file_size?: number }[] } {
  const folder = path.join(files, run.prefix, ...(below === '' ? [] : keptName(below).split('/')))
  const found = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : []
  const listed = found.toSorted().map((name) => {
    const stats = statSync(path.join(folder, name))
    const shown = below === '' ? name : `${below}/${name}`
    return stats.isDirectory() ? { path: shown, is_dir: true } : { path: shown, is_dir: false, file_size: stats.size }
  })
  return { root_uri: run.info.artifact_uri, files: listed }
}
