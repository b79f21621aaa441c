/**
 * The new-sweep form: its state is what a person sees in the fields, texts as they were typed. A sweep put into the form and
 * read back is the same sweep, fields that the form hides included.
 */
import { isMeasuredBaseline } from '../../../domain/sweep/measured-baseline.ts'
import { isReportBaseline, isWrittenBaseline } from '../../../domain/sweep/sweep.ts'
import type { AccuracyScale } from '../../../domain/sweep/files/scale.ts'
import { continuousOf } from '../../../domain/sweep/axes/continuous-axis.ts'
import type { Objective } from '../../../domain/sweep/objective.ts'
import type { Goal } from '../../../domain/sweep/stop-early.ts'
import { scoringOf } from '../../../domain/sweep/scoring.ts'
import { type SearchingMethod, searchingOf } from '../../../domain/sweep/searching.ts'
import { emptyExecutor, formOfExecutor, type ExecutorForm } from './_where/executor-form.ts'
import { emptyStopEarly, formOfStopEarly, type StopEarlyForm } from './_search/stop-early-form.ts'
import { writeConfigValue, writeDuration, writeWholeNumber } from './field-values.ts'
import type {
  Aggregate,
  Axis,
  BuiltInTrainer,
  ReportFormat,
  ReportSettings,
  Sweep,
  SweepInput,
} from '../../../domain/sweep/sweep.ts'
import { ownValue } from '../../../domain/own-value.ts'

export const axisEntries = ['list', 'range', 'log', 'uniform', 'log_uniform', 'integer', 'milestones'] as const
export type AxisEntry = (typeof axisEntries)[number]

/** `values` serve lists and milestones, the ends the others and the count range and log; all are kept, so that a change of kind can be taken back. */
export type AxisRow = {
  id: number
  name: string
  kind: AxisEntry
  values: string[]
  low: string
  high: string
  count: string
  /** Values between the ends are rounded to whole numbers. */
  integer?: boolean
  /** The axis exists only where each of these others has one of the values; absent or empty: everywhere. */
  conditions?: ConditionRow[]
}
export type ConditionRow = { axis: string; values: string[] }
export type ConfigRow = { id: number; key: string; value: string }
export type BenchmarkRow = { id: number; name: string; accuracy: string; questions: string }

/** What a training and an evaluation have in common. `environment`: NAME=value each. */
export type ProcessForm = {
  command: string[]
  gpus: string
  stopAfter: string
  retries: string
  environment: string[]
  /** Where these run, in place of what the sweep says. The form shows it for evaluations; a training's is kept as it is. */
  executor: ExecutorForm
}

/** Where the accuracies are. Files and metrics by benchmark count in place of the one, where there are any. */
export type ReportForm = {
  format: ReportFormat | ''
  reportFile: string
  reportFiles: ConfigRow[]
  accuracies: string
  metric: string
  metrics: ConfigRow[]
  scale: AccuracyScale | ''
}

const emptyReport: ReportForm = {
  format: '',
  reportFile: '',
  reportFiles: [],
  accuracies: '',
  metric: '',
  metrics: [],
  scale: '',
}

/** `evaluate.race`; undefined: nothing is said of it. */
type RaceForm = { race: boolean | undefined }

export type ObjectiveForm = { metric: string; goal: Goal | ''; at: Objective['at'] }

/** `finalists`, as it is typed. */
export type FinalistsForm = { top: string; seeds: string }

export type SweepForm = {
  name: string
  /** How the axes are gone through; the number of trainings and the seed serve methods that propose. */
  search: 'grid' | SearchingMethod
  trainings: string
  seed: string
  axes: AxisRow[]
  trainer: 'command' | BuiltInTrainer
  config: ConfigRow[]
  init: string
  train: ProcessForm
  checkpoint: string
  evaluate: ProcessForm & ReportForm & RaceForm
  /** False: nothing is scored, the sweep keeps track of its runs only. */
  isScored: boolean
  /** A logged metric in place of the score; null: none. */
  objective: ObjectiveForm | null
  /** Several, of which the score may be one; empty: there are none. */
  objectives: ObjectiveForm[]
  /** What points have to keep, as it is typed. */
  constraints: string[]
  aggregate: Aggregate
  /** Name of a stored baseline; null: the accuracies of `benchmarks`. */
  storedBaseline: string | null
  /** The path of a report of the base model, where the baseline is one; null: it is not. */
  baselineReport: string | null
  /** The checkpoint that is measured first, where the baseline is one, `init` for the starting one; null: it is not. */
  baselineMeasure: string | null
  /** What the accuracies of `benchmarks` are written in, where a file says so. */
  baselineScale: AccuracyScale | ''
  benchmarks: BenchmarkRow[]
  /** As the file has it; files may be none yet. */
  track: SweepInput['track']
  stopEarly: StopEarlyForm
  /** How many points are looked at once more, and with how many seeds each; null: none are. */
  finalists: FinalistsForm | null
  executor: ExecutorForm
  concurrency: string
  maxSlots: string
  /** GPU hours in all; empty: no budget. */
  gpuHours: string
}

const emptyProcess: ProcessForm = {
  command: [],
  gpus: '',
  stopAfter: '',
  retries: '',
  environment: [],
  executor: emptyExecutor,
}

/** The form before anything was typed. */
export const emptyForm: SweepForm = {
  name: '',
  search: 'grid',
  trainings: '',
  seed: '',
  axes: [{ id: 1, name: '', kind: 'list', values: [], low: '', high: '', count: '' }],
  trainer: 'command',
  config: [],
  init: '',
  train: emptyProcess,
  checkpoint: '',
  evaluate: { ...emptyProcess, ...emptyReport, race: undefined },
  isScored: true,
  objective: null,
  objectives: [],
  constraints: [],
  aggregate: 'harmonic-mean',
  storedBaseline: null,
  baselineReport: null,
  baselineMeasure: null,
  baselineScale: '',
  benchmarks: [{ id: 1, name: '', accuracy: '', questions: '' }],
  track: undefined,
  stopEarly: emptyStopEarly,
  finalists: null,
  executor: emptyExecutor,
  concurrency: '',
  maxSlots: '',
  gpuHours: '',
}

/** An id that no row of the list has. */
export function nextRowId(rows: readonly { id: number }[]): number {
  return rows.reduce((highest, row) => Math.max(highest, row.id), 0) + 1
}

function axisRow(id: number, name: string, axis: Axis): AxisRow {
  const empty = { id, name, values: [], low: '', high: '', count: '' }
  if (Array.isArray(axis)) return { ...empty, kind: 'list', values: axis }
  if ('milestones' in axis) return { ...empty, kind: 'milestones', values: axis.milestones }
  const continuous = continuousOf(axis)
  if (continuous !== null || !('range' in axis || 'log' in axis)) return { ...empty, ...continuous! }
  const kind = 'range' in axis ? 'range' : 'log'
  const [low, high, count] = 'range' in axis ? axis.range : axis.log
  return { ...empty, kind, low, high, count: String(count), ...(axis.integer ? { integer: true } : {}) }
}

function withConditions(row: AxisRow, when: Sweep['when']): AxisRow {
  const own = ownValue(when ?? {}, row.name)
  if (own === undefined) return row
  return { ...row, conditions: Object.entries(own).map(([axis, values]) => ({ axis, values })) }
}

/** The row with another kind; what the new kind needs is taken from the old one's values where it has none. */
export function withAxisKind(row: AxisRow, kind: AxisEntry): AxisRow {
  const bounded = kind !== 'list' && kind !== 'milestones'
  if (bounded && row.low === '' && row.high === '' && row.values.length > 0) {
    return {
      ...row,
      kind,
      low: row.values[0]!,
      high: row.values.at(-1)!,
      count: String(Math.max(2, row.values.length)),
    }
  }
  return { ...row, kind }
}

const writeRetries = (retries: number | undefined) => (retries === undefined ? '' : String(retries))

function processForm(fields: Sweep['train'] | Sweep['evaluate']): ProcessForm {
  if (!fields) return emptyProcess
  return {
    command: fields.command ?? [],
    gpus: String(fields.gpus),
    stopAfter: fields.timeout_seconds === undefined ? '' : writeDuration(fields.timeout_seconds),
    retries: writeRetries(fields.retries),
    environment: Object.entries(fields.env).map(([name, value]) => `${name}=${value}`),
    executor: formOfExecutor(fields.executor),
  }
}

function pairRows(pairs: Record<string, string>): ConfigRow[] {
  return Object.entries(pairs).map(([key, value], index) => ({ id: index + 1, key, value }))
}

function reportForm(report: ReportSettings | undefined): ReportForm {
  if (!report) return emptyReport
  const { file, metric } = report
  return {
    format: report.format ?? '',
    reportFile: typeof file === 'string' ? file : '',
    reportFiles: typeof file === 'string' ? [] : pairRows(file),
    accuracies: report.accuracies ?? '',
    metric: typeof metric === 'string' ? metric : '',
    metrics: typeof metric === 'object' ? pairRows(metric) : [],
    scale: report.scale ?? '',
  }
}

/** The form filled with a sweep. */
export function formOfSweep(sweep: Sweep): SweepForm {
  const { aggregate, baseline, questions, scale } = scoringOf(sweep)
  const stored = typeof baseline === 'string' ? baseline : null
  const accuracies = isWrittenBaseline(baseline) ? baseline : {}
  const benchmarks = [...new Set([...Object.keys(accuracies), ...Object.keys(questions)])].map((name, index) => ({
    id: index + 1,
    name,
    accuracy: ownValue(accuracies, name) === undefined ? '' : String(ownValue(accuracies, name)),
    questions: ownValue(questions, name) === undefined ? '' : writeWholeNumber(ownValue(questions, name)!),
  }))
  const searching = searchingOf(sweep)
  return {
    name: sweep.name,
    search: searching?.method ?? 'grid',
    trainings: searching === null ? '' : writeWholeNumber(searching.trainings),
    seed: searching === null ? '' : String(searching.seed),
    axes: Object.entries(sweep.axes).map(([name, axis], index) =>
      withConditions(axisRow(index + 1, name, axis), sweep.when),
    ),
    trainer: sweep.trainer ?? 'command',
    config: Object.entries(sweep.config ?? {}).map(([key, value], index) => ({
      id: index + 1,
      key,
      value: writeConfigValue(value, key, sweep.written),
    })),
    init: sweep.init ?? '',
    train: processForm(sweep.train),
    checkpoint: sweep.checkpoint ?? '',
    evaluate: { ...processForm(sweep.evaluate), ...reportForm(sweep.evaluate?.report), race: sweep.evaluate?.race },
    isScored: sweep.score !== undefined,
    objective: sweep.objective ?? null,
    objectives: sweep.objectives ?? [],
    constraints: sweep.constraints ?? [],
    aggregate,
    storedBaseline: stored,
    baselineReport: isReportBaseline(baseline) ? baseline.report : null,
    baselineMeasure: isMeasuredBaseline(baseline) ? baseline.measure : null,
    baselineScale: scale ?? '',
    benchmarks,
    track: sweep.track,
    stopEarly: formOfStopEarly(sweep.stop_early),
    finalists: sweep.finalists ? { top: String(sweep.finalists.top), seeds: String(sweep.finalists.seeds) } : null,
    executor: formOfExecutor(sweep.executor),
    concurrency: sweep.concurrency === undefined ? '' : String(sweep.concurrency),
    maxSlots: sweep.max_slots === undefined ? '' : String(sweep.max_slots),
    gpuHours: sweep.budget === undefined ? '' : String(sweep.budget.gpu_hours),
  }
}
