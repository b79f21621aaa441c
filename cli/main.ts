/** `npm run sweep -- FILE`: the main job without a browser. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { type Issue, SweepboardError } from '../domain/errors.ts'
import { isSweepFinished } from '../domain/run-status.ts'
import type { SweepDetail } from '../server/views/sweeps.ts'
import { type Config, readConfig } from '../server/config.ts'
import { openDataFolder } from '../server/open.ts'
import { sweepResult } from '../server/sweeps/sweep-result.ts'
import { type Arguments, help, readArguments, usage } from './arguments.ts'
import type { Host, SweepText } from './host.ts'
import { leaderboard } from './leaderboard.ts'
import { localHost } from './local-host.ts'
import { type ProgressView, progressView } from './progress.ts'
import { serverHost } from './server-host.ts'
import { paramsText, plural, printable } from './text.ts'

const exitCodes = { scored: 0, notScored: 1, refused: 2, interrupted: 130 } as const

async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2))
  if (given === 'help') {
    process.stdout.write(help)
    return exitCodes.scored
  }
  if ('problem' in given) {
    console.error(`${given.problem}\n${usage}`)
    return exitCodes.refused
  }
  let config: Config
  let file: SweepText
  try {
    config = readConfig()
    // npm runs scripts in the project's folder, and says where it was called
    const from = config.environment.INIT_CWD ?? process.cwd()
    if (given.data !== null) config = { ...config, dataFolder: path.resolve(from, given.data) }
    file = readFile(path.resolve(from, given.file), given.file)
  } catch (error) {
    if (!(error instanceof SweepboardError)) throw error
    console.error(error.message)
    return exitCodes.refused
  }
  const host = await openHost(config)
  try {
    return await run(host, given, file, config.environment.TERM)
  } finally {
    host.close()
  }
}

function readFile(file: string, asGiven: string): SweepText {
  try {
    return { text: readFileSync(file, 'utf8'), directory: path.dirname(file) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reasons: Record<string, string> = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a folder; expected a sweep file',
      EACCES: 'it may not be read',
    }
    throw new SweepboardError('invalid', `${asGiven}: ${reasons[code ?? ''] ?? message} (${file}).`)
  }
}

async function openHost(config: Config): Promise<Host> {
  const opened = openDataFolder(config)
  if ('context' in opened) return localHost(config, opened)
  const { heldBy } = opened
  if (heldBy?.url) return serverHost({ ...heldBy, url: heldBy.url })
  const who = heldBy ? `Another command (process ${heldBy.pid})` : 'Another process'
  throw new SweepboardError(
    'conflict',
    `${who} works on the data folder ${config.dataFolder}. Wait until it ends, or choose another folder with --data.`,
  )
}

async function run(host: Host, given: Arguments, file: SweepText, terminal: string | undefined): Promise<number> {
  const signals = listenToSignals()
  const { definition, issues } = await host.check(file)
  if (definition === null || issues.length > 0) {
    for (const issue of issues) console.error(issueLine(given.file, issue))
    return exitCodes.refused
  }
  const same = given.afresh ? null : await host.findSame(definition, file.directory)
  if (signals.seen()) {
    console.error('Stopped before anything was started.')
    return exitCodes.interrupted
  }
  const id = same ?? (await host.create(file))
  const view = progressView(process.stderr, terminal)
  const before = await host.sweep(id)
  const points = plural(before.counts.points, 'point')
  if (same === null) {
    const plan = `${plural(before.counts.trainings, 'training')}, ${points}`
    view.say(`${printable(before.name)}: ${plan}; ${host.slots}; ${host.place}`)
  } else {
    view.say(`${printable(before.name)} goes on: ${before.counts.scored} of ${points} scored; ${host.place}`)
    view.skip(before)
    await goOn(host, before)
  }
  const interrupted = await follow(host, id, view, signals)
  const sweep = await host.outcome(id)
  if (given.json) process.stdout.write(`${JSON.stringify(sweepResult(sweep), null, 2)}\n`)
  else process.stdout.write(leaderboard(sweep))
  tellWhatIsMissing(sweep)
  if (interrupted) {
    console.error(
      `Stopped with ${sweep.counts.scored} of ${plural(sweep.counts.points, 'point')} scored. ${host.interruption.after}`,
    )
    return exitCodes.interrupted
  }
  return sweep.counts.scored === sweep.counts.points ? exitCodes.scored : exitCodes.notScored
}

/** Puts what failed back in the queue and lets a paused sweep go on; one that runs, or is done, is left as it is. */
async function goOn(host: Host, sweep: SweepDetail): Promise<void> {
  if (sweep.status !== 'paused' && sweep.status !== 'failed' && sweep.status !== 'cancelled') return
  await host.retry(sweep.id)
  // a sweep that is paused with nothing failed has nothing to retry
  if ((await host.sweep(sweep.id)).status === 'paused') await host.resume(sweep.id)
}

/** `FILE:LINE:COLUMN: what is wrong`, as compilers write it. */
function issueLine(file: string, { line, column, path: at, message, fix }: Issue): string {
  const place =
    line === undefined ? (at.length > 0 ? `${file}: ${at.join('.')}` : file) : `${file}:${line}:${column ?? 1}`
  return `${place}: ${printable(message)}${fix ? ` ${printable(fix.label)}.` : ''}`
}

type Signals = { first: Promise<true>; seen: () => boolean }

/** One Ctrl-C under npm arrives twice: from the terminal, and passed on by npm. */
const sameKeyMilliseconds = 1000

/** Listens from before anything is started: a Ctrl-C between two steps must not end the process in the middle of one. */
function listenToSignals(): Signals {
  const first = Promise.withResolvers<true>()
  let firstAt: number | undefined
  const listener = () => {
    firstAt ??= performance.now()
    first.resolve(true)
    if (performance.now() - firstAt < sameKeyMilliseconds) return
    console.error('Left at once. What runs goes on by itself, and the same command finds it again.')
    process.exit(exitCodes.interrupted)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, listener)
  return { first: first.promise, seen: () => firstAt !== undefined }
}

/** Shows the sweep until it has nothing left to do, or is paused. Gives whether a signal came first. */
async function follow(host: Host, id: number, view: ProgressView, signals: Signals): Promise<boolean> {
  for (;;) {
    const startedAt = performance.now()
    const sweep = await host.sweep(id)
    view.show(sweep)
    const ended = isSweepFinished(sweep.status) || sweep.status === 'paused'
    if (ended && sweep.slotsHeld === 0) break
    // a sweep of many points takes its time to describe, and the machine has other work
    const pause = new Promise((resolve) => setTimeout(resolve, Math.max(50, 5 * (performance.now() - startedAt))))
    const next = Promise.all([host.changed(id), pause])
    if ((await Promise.race([next, signals.first])) !== true) continue
    view.end()
    console.error(host.interruption.before(sweep))
    await host.interruption.interrupt(id)
    return true
  }
  view.end()
  return false
}

const mostFailures = 20

/** Every point without a score, with the reason, on stderr. */
function tellWhatIsMissing(sweep: SweepDetail): void {
  const failed = sweep.points.filter((point) => point.status === 'failed')
  for (const point of failed.slice(0, mostFailures)) {
    const reason = printable(point.error ?? 'no reason was given')
    console.error(`Failed: point ${point.number} (run ${point.runNumber}; ${paramsText(point.params)}): ${reason}`)
  }
  if (failed.length > mostFailures) console.error(`… and ${plural(failed.length - mostFailures, 'failed point')} more.`)
  const { counts } = sweep
  if (counts.cancelled > 0) console.error(`${plural(counts.cancelled, 'point')} cancelled.`)
  if (sweep.status === 'paused' && sweep.pauseReason !== 'Stopped with Ctrl-C.') {
    console.error(
      `The sweep is paused: ${printable(sweep.pauseReason ?? 'no reason was given')} The same command lets it go on.`,
    )
  }
}

// a reader that leaves early (`| head`) is no failure of the sweep
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof SweepboardError ? error.message : error)
  process.exitCode = exitCodes.notScored
}
