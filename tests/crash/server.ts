/**
 * server.ts DATA_FOLDER: a scheduler that kills itself with SIGKILL at exact instants (each with the chance that
 * CRASH_CHANCE gives), and leaves with code 0 when every sweep has ended.
 */
import { writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { listSweeps } from '../../db/queries/sweeps.ts'
import { isSweepFinished } from '../../domain/run-status.ts'
import { readConfig } from '../../server/config.ts'
import { localExecutor } from '../../server/executors/local/local-executor.ts'
import { openDataFolder } from '../../server/open.ts'
import { startScheduler } from '../../server/scheduler/scheduler.ts'

const opened = openDataFolder(readConfig(process.env, process.argv[2]))
if (!('context' in opened)) throw new Error('the data folder is held')
const { context } = opened
const chance = Number(process.env.CRASH_CHANCE ?? 0)
context.atInstant = (instant) => {
  // Claims and launches are rare beside ingests.
  if (Math.random() >= (instant === 'in-ingest' ? chance : chance * 5)) return
  // Synchronously, so that the test can count where it died.
  writeSync(1, `${instant}\n`)
  process.kill(process.pid, 'SIGKILL')
}
const scheduler = startScheduler(context, localExecutor())
const over = Promise.withResolvers<void>()
const look = () => {
  if (listSweeps(context.database).every((sweep) => isSweepFinished(sweep.status))) over.resolve()
}
context.signals.on('change', look)
look()
await over.promise
// What finished last has told its score by the next look.
await delay(50)
scheduler.stop()
opened.close()
