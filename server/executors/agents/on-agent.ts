/**
 * `on-agent.ts CONTROLS [COMMAND ...]`: what a W&B agent runs for an attempt, in its own environment. CONTROLS is the folder of all
 * control folders; the run's id, which the agent puts into the environment, says which is the attempt's. A command is as the agent put
 * it together, with its own values in place of `${args}`, and runs in the agent's folder; without one it is the launch's, in that folder.
 * It does what the launcher does (local/launcher.ts): opens the attempt's door and runs the wrapper in a session of its own. Signals of the
 * agent are passed on to it. It ends with it, with its exit code; killed, it takes it along (agents-executor.ts).
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Writable } from 'node:stream'
import { z } from 'zod'
import { chooseTracking, clientTitles, trackingIn } from '../../../domain/sweep/track.ts'
import { monotonicMilliseconds } from '../clock.ts'
import type { Launch } from '../executor.ts'
import { exitFileSchema, readControl, writeControl, writeUnstarted } from '../local/control-files.ts'
import { openDoor } from '../local/door.ts'
import { markVariable, readStat } from '../local/process-table.ts'
import { currentBoot } from '../local/processes.ts'
import { agentFileOf, launchFile } from './files.ts'

const wrapper = path.join(import.meta.dirname, '../local/wrapper.sh')

/** To whoever started the agent, in its terminal. */
const say = (text: string) => process.stderr.write(`${text}\n`)

const [controls, ...given] = process.argv.slice(2)
const [, job, attempt] = /^run-(\d+)-(\d+)$/.exec(process.env.WANDB_RUN_ID ?? '') ?? []
const control = path.join(controls ?? '', `${job}-${attempt}`)
const read = job === undefined ? null : readControl(control, launchFile, z.custom<Launch>())
if (read === null || read === 'torn') {
  say(
    `Sweepboard: nothing lies ready for run ${process.env.WANDB_RUN_ID ?? 'without an id'}; is ${controls} here the data folder of the server?`,
  )
  process.exit(1)
}
const launch = read
const command = given.length > 0 ? given : launch.command
const directory = given.length > 0 ? process.cwd() : launch.directory
if (!existsSync(directory)) {
  writeUnstarted(control, `could not start ${command[0]}: its folder ${directory} does not exist`)
  process.exit(127)
}

const opened = launch.door === undefined ? null : await openDoor(launch.door)
const around = process.env[markVariable]
const child = spawn('/bin/sh', [wrapper, control, launch.folder, String(monotonicMilliseconds()), ...command], {
  cwd: directory,
  env: {
    ...process.env,
    SPT_NOENV: '1',
    ...launch.environment,
    ...ownOf(opened?.variables ?? {}),
    [markVariable]: around === undefined ? launch.mark : `${around}:${launch.mark}`,
  },
  detached: true,
  stdio: opened === null ? 'ignore' : ['ignore', 'ignore', 'ignore', opened.descriptor, 'pipe'],
})
if (child.pid !== undefined)
  writeControl(control, agentFileOf(child.pid), {
    pid: process.pid,
    start: readStat(process.pid)?.start ?? '',
    boot: currentBoot(),
  })
const knocker = (child.stdio as (Writable | null)[])[4]
if (opened !== null && knocker) opened.keep(knocker)
say(`Sweepboard: run ${job} is ${command.join(' ')}; its output is in ${path.join(launch.folder, 'stdout.log')}`)

for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const)
  process.on(signal, () => {
    try {
      process.kill(-child.pid!, signal)
    } catch {
      // it has ended
    }
  })
// a terminal that is closed ends no training
process.on('SIGHUP', () => {})

child.on('error', (error) => {
  writeUnstarted(control, `could not start ${command[0]}: ${error.message}`)
  say(`Sweepboard: run ${job} could not be started: ${error.message}`)
  process.exit(127)
})
child.on('exit', () => {
  const end = readControl(control, 'exit.json', exitFileSchema)
  // another agent had begun it: nothing is wrong with this one
  process.exit(end === null || end === 'torn' ? 0 : end.exitCode)
})

/** Without those of clients that whoever started the agent has pointed elsewhere. W&B's points here: the agent asks here. */
function ownOf(variables: Record<string, string>): Record<string, string> {
  const elsewhere = trackingIn(process.env).filter(({ client }) => client !== 'wandb')
  for (const { client, by } of elsewhere)
    say(`Sweepboard: ${clientTitles[client]} logs where ${by} says, and not here.`)
  const here = chooseTracking(undefined, elsewhere).clients.map((client) => `${client.toUpperCase()}_`)
  return Object.fromEntries(Object.entries(variables).filter(([name]) => here.some((start) => name.startsWith(start))))
}
