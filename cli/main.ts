/** `npm run sweep -- FILE`: the main job without a browser. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { SweepboardError } from '../domain/errors.ts'
import { badByteWords, decodeUtf8 } from '../domain/sweep/files/utf8.ts'
import { setLogLevels } from '../server/base/process/log.ts'
import { type Config, readConfig } from '../server/base/process/config.ts'
import { openDataFolder } from '../server/open.ts'
import { YAMLError } from 'yaml'
import { parseSweep } from '../domain/sweep/files/parse-sweep.ts'
import { readCurriculumText } from '../server/formats/read-sweep-file.ts'
import { convertWandbSweep } from '../server/formats/wandb-sweep.ts'
import { writeSweepText } from '../server/formats/write-sweep-file.ts'
import { sweepResult } from '../server/read/sweeps/sweep-result.ts'
import { type Arguments, help, readArguments, usage } from './arguments.ts'
import { exitCodes } from './exit-codes.ts'
import type { Host, SweepText } from './host.ts'
import { leaderboard } from './leaderboard.ts'
import { localHost } from './local-host.ts'
import { planText } from './plan.ts'
import { runCurriculum } from './run-curriculum.ts'
import { runSweep } from './run-sweep.ts'
import { serverHost } from './server-host.ts'
import { listenToSignals } from './signals.ts'
import { printable, sweepProgressWords, tellIssues } from './text.ts'

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
  if ('convert' in given) return convert(given.convert)
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
  setLogLevels(config.log)
  const host = await openHost(config)
  try {
    return await run(host, given, file, config.environment.TERM)
  } finally {
    host.close()
  }
}

function readFile(file: string, asGiven: string): SweepText {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reasons: Record<string, string> = {
      ENOENT: 'there is no such file',
      EISDIR: 'it is a folder; expected a sweep file',
      EACCES: 'it may not be read',
    }
    throw new SweepboardError('invalid', `${asGiven}: ${reasons[code ?? ''] ?? message} (${file}).`)
  }
  const text = decodeUtf8(bytes)
  if (typeof text !== 'string') throw new SweepboardError('invalid', `${asGiven}: ${badByteWords(text)}.`)
  return { text, directory: path.dirname(file) }
}

/** Prints our sweep file for one of W&B; what it could not turn into ours goes to stderr, a line each. */
function convert(asGiven: string): number {
  try {
    const { text } = readFile(path.resolve(process.env.INIT_CWD ?? process.cwd(), asGiven), asGiven)
    const converted = convertWandbSweep(text)
    if (converted === null)
      throw new SweepboardError(
        'invalid',
        `${asGiven} is no W&B sweep file: expected parameters, and a method, program or command.`,
      )
    const { definition, issues } = parseSweep(converted.definition)
    for (const note of converted.notes) console.error(`note: ${printable(note)}`)
    if (definition === null) throw new SweepboardError('invalid', issues.map(({ message }) => message).join('\n'))
    process.stdout.write(writeSweepText(definition))
    return exitCodes.scored
  } catch (error) {
    if (!(error instanceof SweepboardError || error instanceof YAMLError)) throw error
    console.error(error.message)
    return exitCodes.refused
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
  if (readCurriculumText(file.text) !== null) return runCurriculum(host, given, file, { terminal, signals })
  const how = { reuse: !given.afresh, continue: given.continued, overwrite: given.overwrite }
  const { definition, issues, ...there } = await host.check(file, how)
  if (definition === null || issues.length > 0) {
    tellIssues(given.file, issues)
    return exitCodes.refused
  }
  if (given.plan) {
    process.stdout.write(planText(there, given.json))
    return exitCodes.scored
  }
  const startedAt = Date.now()
  const ran = await runSweep(host, file, { how, there, definition, terminal, signals })
  if (ran === null) {
    console.error('Stopped before anything was started.')
    return exitCodes.interrupted
  }
  const { sweep, interrupted } = ran
  if (given.json) {
    const started = await host.startedSince(sweep.id, startedAt)
    const reused = new Set(sweep.points.flatMap((point) => (point.reused ? [point.runId] : [])))
    const work = {
      trainings_run: started.trainings,
      trainings_reused: reused.size,
      evaluations_run: started.evaluations,
    }
    process.stdout.write(`${JSON.stringify({ ...sweepResult(sweep), ...work }, null, 2)}\n`)
  } else process.stdout.write(leaderboard(sweep))
  if (interrupted) {
    console.error(`Stopped with ${sweepProgressWords(sweep)}. ${host.interruption.after}`)
    return exitCodes.interrupted
  }
  const { scored, done, stopped, points } = sweep.counts
  // done is all there is to a point that nothing scores, and not enough for one that waits for its baseline
  return scored + (sweep.isScored ? 0 : done) + stopped === points ? exitCodes.scored : exitCodes.notScored
}

// a reader that leaves early (`| head`) is no failure of the sweep
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof SweepboardError ? error.message : error)
  process.exitCode = exitCodes.notScored
}
