/**
 * Tables of metrics: Lightning's `metrics.csv`, Ray's `progress.csv`, what W&B and TensorBoard download, our own. A row is a step of
 * a run; a column of numbers is a metric, an empty cell is nothing.
 */
import type { TrainerEvent } from '../../../contract/trainer.ts'
import { type CsvRow, fromCsvCell, parseCsv } from '../csv.ts'
import { secondsOf, stepNames, timeNames } from '../json-metrics.ts'
import { emptyValues, isStep, quoted } from '../plain-values.ts'
import { joinSteps } from './join-steps.ts'
import { type ReadOptions, type Telling, theRun, type ToldRun } from './telling.ts'

/** Names of a column of steps, the likeliest first; compared without case, blanks as `_`. */
const stepColumns = [...stepNames, 'training_iteration', 'iter', 'update', 'timesteps_total', 'num_env_steps_sampled']
/** Columns whose values tell runs of one table apart. */
const runColumns = ['run', 'run_id', 'run_name', 'trial_id']
const separators = [',', ';', '\t']

/** What separates the cells of a head; null where nothing does. */
export function separatorOf(head: string): string | null {
  const unquoted = head.replaceAll(/"[^"]*"/g, '')
  const counts = separators.map((separator) => unquoted.split(separator).length - 1)
  const most = Math.max(...counts)
  return most === 0 ? null : separators[counts.indexOf(most)]!
}

type Columns = { step: number; time: number; run: number; attempt: number; params: number[]; metrics: number[] }

/** What the text of a table tells. Throws a SyntaxError, a sentence's end, where it is no table with steps. */
export function* readCsvMetrics(text: string, { report, step }: ReadOptions): Generator<Telling> {
  const body = text.replace(/^\uFEFF/, '').trimStart()
  // a column of steps alone is a table, too, where it was named
  const rows = [...parseCsv(body, separatorOf(body.split(/\r?\n/, 1)[0]!) ?? ',')]
  const head = rows.shift()?.cells.map((cell) => cell.trim()) ?? []
  const columns = columnsOf(head, step)
  const { metrics, settings } = sortColumns(head, rows, columns, report)
  const runs = new Map<string, { run: ToldRun; attempts: Map<number, TrainerEvent[]> }>()
  for (const row of rows) {
    const event = eventOf(head, row, { ...columns, metrics }, report)
    if (event === null) continue
    const run = runOf(head, row, columns)
    const told = runs.get(run.key) ?? { run, attempts: new Map<number, TrainerEvent[]>() }
    runs.set(run.key, told)
    const attempt = columns.attempt === -1 ? 1 : Number(row.cells[columns.attempt])
    const events = told.attempts.get(attempt) ?? settingsEvents(head, row, settings)
    told.attempts.set(attempt, events)
    events.push(event)
  }
  const isOne = runs.size === 1 && columns.params.length === 0
  for (const { run, attempts } of runs.values())
    for (const [attempt, events] of [...attempts].toSorted(([a], [b]) => a - b))
      yield { run: isOne ? { ...run, name: '' } : run, attempt, events: joinSteps(events) }
}

function columnsOf(head: string[], named: string | undefined): Columns {
  if (head.slice(0, 4).join() === 'point,run,attempt,status')
    throw new SyntaxError('has the points of a sweep, and no steps; its JSON brings them back (Download menu)')
  const own = ownColumns(head)
  if (own !== null) return own
  refuseTwice(head)
  const plain = head.map((name) => name.toLowerCase().replaceAll(/\s+/g, '_'))
  const find = (names: string[]) => names.reduce((found, name) => (found === -1 ? plain.indexOf(name) : found), -1)
  const step = named === undefined ? find(stepColumns) : head.indexOf(named)
  if (step === -1) {
    const lacks = named === undefined ? 'has no column of steps that is known' : `has no column ${quoted(named)}`
    throw new SyntaxError(`${lacks}; it has ${head.slice(0, 20).join(', ')}. Name the one of steps: --step COLUMN`)
  }
  const run = find(runColumns)
  return { step, time: find(timeNames), run: run === step ? -1 : run, attempt: -1, params: [], metrics: [] }
}

/** Of a table of ours: run, the axes, attempt, step, time, then metrics. One of these may be called as an axis is. */
function ownColumns(head: string[]): Columns | null {
  const attempt = head.indexOf('attempt')
  if (head[0] !== 'run' || head.slice(attempt, attempt + 3).join() !== 'attempt,step,time') return null
  refuseTwice(head.slice(attempt))
  const params = head.slice(1, attempt).map((_, at) => at + 1)
  return { step: attempt + 1, time: attempt + 2, run: 0, attempt, params, metrics: [] }
}

function refuseTwice(head: string[]): void {
  const twice = head.find((name, at) => name !== '' && head.indexOf(name) !== at)
  if (twice !== undefined) throw new SyntaxError(`has two columns ${quoted(twice)}; expected each name once`)
}

/** Which of the other columns are metrics, as most of their cells are numbers; and which are settings of Ray's (`config/…`). */
function sortColumns(head: string[], rows: CsvRow[], columns: Columns, report: ReadOptions['report']) {
  const taken = [columns.step, columns.time, columns.run, columns.attempt, ...columns.params]
  const metrics: number[] = []
  const settings: number[] = []
  for (const [at, name] of head.entries()) {
    if (taken.includes(at)) continue
    const cells = rows.flatMap(({ cells: row }) => row[at]?.trim() || [])
    if (name.startsWith('config/')) settings.push(at)
    else if (name === '' && cells.length > 0) report(`column ${at + 1} has no name; it was passed over`)
    else {
      const numbers = cells.filter((cell) => numberIn(cell) !== null).length
      if (numbers * 2 > cells.length) metrics.push(at)
      else if (numbers > 0)
        report(`column ${name} holds ${numbers} numbers and ${cells.length - numbers} texts, so it was passed over`)
    }
  }
  return { metrics, settings }
}

function settingsEvents(head: string[], { cells }: CsvRow, settings: number[]): TrainerEvent[] {
  if (settings.length === 0) return []
  const values = Object.fromEntries(settings.map((at) => [head[at]!.slice('config/'.length), cells[at] ?? '']))
  return [{ type: 'config', values }]
}

function runOf(head: string[], { cells }: CsvRow, { run, params }: Columns): ToldRun {
  if (run === -1) return theRun
  const key = cells[run] ?? ''
  if (params.length === 0) return { key, name: key }
  return {
    key,
    name: `run ${key}`,
    params: Object.fromEntries(params.map((at) => [head[at]!, fromCsvCell(cells[at]!)])),
  }
}

function eventOf(head: string[], row: CsvRow, columns: Columns, report: ReadOptions['report']): TrainerEvent | null {
  const { line, cells } = row
  if (cells.length > head.length) {
    report(`line ${line} has ${cells.length} cells and the head ${head.length}; it was passed over`)
    return null
  }
  const written = cells[columns.step]?.trim() ?? ''
  const step = numberIn(written)
  if (!isStep(step)) {
    report(`line ${line} has the ${head[columns.step]} ${quoted(written)}; expected a whole number of 0 or more`)
    return null
  }
  const values = emptyValues()
  for (const at of columns.metrics) {
    const cell = cells[at]?.trim() ?? ''
    const value = numberIn(cell)
    if (value !== null) values[head[at]!] = value
    else if (cell !== '')
      report(`line ${line} has the ${head[at]} ${quoted(cell)}; expected a number, so it was passed over`)
  }
  if (Object.keys(values).length === 0) return null
  const time = columns.time === -1 ? null : timeIn(cells[columns.time]?.trim() ?? '')
  return { type: 'metrics', step, ...(time !== null && { time }), values: values as Record<string, number> }
}

function timeIn(cell: string): number | null {
  const number = numberIn(cell)
  if (number === null) return cell === '' ? null : secondsOf(cell)
  // seconds that large are milliseconds, as MLflow and Trackio count
  return secondsOf(number > 1e11 ? number / 1000 : number)
}

/** The number in a cell, as Python and spreadsheets write it; null where it is none. */
function numberIn(cell: string): number | null {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell)) return Number(cell)
  const word = /^([+-]?)(nan|inf|infinity)$/i.exec(cell)
  if (word === null) return null
  return word[2]!.toLowerCase() === 'nan' ? NaN : word[1] === '-' ? -Infinity : Infinity
}
