/** Models that lie in a store of MLflow's: they stay there, and are checkpoints of the runs that logged them. */
import { realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import type { TrainerEvent } from '../../../contract/trainer.ts'
import { entriesIn, isFolderThere } from '../../attempt-files/names-in.ts'
import { missingPart, readName, readSavedPlace } from '../../formats/checkpoint-folder.ts'
import { isObject } from '../../formats/plain-values.ts'
import { parsePythonJson } from '../../formats/python-json.ts'
import { isModelFolder, onlyModelIn } from '../mlflow/model-folders.ts'

export type StoredModel = {
  /** MLflow 3's id of it. */
  id: string | null
  name: string
  folder: string | null
  /** The step that was said with it; null: none was. */
  step: number | null
  /** When it was logged, in milliseconds. */
  created: number | null
}

/** A model with the run that logged it. */
export type UsedModel = { run: string; model: StoredModel }

/** As live: beyond these nobody looks. */
const mostEntries = 20_000
const mostDepth = 8

type StepAt = (time: number | null) => number

/** The checkpoint that a logged model is; null where its files are not on this machine. */
export function loggedModel({ name, folder, step, created }: StoredModel, stepAt: StepAt): TrainerEvent | null {
  if (folder === null || !isFolderThere(folder)) return null
  const below = onlyModelIn(folder)
  const isModel = below !== '' || isModelFolder(folder) || namesOf(folder).includes('MLmodel')
  if (!isModel) return null
  // a client that was told no step says 0
  return checkpoint(path.join(folder, below), path.posix.join('models', name, below), {
    stated: step === 0 ? null : step,
    last: stepAt(created),
  })
}

/** What MLflow 2 keeps of logged models: a tag of the run. */
export function ofHistory(tag: string | undefined, artifacts: string | null): StoredModel[] {
  if (tag === undefined || artifacts === null || !isFolderThere(artifacts)) return []
  let history: unknown
  try {
    history = parsePythonJson(tag)
  } catch {
    return []
  }
  const root = realpathSync(artifacts)
  return (Array.isArray(history) ? history : []).filter(isObject).flatMap((model): StoredModel[] => {
    const { artifact_path: name, utc_time_created: at } = model
    if (typeof name !== 'string' || name === '') return []
    const folder = path.resolve(root, name)
    if (!isFolderThere(folder) || !`${realpathSync(folder)}${path.sep}`.startsWith(root + path.sep)) return []
    const created = typeof at === 'string' ? Date.parse(`${at.replace(' ', 'T')}Z`) : NaN
    return [
      {
        id: null,
        name,
        folder: path.join(artifacts, name),
        step: null,
        created: Number.isNaN(created) ? null : created,
      },
    ]
  })
}

/** The models among a run's artifacts, and whether there are other files. Links are not followed. */
export function keptModels(artifacts: string, stepAt: StepAt): { events: TrainerEvent[]; others: boolean } {
  const events: TrainerEvent[] = []
  let others = false
  let left = mostEntries
  const look = (below: string, depth: number): void => {
    const folder = path.join(artifacts, below)
    const entries = entriesOf(folder)
    left -= entries.length
    const kept = isModelFolder(folder)
    if (kept) {
      const missing = missingPart(folder)
      const text = `The model in ${folder} is no checkpoint: it ${missing}.`
      events.push(
        missing === null
          ? checkpoint(folder, below, { stated: null, last: stepAt(putAt(folder, entries)) })
          : { type: 'note', level: 'warning', text },
      )
    }
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.isDirectory()) {
        if (depth < mostDepth && left > 0) look(path.posix.join(below, entry.name), depth + 1)
      } else others ||= !kept
    }
  }
  look('', 0)
  return { events, others }
}

function checkpoint(
  folder: string,
  below: string,
  { stated, last }: { stated: number | null; last: number },
): TrainerEvent {
  const saved = readSavedPlace(folder)
  const step = stated ?? saved?.step ?? readName(below).step ?? last
  return { type: 'checkpoint', step, ...(saved?.epoch != null && { epoch: saved.epoch }), path: folder }
}

/** When the files that make a folder a model were put there: MLflow copies them with their own times of writing. */
function putAt(folder: string, entries: { name: string }[]): number {
  const files = entries.filter(({ name }) => /^(?:(?:adapter_)?config\.json|.*\.safetensors)$/.test(name))
  const times = files.map(({ name }) => {
    const stats = statSync(path.join(folder, name), { throwIfNoEntry: false })
    // not every file system knows when a file was made
    return stats === undefined ? 0 : stats.birthtimeMs || stats.ctimeMs
  })
  return Math.max(...times)
}

const namesOf = (folder: string) => entriesOf(folder).map(({ name }) => name)

function entriesOf(folder: string) {
  try {
    return entriesIn(folder, mostEntries)
  } catch {
    // it may not be read
    return []
  }
}
