/** Which files of a checkpoint may leave this machine, and which are its model. */
import { lstatSync, realpathSync, type Stats } from 'node:fs'
import path from 'node:path'
import type { CheckpointRow } from '../../../db/queries/checkpoints.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import type { Context } from '../context.ts'
import { namesIn } from '../../attempt-files/names-in.ts'
import { checkpointName } from '../finding/find-checkpoint.ts'

/** `name`: within the checkpoint's folder, with `/`. `stats`: as it was listed, to tell whether it changed since. */
export type CheckpointFile = { name: string; file: string; stats: Stats }

/** A folder of more files than this is no model. */
const mostFiles = 10_000
/** What the built-in trainer keeps beside the model to go on from: no part of a model, and twice its size. */
const trainerState = ['optimizer.safetensors', 'trainer.json']
/** What a Hugging Face folder holds. */
const modelFile = /^(?!\.)[\w.+-]+\.(json|safetensors|bin|pt|pth|txt|model|jinja|md|py)$|^(LICENSE|NOTICE)$/
const weightFile = /\.(safetensors|bin|pt|pth)$/

/**
 * The files of a checkpoint for an archive, by name; no symbolic link is followed. In a run's folder they are all it holds but
 * the built-in trainer's own state. Elsewhere a trainer named the path, and could have named any: there only a Hugging Face
 * folder is given, and of it only files of the kinds that belong to one.
 * Throws `not-found` with a sentence where there is nothing, or nothing that may be given.
 */
export function listCheckpointFiles(context: Context, checkpoint: CheckpointRow): CheckpointFile[] {
  const refuse = (why: string) =>
    new SweepboardError('not-found', `There is no archive of ${checkpointName(checkpoint)}: ${why}.`)
  if (checkpoint.path === null) throw refuse('nobody said where its files are')
  let root: string
  let stats: Stats
  try {
    root = realpathSync(checkpoint.path)
    stats = lstatSync(root)
  } catch {
    if (checkpoint.removedAt !== null) throw refuse('a keep rule deleted its files')
    throw refuse(`its files are missing on disk, at ${checkpoint.path}`)
  }
  const own = isWithin(context, checkpoint.runId, root)
  if (!stats.isDirectory()) {
    if (own && stats.isFile()) return [{ name: path.basename(root), file: root, stats }]
    throw refuse(`${checkpoint.path} is no folder`)
  }
  const found = own ? walk(root)?.filter(({ name }) => !trainerState.includes(name)) : modelFiles(root)
  const files = found ?? []
  if (found == null || files.length > mostFiles) throw refuse(`${checkpoint.path} holds more than ${mostFiles} files`)
  const isModel = files.some(({ name }) => name === 'config.json') && files.some(({ name }) => weightFile.test(name))
  if (!own && !isModel) {
    throw refuse(
      `${checkpoint.path} is outside of the run’s folder and no Hugging Face folder (config.json beside model.safetensors); ` +
        'nothing else is sent from there',
    )
  }
  if (files.length === 0) throw refuse(`${checkpoint.path} is empty`)
  return files
}

/** Whether a place, links followed, is strictly within the folder of that run. */
function isWithin(context: Context, runId: number, real: string): boolean {
  try {
    const folder = realpathSync(path.join(context.config.dataFolder, 'runs', String(runId)))
    return real.startsWith(folder + path.sep)
  } catch {
    return false
  }
}

/** null: there are more entries than are looked at. */
function walk(root: string): CheckpointFile[] | null {
  const files: CheckpointFile[] = []
  const open = ['']
  for (let next = open.pop(); next !== undefined && files.length <= mostFiles; next = open.pop()) {
    const entries = namesIn(path.join(root, next), mostFiles)
    if (entries.length > mostFiles) return null
    for (const entry of entries.toSorted()) {
      const name = next === '' ? entry : `${next}/${entry}`
      const found = describe(root, name)
      if (found?.stats.isDirectory()) open.push(name)
      else if (found?.stats.isFile()) files.push(found)
    }
  }
  return files.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function modelFiles(root: string): CheckpointFile[] | null {
  const entries = namesIn(root, mostFiles)
  if (entries.length > mostFiles) return null
  const names = entries.filter((name) => modelFile.test(name)).toSorted()
  return names.flatMap((name) => describe(root, name) ?? []).filter(({ stats }) => stats.isFile())
}

/** null where it went meanwhile. Links are seen as links. */
function describe(root: string, name: string): CheckpointFile | null {
  const file = path.join(root, name)
  const stats = lstatSync(file, { throwIfNoEntry: false })
  return stats === undefined ? null : { name, file, stats }
}
