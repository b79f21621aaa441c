import { existsSync } from 'node:fs'
import path from 'node:path'
import { replaceFile } from '../attempt-files/write-file.ts'
import { followedPatterns, readAttemptJob, runIds } from './run-ids.ts'
import { intakeFiles, RunIntake } from './run-intake.ts'
import { readState } from './state-file.ts'

/**
 * Finishes what the intake of an ended attempt was killed over: rows that waited, the rest of followed files. Does nothing
 * where the attempt had none, or it said that all is written. Call only when no process of the attempt is left.
 */
export function settleIntake(folder: string): void {
  const within = (name: string) => path.join(folder, name)
  const begun = existsSync(within(intakeFiles.port))
  // an attempt shorter than a look at its TensorBoard folder had no intake yet
  if (existsSync(within(intakeFiles.done)) || !(begun || existsSync(within('tensorboard')))) return
  const job = readAttemptJob(folder)
  if (!begun && !job.track) return
  const run = { ...runIds(String(job.run), String(job.attempt)), key: '', uploads: () => '', ofItsOwn: false }
  new RunIntake(folder, run, followedPatterns(folder, job.track)).end()
}

/** Whether an ended attempt had an intake that did not say, as far as is seen here, that all is written. */
export function isIntakeAwaited(folder: string): boolean {
  if (existsSync(path.join(folder, intakeFiles.done))) return false
  try {
    return readAttemptJob(folder).track != null
  } catch {
    // a command may have cleared its folder
    return false
  }
}

/**
 * Asks the clients of a live attempt to stop, where one can be told so and is in the middle of a run: W&B's then ends its
 * script as Ctrl-C would, with everything sent. Gives whether to wait for that before any signal; ask again at every look.
 */
export function askClientsToStop(folder: string, sinceMilliseconds: number, killMilliseconds: number): boolean {
  const within = (name: string) => path.join(folder, name)
  if (!hasOpenClient(within(intakeFiles.state))) return false
  if (!existsSync(within(intakeFiles.stop))) replaceFile(within(intakeFiles.stop), '')
  // W&B's client hears of it within a second, its script within 15 s more, and then sends what is left; who asks nothing in
  // 3 s will not hear of it
  const patience = existsSync(within(intakeFiles.told)) ? 25_000 : 3000
  return sinceMilliseconds < Math.min(patience, killMilliseconds * 1.5)
}

function hasOpenClient(file: string): boolean {
  const { wandb } = readState(file) as { wandb?: { runs?: { open?: boolean }[] } }
  return wandb?.runs?.some((run) => run.open === true) ?? false
}
