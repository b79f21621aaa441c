/**
 * server.ts DATA_FOLDER [PRESS]: a scheduler that kills itself with SIGKILL at the instant CRASH_INSTANT, the CRASH_TIME-th time that it
 * comes to it (absent: three times in ten), or, with CRASH_BUTTONS, presses buttons until it is killed; else leaves with code 0 when every sweep has ended. PRESS: a file with what the form would send, which it is sent first.
 */
import { readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { countJobs } from '../../db/queries/jobs.ts'
import { listSweeps } from '../../db/queries/sweeps.ts'
import { isSweepFinished } from '../../domain/life/run-status.ts'
import { openTries } from '../../server/act/tries/tries.ts'
import { appRouter } from '../../server/api/root.ts'
import { readConfig } from '../../server/base/process/config.ts'
import { openDataFolder } from '../../server/open.ts'
import { startScheduler } from '../../server/scheduler/scheduler.ts'
import type { SweepInput } from '../../domain/sweep/sweep.ts'
import { smallSweep, stub } from '../harness.ts'
import { pressButtons } from './buttons.ts'

/** Says outside the data folder that an attempt started, then runs the rest of its arguments. */
const counted = (kind: string, ...rest: string[]) => [
  'bash',
  '-c',
  'echo "$0 $SWEEPBOARD_RUN_DIR" >> "$CRASH_STARTED"; exec bash "$@"',
  kind,
  ...rest,
]

/** A sweep whose trainings and evaluations live long enough to be killed, outlive any number of kills, and say that they started. */
function longSweep(name: string, trainings: number): SweepInput {
  const [, ...evaluates] = stub('evaluates', '${report}', 'B=0.5')
  return smallSweep({
    name,
    axes: { seed: { range: ['1', String(trainings), trainings] } },
    train: {
      command: counted('training', path.join(import.meta.dirname, 'trainer.sh'), '150', '${seed}'),
      retries: 100,
    },
    evaluate: {
      command: counted('evaluation', '-c', 'sleep 0.3; exec bash "$0" "$@"', ...evaluates),
      report: { accuracies: 'acc' },
      retries: 100,
    },
  })
}

const opened = openDataFolder(readConfig(process.env, process.argv[2]))
if (!('context' in opened)) throw new Error('the data folder is held')
const { context } = opened
let times = Number(process.env.CRASH_TIME ?? 0)
context.atInstant = (instant) => {
  if (instant !== process.env.CRASH_INSTANT) return
  if (process.env.CRASH_TIME === undefined ? Math.random() > 0.3 : --times > 0) return
  // Synchronously, so that the test can count where it died.
  writeSync(1, `${instant}\n`)
  process.kill(process.pid, 'SIGKILL')
}
// The driver counts its delay from here: however slow the machine is, it kills a server at work.
writeSync(1, 'ready\n')
const scheduler = startScheduler(context)
if (process.argv[3] !== undefined) {
  const given = JSON.parse(readFileSync(process.argv[3], 'utf8'))
  const { sweeps } = appRouter.createCaller({ app: context, scheduler, tries: openTries(context) })
  // as the form: what is there already is opened, and made only where it is not
  const { same } = await sweeps.preview(given)
  if (same === null) await sweeps.create(given)
}
const over = Promise.withResolvers<void>()
const seed = process.env.CRASH_BUTTONS
const directory = path.dirname(process.argv[2]!)
if (seed !== undefined) void pressButtons(context, { seed: Number(seed), directory, sweepOf: longSweep })
const look = () => {
  // who presses buttons goes on until it is killed
  if (seed !== undefined) return
  // what is evaluated again goes on after its sweep has ended
  const { waiting, live } = countJobs(context.database)
  if (waiting + live === 0 && listSweeps(context.database).every((sweep) => isSweepFinished(sweep.status)))
    over.resolve()
}
context.signals.on('change', look)
look()
await over.promise
// What finished last has told its score by the next look.
await delay(50)
scheduler.stop()
opened.close()
