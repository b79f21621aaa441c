/** `npm run data -- VERB`: what is done to a data folder by hand, while no server works on it. */
import path from 'node:path'
import { parseArgs } from 'node:util'
import { SweepboardError } from '../domain/errors.ts'
import { readConfig } from '../server/config.ts'
import { importMetrics } from '../server/imports/import-metrics.ts'
import { openDataFolder, type Opened } from '../server/open.ts'
import { checkData, rereadMetrics } from '../server/system/check-data.ts'
import { plural, printable } from './text.ts'

const usage = `Usage: npm run data -- check [--repair] [--data DIR]
       npm run data -- import [--name NAME] [--data DIR] FILE…`
const help = `${usage}

  check        compares everything in the data folder with everything else, and says what is wrong
  --repair     reads the metrics of damaged runs again from their events files

  import       reads metrics of trainings that ran elsewhere into a sweep of their own, a run each FILE: JSON lines with a
               step (as verl, prime-rl and others write them), a TensorBoard event file, or a folder of these
  --name NAME  what the sweep is called (default: the first file's folder)

  --data DIR   the data folder (default: SWEEPBOARD_DATA, else ./data)
  --help       this text

Exit code: 0 all is well, 1 something is wrong (with the folder, or with lines of a file), 2 the arguments are wrong or the
folder cannot be used. No server may work on the folder meanwhile; trainings go on.
`

type Free = Extract<Opened, { close: () => void }>

function main(given: string[]): number {
  const { values, positionals } = parseArgs({
    args: given,
    allowPositionals: true,
    options: {
      data: { type: 'string' },
      repair: { type: 'boolean' },
      name: { type: 'string' },
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
      ? 'A verb is missing; expected check or import.'
      : verb === 'import'
        ? files.length === 0 && 'import needs a file; none was given.'
        : verb !== 'check'
          ? `There is no verb ${verb}; expected check or import.`
          : files.length > 0 && `check takes no file; ${files.join(', ')} was given.`
  if (wrong) {
    console.error(`${wrong}\n${usage}`)
    return 2
  }
  const opened = open(values.data)
  try {
    return verb === 'check' ? check(opened, values.repair ?? false) : importFiles(opened, files, values.name)
  } finally {
    opened.close()
  }
}

function importFiles({ context }: Free, given: string[], name: string | undefined): number {
  const directory = context.config.environment.INIT_CWD ?? process.cwd()
  const files = given.map((file) => path.resolve(directory, file))
  const sweepName = name ?? path.basename(path.dirname(files[0]!))
  const { sweepId, runs } = importMetrics(context, { name: sweepName, files, directory })
  for (const [at, { runId, rows, problems }] of runs.entries()) {
    console.log(`Run ${runId}: ${plural(rows, 'row')} of metrics from ${printable(given[at]!)}`)
    for (const problem of problems) console.error(printable(problem))
  }
  console.log(`Sweep ${sweepId}, ${printable(sweepName)}: npm start, then /sweeps/${sweepId}`)
  return runs.some(({ problems }) => problems.length > 0) ? 1 : 0
}

/** Throws where the folder is held by another process, or cannot be used. */
function open(data: string | undefined): Free {
  const config = readConfig()
  // npm runs scripts in the project's folder, and says where it was called
  const from = config.environment.INIT_CWD ?? process.cwd()
  const dataFolder = data === undefined ? config.dataFolder : path.resolve(from, data)
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
  process.exitCode = main(process.argv.slice(2))
} catch (error) {
  const expected = error instanceof SweepboardError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')
  console.error(expected ? `${(error as Error).message}` : error)
  process.exitCode = 2
}
