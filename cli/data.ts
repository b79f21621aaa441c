/** `npm run data -- VERB`: what is done to a data folder by hand, while no server works on it. */
import { appendFileSync, existsSync } from 'node:fs'
import { once } from 'node:events'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { SweepboardError } from '../domain/errors.ts'
import { setLogLevels } from '../server/base/process/log.ts'
import { describeDamage } from '../server/base/saying/describe-failure.ts'
import { readConfig } from '../server/base/process/config.ts'
import { loadStudy } from '../server/act/examples/load-study.ts'
import { type Imported, importMetrics } from '../server/act/imports/import-metrics.ts'
import { type ImportFormat, importFormats } from '../server/formats/imports/recognise.ts'
import { eventLine, readMetricFile } from '../server/formats/read-metric-file.ts'
import { whatWasRun } from '../server/base/saying/what-was-run.ts'
import { requireAnyRun } from '../server/base/finding/find-run-job.ts'
import { csvLines } from '../server/http/export-metrics.ts'
import { openDataFolder, type Opened } from '../server/open.ts'
import { checkData, rereadMetrics } from '../server/act/system/check-data.ts'
import { plural } from '../domain/words.ts'
import { measureImpact, readImpactOptions } from './measure-impact.ts'
import { printable } from './text.ts'

const usage = `Usage: npm run data -- check [--repair] [--data DIR]
       npm run data -- import [--name NAME] [--format FORMAT] [--step COLUMN] [--data DIR] FILE…
       npm run data -- follow [--idle SECONDS] FILE
       npm run data -- metrics RUN_ID [--data DIR]
       npm run data -- ran RUN_ID [--data DIR]
       npm run data -- impact RUN_ID [--threshold 0.5,0.6] [--by PART] [--passes N | --steps N] [--out DIR [--seeds 1,2,3]] [--data DIR]
       npm run data -- load-study [--data DIR]`
const help = `${usage}

  check        compares everything in the data folder with everything else, and says what is wrong
  --repair     reads the metrics of damaged runs again from their events files

  import       reads trainings that ran elsewhere as runs of their own: JSON lines with a step, CSV with a column of steps
               (Lightning, Ray, W&B), trainer_state.json, TensorBoard, verl's rollouts, our own exports, MLflow's mlruns or
               mlflow.db, Trackio's folder, W&B's wandb/ (docs/operations.md).
               A file is a run, or as many as it tells apart; of a folder, all of these below it. A failure leaves nothing behind.
               The same file again is the same run, and brings what is new in it. The JSON of a sweep, with its scores, is a sweep
  --name NAME  what the project of the runs, or the sweep, is called (default: as its tracker does; else the folder, or that
               of the first file)
  --format F   what the files are, where their content does not say it: ${importFormats.join(', ')}
  --step NAME  the column or key of steps, where its name does not say it

  follow       as the command of a training: reports what another program writes to FILE, while it grows
  --idle       seconds without anything new after which the training counts as ended (default: 600)

  metrics      prints the metrics of a run as CSV, a row a step, as /export/runs/RUN_ID/metrics.csv gives them

  ran          prints as JSON what the newest attempt of a run was run with: commit, changed files, packages, machine, variables

  impact       says how well each problem of a GRPO run follows the mean of all (LIMR), and how many each threshold chooses
  --threshold  the lowest scores that are chosen (default: 0.6)
  --by PART    the part of the reward that is measured (default: what says whether a response is right, else the reward)
  --passes N   epochs: so many passes over the problems (default: as many as were made); --steps N: of so many steps
  --out DIR    writes all problems, the chosen ones and as many at random there, and a sweep of them over the seeds

  load-study   puts the published study of examples/cs2916-2025 into the data folder, as the home page does

  --data DIR   the data folder (default: SWEEPBOARD_DATA, else ./data)
  --help       this text

Exit code: 0 all is well, 1 something is wrong (with the folder, or with lines of a file), 2 the arguments are wrong or the
folder cannot be used. No server may work on the folder meanwhile; trainings go on.
`

const verbs = 'check, import, follow, metrics, ran, impact or load-study'

type Free = Extract<Opened, { close: () => void }>

async function main(given: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: given,
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      repair: { type: 'boolean' },
      name: { type: 'string' },
      format: { type: 'string' },
      step: { type: 'string' },
      threshold: { type: 'string' },
      by: { type: 'string' },
      passes: { type: 'string' },
      steps: { type: 'string' },
      seeds: { type: 'string' },
      out: { type: 'string' },
      idle: { type: 'string', default: '600' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const [verb, ...files] = positionals
  const wrong =
    verb === undefined
      ? `A verb is missing; expected ${verbs}.`
      : verb === 'import'
        ? importProblem(files, values.format)
        : verb === 'follow'
          ? followProblem(files, values.idle)
          : verb === 'metrics' || verb === 'ran' || verb === 'impact'
            ? runProblem(verb, files)
            : verb !== 'check' && verb !== 'load-study'
              ? `There is no verb ${verb}; expected ${verbs}.`
              : files.length > 0 && `${verb} takes no file; ${files.join(', ')} was given.`
  const impact = verb === 'impact' ? readImpactOptions(values) : null
  const problem = wrong || (typeof impact === 'string' && impact)
  if (problem) {
    console.error(`${problem}\n${usage}`)
    return 2
  }
  if (verb === 'follow') return follow(path.resolve(callFolder(), files[0]!), Number(values.idle))
  const opened = open(values.data)
  try {
    if (verb === 'metrics') return await printMetrics(opened, Number(files[0]))
    if (verb === 'ran') return printWhatWasRun(opened, Number(files[0]))
    if (impact !== null && typeof impact !== 'string') {
      const out = values.out === undefined ? null : path.resolve(callFolder(), values.out)
      return await measureImpact(opened.context, Number(files[0]), impact, out)
    }
    if (verb === 'load-study') return loadPublishedStudy(opened)
    return verb === 'check' ? check(opened, values.repair ?? false) : importFiles(opened, files, values)
  } finally {
    opened.close()
  }
}

function printWhatWasRun({ context }: Free, id: number): number {
  const run = requireAnyRun(context, id)
  const ran = whatWasRun(context, run.id, run.attempt)
  const why = run.sweepId === null ? 'no sweep here started it' : 'it has not started, or did before it was recorded'
  if (ran === null) console.error(`Nothing is known of what run ${id} was run with: ${why}.`)
  else console.log(JSON.stringify(ran, null, 2))
  return ran === null ? 1 : 0
}

/** npm runs scripts in the project's folder, and says where it was called. */
function callFolder(): string {
  return readConfig().environment.INIT_CWD ?? process.cwd()
}

function importProblem(files: string[], format: string | undefined): string | false {
  if (files.length === 0) return 'import needs a file; none was given.'
  if (format === undefined || importFormats.some((known) => known === format)) return false
  return `--format is ${format}; expected one of ${importFormats.join(', ')}.`
}

function followProblem(files: string[], idle: string): string | false {
  if (files.length !== 1) return `follow takes one file; ${files.length === 0 ? 'none' : files.join(', ')} was given.`
  return !(Number(idle) > 0) && `--idle is ${idle}; expected seconds above 0.`
}

function runProblem(verb: string, given: string[]): string | false {
  if (given.length === 1 && /^\d+$/.test(given[0]!)) return false
  return `${verb} takes the id of a run, a whole number; ${given.length === 0 ? 'none' : given.join(', ')} was given.`
}

async function printMetrics({ context }: Free, id: number): Promise<number> {
  try {
    const run = requireAnyRun(context, id)
    for (const line of csvLines(context, [run])) if (!process.stdout.write(line)) await once(process.stdout, 'drain')
    return 0
  } catch (error) {
    if (!(error instanceof SweepboardError)) throw error
    console.error(error.message)
    return 1
  }
}

/** Appends what comes to the events of the training that this is; ends when nothing came for `idleSeconds`, or when asked to. */
async function follow(file: string, idleSeconds: number): Promise<number> {
  const events = readConfig().environment.SWEEPBOARD_EVENTS
  if (events === undefined) {
    console.error('follow is the command of a training: SWEEPBOARD_EVENTS, which names its events file, is not set.')
    return 2
  }
  let asked = false
  process.on('SIGTERM', () => (asked = true))
  let newsAt = Date.now()
  let reader: ReturnType<typeof readMetricFile> | undefined
  while (!asked && Date.now() - newsAt < idleSeconds * 1000) {
    // the other program may not have begun
    if (reader === undefined && existsSync(file)) {
      reader = readMetricFile(file, (problem) => console.error(printable(problem)), { follow: true })
    }
    const read = reader?.next()
    // only a damaged file ends
    if (read?.done) return 1
    if (read && read.value.length > 0) {
      appendFileSync(events, read.value.map((each) => eventLine(each)).join(''))
      newsAt = Date.now()
    } else await new Promise((resolve) => setTimeout(resolve, 200))
  }
  if (reader === undefined) console.error(`Nothing came: there is no file ${file}.`)
  return reader === undefined ? 1 : 0
}

type ImportValues = { name?: string; format?: string; step?: string }

function importFiles({ context }: Free, given: string[], { name, format, step }: ImportValues): number {
  const directory = callFolder()
  const files = given.map((file) => path.resolve(directory, file))
  const order = {
    name: name ?? null,
    files,
    directory,
    ...(format !== undefined && { format: format as ImportFormat }),
    ...(step !== undefined && { step }),
  }
  const { sweepId, name: sweepName, projects, runs, problems, notes } = importMetrics(context, order)
  for (const run of runs) {
    const values = Object.entries(run.params).map(([name, value]) => ` ${name}=${value}`)
    console.log(printable(`Run ${run.runId}: ${broughtBy(run)} from ${run.source}${values.join('')}`))
  }
  for (const note of notes) console.log(printable(note))
  for (const problem of problems) console.error(printable(problem))
  if (sweepId !== null) console.log(`Sweep ${sweepId}, ${printable(sweepName)}: npm start, then /sweeps/${sweepId}`)
  for (const { id, name: called } of projects)
    console.log(`Project ${printable(called)}: npm start, then /runs?project=${id}`)
  return problems.length > 0 ? 1 : 0
}

function broughtBy({ added, rows, samples, points }: Imported['runs'][number]): string {
  if (added !== null) return added === 0 ? 'nothing new' : `${plural(added, 'new line')}, beside what was there,`
  const parts = [
    rows > 0 && `${plural(rows, 'row')} of metrics`,
    samples > 0 && plural(samples, 'sample'),
    points > 0 && plural(points, 'point'),
  ]
  return parts.filter(Boolean).join(', ') || 'what is said of it'
}

function loadPublishedStudy({ context }: Free): number {
  const sweeps = loadStudy(context)
  console.log(
    `The study is loaded: ${plural(sweeps.length, 'sweep')} and its baselines. npm start, then /sweeps/${sweeps[0]}`,
  )
  return 0
}

/** Throws where the folder is held by another process, or cannot be used. */
function open(data: string | undefined): Free {
  const config = readConfig()
  setLogLevels(config.log)
  const dataFolder = data === undefined ? config.dataFolder : path.resolve(callFolder(), data)
  const opened = openDataFolder({ ...config, dataFolder })
  if ('close' in opened) return opened
  const who = opened.heldBy ? `Process ${opened.heldBy.pid}` : 'Another process'
  throw new SweepboardError(
    'conflict',
    `${who} works on the data folder ${dataFolder}. Stop it first; trainings go on meanwhile.`,
  )
}

function check({ context }: Free, repair: boolean): number {
  const { problems, notes, attempts } = checkData(context)
  for (const note of notes) console.log(printable(note))
  for (const { text } of problems) console.error(printable(text))
  if (problems.length === 0) {
    console.log(`Nothing is wrong: database, metrics and the events files of ${plural(attempts, 'attempt')} agree.`)
    return 0
  }
  const runs = [...new Set(problems.flatMap(({ runId }) => runId ?? []))]
  const others = problems.filter(({ runId }) => runId === null).length
  if (!repair) {
    const hint = runs.length > 0 ? ` The metrics of ${plural(runs.length, 'run')} can be read again: --repair.` : ''
    console.error(`${plural(problems.length, 'thing')} wrong.${hint}${others > 0 ? ` ${backup}` : ''}`)
    return 1
  }
  for (const runId of runs) {
    const { mended, text } = rereadMetrics(context, runId)
    if (mended) console.log(text)
    else console.error(text)
  }
  const left = checkData(context).problems
  for (const { text } of left) console.error(`Still: ${printable(text)}`)
  if (left.length === 0) console.log('Nothing is wrong any more.')
  else console.error(`${plural(left.length, 'thing')} still wrong. ${backup}`)
  return left.length === 0 ? 0 : 1
}

const backup = 'What no events file can mend comes back from a copy of sweepboard.db (docs/operations.md).'

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const expected = error instanceof SweepboardError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')
  if (expected) console.error(`${(error as Error).message}`)
  else console.error(describeDamage(error) ?? error)
  process.exitCode = 2
}
