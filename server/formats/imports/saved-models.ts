/** Models that lie beside what is imported: they stay where they are, and are the run's checkpoints. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { CheckpointEvent } from '../../../contract/trainer.ts'
import { entriesIn, namesIn } from '../../attempt-files/names-in.ts'
import { readSavedPlace } from '../checkpoint-folder.ts'

/** Beyond so many nobody looks further. */
const mostFiles = 20_000
/** Not the state of an optimiser, which lies beside it. */
const weights = /^(model|adapter_model|pytorch_model|tf_model)\b.*\.(safetensors|bin|h5)$/

/** Where Trainer writes the run that this state is of: the folder of its checkpoints. */
export function trainerFolder(file: string): string {
  const folder = path.dirname(path.resolve(file))
  return /^checkpoint-\d+$/.test(path.basename(folder)) ? path.dirname(folder) : folder
}

/** The checkpoints of Trainer's that have their weights, by step. */
export function trainerCheckpoints(folder: string): CheckpointEvent[] {
  return entriesIn(folder, mostFiles)
    .filter((entry) => entry.isDirectory() && /^checkpoint-\d+$/.test(entry.name))
    .flatMap(({ name }): CheckpointEvent[] => {
      const saved = path.join(folder, name)
      if (!namesIn(saved, mostFiles).some((file) => weights.test(file))) return []
      const { step = null, epoch = null } = readSavedPlace(saved) ?? {}
      return step === null ? [] : [{ type: 'checkpoint', step, ...(epoch !== null && { epoch }), path: saved }]
    })
    .toSorted((a, b) => a.step - b.step)
}

/** A checkpoint as a trainer told of it, its path read from the folder of its events; null where nothing is there. */
export function toldCheckpoint(event: CheckpointEvent, folder: string): CheckpointEvent | null {
  const saved = path.resolve(folder, event.path)
  return existsSync(saved) ? { ...event, path: saved } : null
}
