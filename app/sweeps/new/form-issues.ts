/** What stands against starting the sweep in the form, at which field each thing is shown, and what its fix button does. */
import type { Issue } from '../../../domain/errors.ts'
import { checkSweep, type MachineLimits } from '../../../domain/sweep/plan.ts'
import { pointSettings, settingIssues } from '../../../domain/sweep/settings/settings.ts'
import { sweepOfForm } from './read-sweep-form.ts'
import { type ProcessForm, type SweepForm } from './sweep-form.ts'
import { type Sweep, type SweepInput, sweepSchema } from '../../../domain/sweep/sweep.ts'
import { withoutWritten } from '../../../domain/sweep/files/written.ts'

export type CheckedForm = {
  input: SweepInput
  issues: Issue[]
  /** The sweep with what is still missing made up, for checks and previews that need a whole one; null while it has no axis. */
  sweep: Sweep | null
}

/** All that can be said about the form without the server. */
export function checkForm(form: SweepForm, limits: MachineLimits): CheckedForm {
  const { input, issues } = sweepOfForm(form)
  // what a field itself could not say explains what the schema then misses
  const fields = new Set(issues.map((issue) => fieldOf(issue.path)))
  const missed = schemaIssues(input).filter(({ path }) => !fields.has(fieldOf(path)) && !explained(issues, path))
  issues.push(...missed)
  const sweep = madeWhole(input)
  if (!sweep && form.trainer === 'command' && form.train.command.length === 0) {
    issues.push({
      path: ['train', 'command'],
      message: 'The sweep does not say what to train with: give a command, or choose a built-in trainer.',
    })
  }
  const schemaFields = new Set(issues.map((issue) => fieldOf(issue.path)))
  if (sweep) {
    const found = [...checkSweep(sweep, limits), ...settingIssues(sweep, pointSettings(sweep))].filter(
      (issue) => !schemaFields.has(fieldOf(issue.path)),
    )
    issues.push(...found.map((issue) => withRemoval(sweep, issue)))
  }
  if (!sweep && form.trainer !== 'command') {
    // settings are known to be right or wrong before there is an axis
    const alone = { axes: {}, trainer: form.trainer, config: input.config } as Sweep
    issues.push(...settingIssues(alone, pointSettings(alone)).filter(({ path }) => !schemaFields.has(fieldOf(path))))
  }
  return { input, issues: issues.toSorted((a, b) => placeOf(a) - placeOf(b)), sweep }
}

const order = [
  'name',
  'axes',
  'search',
  'trainer',
  'config',
  'train',
  'checkpoint',
  'init',
  'evaluate',
  'score',
  'objective',
  'stop_early',
  'finalists',
  'track',
  'executor',
  'max_slots',
  'budget',
  'concurrency',
]

/** Where the issue's field stands in the form. */
function placeOf(issue: Issue): number {
  const [first = 'init', second = ''] = issue.path
  return 10 * order.indexOf(String(first)) + shownProcessFields.indexOf(String(second))
}

/** Whether an issue of a part of this thing says already why the thing as a whole is not right. */
function explained(issues: Issue[], path: Issue['path']): boolean {
  return issues.some((other) => other.path.length > path.length && path.every((key, at) => other.path[at] === key))
}

/** A wrong value of an axis is one click from being taken away. */
function withRemoval(sweep: Sweep, issue: Issue): Issue {
  const [first, name] = issue.path
  const place = issue.path.at(-1)
  const axis = first === 'axes' ? sweep.axes[String(name)] : undefined
  if (!axis || issue.fix || typeof place !== 'number' || !(Array.isArray(axis) || 'milestones' in axis)) return issue
  const value = (Array.isArray(axis) ? axis : axis.milestones)[place]
  return value === undefined ? issue : { ...issue, fix: { label: `Remove ${value}`, value: '' } }
}

function schemaIssues(input: SweepInput): Issue[] {
  const parsed = sweepSchema.safeParse(withoutWritten(input))
  if (parsed.success) return []
  return parsed.error.issues.map((issue) => ({
    path: issue.path.filter((key) => typeof key !== 'symbol'),
    message: sentence(issue.message),
  }))
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}

function madeWhole(input: SweepInput): Sweep | null {
  const axes = Object.fromEntries(
    Object.entries(input.axes).filter(
      ([, axis]) =>
        !(Array.isArray(axis) ? axis : 'milestones' in axis ? axis.milestones : [1]).every((value) => value === ''),
    ),
  )
  const { score, search } = input
  const isGiven = (value: string | object) =>
    typeof value === 'string' || (Object.keys(value).length > 0 && !Object.values(value).includes(''))
  const baseline = score === undefined || isGiven(score.baseline) ? score?.baseline : { none: 1 }
  const parsed = sweepSchema.safeParse({
    ...withoutWritten(input),
    name: input.name || 'none',
    axes,
    ...(typeof search === 'object' &&
      search.method !== 'grid' && { search: { ...search, trainings: search.trainings ?? 1 } }),
    ...(score !== undefined && { score: { ...score, baseline } }),
  })
  return parsed.success ? { ...parsed.data, ...(input.written && { written: input.written }) } : null
}

const shownProcessFields = ['command', 'gpus', 'timeout_seconds', 'env', 'retries', 'race']

const reportFields = ['accuracies', 'metric']

/** The field of the form that shows an issue with this path. */
export function fieldOf(path: Issue['path']): string {
  const [first, second, third] = path.map(String)
  if (first === undefined) return 'directory'
  if (first === 'axes' || first === 'config') return second === undefined ? first : `${first}/${second}`
  if (first === 'search') return second === 'trainings' || second === 'seed' ? `search/${second}` : 'search'
  if (first === 'executor') return executorField(first, path.slice(1))
  if (first === 'train' || first === 'evaluate') {
    // a training's own is no field of the form
    if (second === 'executor')
      return first === 'train' ? 'train/command' : executorField('evaluate/executor', path.slice(2))
    if (second === 'report')
      return `evaluate/report/${third !== undefined && reportFields.includes(third) ? third : 'file'}`
    return `${first}/${second !== undefined && shownProcessFields.includes(second) ? second : 'command'}`
  }
  if (first === 'when') return second === undefined ? 'axes' : `${first}/${second}`
  if (first === 'objectives') return third === undefined ? first : `${first}/${second}/${third}`
  if (first === 'constraints') return first
  if (first === 'track') return second === undefined ? first : `${first}/${second}`
  if (first === 'objective') return second === undefined ? 'objective/metric' : `${first}/${second}`
  if (first === 'finalists') return second === undefined ? first : `${first}/${second}`
  if (first === 'stop_early') return second === undefined || second === 'method' ? first : `${first}/${second}`
  if (first === 'score') {
    if (second === 'aggregate') return 'score/aggregate'
    return third === undefined ? 'score/baseline' : `score/${second}/${third}`
  }
  return first
}

/** The cluster's kind stands between the place and its fields. */
function executorField(place: string, [kind, key]: Issue['path']): string {
  return (kind !== 'slurm' && kind !== 'ray') || key === undefined ? place : `${place}/${String(key)}`
}

const labels: Record<string, string> = {
  'train/command': 'command',
  'train/gpus': 'GPUs for each training',
  'train/timeout_seconds': 'stop after',
  'train/retries': 'retries',
  'train/env': 'environment',
  'evaluate/command': 'evaluation command',
  'evaluate/gpus': 'GPUs for each evaluation',
  'evaluate/timeout_seconds': 'stop an evaluation after',
  'evaluate/retries': 'retries of evaluations',
  'evaluate/env': 'environment of evaluations',
  'evaluate/race': 'race',
  'evaluate/report/file': 'report file',
  'evaluate/report/accuracies': 'where the accuracies are',
  'evaluate/report/metric': 'metric that counts',
  'score/baseline/report': 'report of the base model',
  'score/baseline/measure': 'checkpoint that is measured',
  'score/aggregate': 'mean',
  'score/baseline': 'baseline',
  search: 'search method',
  'search/trainings': 'trainings of the search',
  'search/seed': 'seed of the search',
  objectives: 'objectives',
  constraints: 'constraints',
  'objective/metric': 'metric that ranks',
  'objective/goal': 'which way the metric is better',
  'objective/at': 'which value of the metric counts',
  finalists: 'finalists',
  'finalists/top': 'points looked at once more',
  'finalists/seeds': 'seeds of finalists',
  stop_early: 'trainings stopped early',
  'stop_early/min': 'first milestone that may stop',
  'stop_early/keep': 'share that goes on',
  'stop_early/factor': 'one goes on of',
  'stop_early/metric': 'metric that judges',
  'stop_early/goal': 'which way the metric is better',
  'stop_early/hold': 'waiting at the milestone',
  track: 'where trackers log',
  'track/files': 'files that are followed',
  executor: 'where it runs',
  checkpoint: 'checkpoint folder',
  init: 'starting checkpoint',
  config: 'settings',
  concurrency: 'trainings at a time',
  max_slots: 'GPUs this sweep may take',
  budget: 'hours in all',
  directory: 'folder',
}

/** The word by which the start button's summary calls a field. */
export function fieldLabel(field: string): string {
  const [kind, name, benchmark] = field.split('/')
  if (kind === 'axes' && name !== undefined) return name === '' ? 'name of an axis' : `axis ${name}`
  if (kind === 'when') return `where ${name} exists`
  if (kind === 'config' && name !== undefined) return name === '' ? 'name of a setting' : `setting ${name}`
  if (kind === 'executor' || name === 'executor')
    return `${labels.executor}: ${field.split('/').at(-1)!.replaceAll('_', ' ')}`
  if (kind === 'score' && benchmark !== undefined && labels[field] === undefined)
    return name === 'questions' ? `questions of ${benchmark}` : `baseline of ${benchmark}`
  if (kind === 'objectives' && benchmark !== undefined)
    return `${labels[`objective/${benchmark}`] ?? benchmark} (objective ${Number(name) + 1})`
  return labels[field] ?? field
}

/** Fields that nobody has filled in yet: what is wrong with them is said quietly until Start is pressed. */
export function unfilledFields(form: SweepForm): Set<string> {
  const fields = new Set<string>()
  if (form.name.trim() === '') fields.add('name')
  if (form.axes.length === 0) fields.add('axes')
  if (typeof form.track === 'object' && form.track.files.length === 0) fields.add('track/files')
  if (form.search !== 'grid' && form.trainings.trim() === '') fields.add('search/trainings')
  for (const { name, values, low, high, count } of form.axes) {
    if (name.trim() === '' || (values.length === 0 && low === '' && high === '' && count === ''))
      fields.add(`axes/${name.trim()}`)
  }
  if (form.axes.every((row) => row.name.trim() === '')) fields.add('axes')
  if (form.trainer === 'command' && form.train.command.length === 0) fields.add('train/command')
  if (form.baselineReport?.trim() === '') fields.add('score/baseline/report')
  if (form.baselineMeasure?.trim() === '') fields.add('score/baseline/measure')
  if (
    form.storedBaseline === null &&
    form.baselineReport === null &&
    form.baselineMeasure === null &&
    form.benchmarks.every((row) => row.accuracy.trim() === '')
  )
    fields.add('score/baseline')
  for (const row of form.config)
    if (row.key.trim() === '' || row.value.trim() === '') fields.add(`config/${row.key.trim()}`)
  for (const row of form.benchmarks) if (row.accuracy.trim() === '') fields.add(`score/baseline/${row.name.trim()}`)
  return fields
}

function withItem(values: string[], index: number, value: string): string[] {
  return value === '' ? values.filter((_, at) => at !== index) : values.map((old, at) => (at === index ? value : old))
}

function withProcessFix<Process extends ProcessForm>(process: Process, path: Issue['path'], value: string): Process {
  const [, key, place] = path
  if (key === 'command' && typeof place === 'number')
    return { ...process, command: withItem(process.command, place, value) }
  if (key === 'env') {
    return {
      ...process,
      environment: process.environment.map((line) => (line.startsWith(`${place}=`) ? `${place}=${value}` : line)),
    }
  }
  if (key === 'gpus') return { ...process, gpus: value }
  if (key === 'retries') return { ...process, retries: value }
  return key === 'timeout_seconds' ? { ...process, stopAfter: value } : process
}

/** The form with the issue's fix put in; unchanged where the fix belongs to no field. */
export function withFix(form: SweepForm, issue: Issue): SweepForm {
  const value = issue.fix?.value
  if (value === undefined) return form
  const [first, second] = issue.path
  const last = issue.path.at(-1)
  switch (first) {
    case 'axes':
      return {
        ...form,
        axes: form.axes.map((row) => {
          if (row.name.trim() !== second || typeof last !== 'number') return row
          if (row.kind === 'list' || row.kind === 'milestones')
            return { ...row, values: withItem(row.values, last, value) }
          return { ...row, [(['low', 'high', 'count'] as const)[last] ?? 'count']: value }
        }),
      }
    case 'train':
      return { ...form, train: withProcessFix(form.train, issue.path, value) }
    case 'evaluate':
      if (second === 'report') return { ...form, evaluate: { ...form.evaluate, reportFile: value } }
      return { ...form, evaluate: withProcessFix(form.evaluate, issue.path, value) }
    case 'score':
      if (issue.path.length === 2) return { ...form, storedBaseline: value }
      return {
        ...form,
        benchmarks: form.benchmarks.map((row) => (row.name === last ? { ...row, accuracy: value } : row)),
      }
    case 'config':
      return { ...form, config: form.config.map((row) => (row.key === second ? { ...row, value } : row)) }
    case 'search':
      return second === 'method' ? { ...form, search: value as SweepForm['search'] } : form
    case 'checkpoint':
      return { ...form, checkpoint: value }
    case 'init':
      return { ...form, init: value }
    case 'track': {
      if (typeof form.track !== 'object' || typeof last !== 'number') return form
      return { ...form, track: { files: withItem([form.track.files].flat(), last, value) } }
    }
    case 'max_slots':
      return { ...form, maxSlots: value }
    default:
      return form
  }
}
