/** From the new-sweep form back to the sweep that it describes. */
import type { Issue } from '../../../domain/errors.ts'
import { readAccuracy, readConfigValue, readDuration, readWholeNumber } from './field-values.ts'
import { stopEarlyOfForm } from './_search/stop-early-form.ts'
import { executorOfForm } from './_where/executor-form.ts'
import {
  type ConfigRow,
  formOfSweep,
  type ObjectiveForm,
  type ProcessForm,
  type ReportForm,
  type SweepForm,
} from './sweep-form.ts'
import { withoutWritten } from '../../../domain/sweep/files/written.ts'
import { type BuiltInTrainer, type Sweep, type SweepInput, sweepSchema } from '../../../domain/sweep/sweep.ts'

/** Collects what a field's text cannot say, so that one wrong field does not hide the rest of the sweep. */
class Reader {
  readonly issues: Issue[] = []

  add(path: Issue['path'], message: string, fix?: Issue['fix']): undefined {
    this.issues.push(fix ? { path, message, fix } : { path, message })
    return undefined
  }

  whole(text: string, path: Issue['path'], minimum: number, example: string): number | undefined {
    if (text.trim() === '') return undefined
    const value = readWholeNumber(text)
    if (value !== null && value >= minimum) return value
    return this.add(path, `“${text.trim()}” is not a whole number of at least ${minimum}, e.g. ${example}.`)
  }

  hours(text: string, path: Issue['path']): SweepInput['budget'] {
    if (text.trim() === '') return undefined
    const value = Number(text.trim())
    if (value > 0 && Number.isFinite(value)) return { gpu_hours: value }
    return this.add(path, `“${text.trim()}” is no number of hours above 0, e.g. 200.`)
  }

  process(form: ProcessForm, key: 'train' | 'evaluate', withCommand: boolean) {
    const env = new Map<string, string>()
    for (const line of form.environment) {
      const at = line.indexOf('=')
      if (at < 1) this.add([key, 'env'], `“${line}” should be NAME=value, e.g. WANDB_MODE=offline.`)
      else if (env.has(line.slice(0, at))) this.add([key, 'env'], `“${line.slice(0, at)}” is set twice.`)
      else env.set(line.slice(0, at), line.slice(at + 1))
    }
    const seconds = form.stopAfter.trim() === '' ? undefined : readDuration(form.stopAfter)
    if (seconds === null) {
      this.add(
        [key, 'timeout_seconds'],
        `“${form.stopAfter.trim()}” is not a time, e.g. 2 h, 90 min or 7200 (seconds).`,
      )
    }
    return withoutAbsent({
      command: withCommand && form.command.length > 0 ? form.command : undefined,
      gpus: this.whole(form.gpus, [key, 'gpus'], key === 'evaluate' ? 0 : 1, '4'),
      env: env.size > 0 ? Object.fromEntries(env) : undefined,
      timeout_seconds: seconds ?? undefined,
      retries: this.whole(form.retries, [key, 'retries'], 0, '1'),
      executor: executorOfForm(form.executor),
    })
  }
}

const present = (text: string) => (text.trim() === '' ? undefined : text)

/** The object without the keys that are undefined; undefined where none is left. */
function withoutAbsent<Fields extends Record<string, unknown>>(fields: Fields): Fields | undefined {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined)
  return present.length > 0 ? (Object.fromEntries(present) as Fields) : undefined
}

function readAxes(form: SweepForm, reader: Reader): SweepInput['axes'] {
  const axes = new Map<string, SweepInput['axes'][string]>()
  for (const row of form.axes) {
    const name = row.name.trim()
    if (name === '') {
      reader.add(
        ['axes', ''],
        row.values.length > 0 ? 'This axis needs a name, e.g. learning_rate.' : 'Name this axis, e.g. learning_rate.',
      )
    } else if (axes.has(name)) {
      reader.add(['axes', name], `Two axes are called “${name}”. Give each its own name.`)
    } else if (row.kind === 'list') axes.set(name, row.values)
    else if (row.kind === 'milestones') axes.set(name, { milestones: row.values })
    else {
      const bounds: [string, string, number] = [row.low.trim(), row.high.trim(), readWholeNumber(row.count) ?? 0]
      const missing = [row.low.trim() === '' && 'a low value', row.high.trim() === '' && 'a high value'].filter(Boolean)
      if (missing.length > 0) reader.add(['axes', name], `“${name}” needs ${missing.join(' and ')}.`)
      else if (row.kind !== 'range' && row.kind !== 'log')
        axes.set(name, { [row.kind]: [bounds[0], bounds[1]] } as SweepInput['axes'][string])
      else if (bounds[2] < 2)
        reader.add(
          ['axes', name],
          `“${name}” needs how many values it has, a whole number of at least 2; not “${row.count}”.`,
        )
      else {
        const whole = row.integer ? ({ integer: true } as const) : {}
        axes.set(name, row.kind === 'range' ? { range: bounds, ...whole } : { log: bounds, ...whole })
      }
    }
  }
  return Object.fromEntries(axes)
}

/** The conditions of the axes; undefined where there are none. */
function readWhen(form: SweepForm, reader: Reader): SweepInput['when'] {
  const when = new Map<string, Record<string, string[]>>()
  for (const { name, conditions = [] } of form.axes) {
    if (conditions.length === 0 || name.trim() === '' || when.has(name.trim())) continue
    const own = new Map<string, string[]>()
    for (const { axis, values } of conditions) {
      const path = ['when', name.trim(), axis]
      if (axis === '') reader.add(path, `Choose the axis that “${name.trim()}” depends on.`)
      else if (values.length === 0)
        reader.add(path, `Say at which values of “${axis}” the axis “${name.trim()}” exists.`)
      else if (own.has(axis)) reader.add(path, `“${name.trim()}” depends on “${axis}” twice; give its values together.`)
      else own.set(axis, values)
    }
    when.set(name.trim(), Object.fromEntries(own))
  }
  return when.size > 0 ? Object.fromEntries(when) : undefined
}

function readSearch(form: SweepForm, reader: Reader): SweepInput['search'] {
  if (form.search === 'grid') return undefined
  const trainings = reader.whole(form.trainings, ['search', 'trainings'], 1, '20')
  if (form.trainings.trim() === '')
    reader.add(['search', 'trainings'], 'A search needs how many trainings it may have in all, e.g. 20.')
  const seed = reader.whole(form.seed, ['search', 'seed'], 0, '1')
  // what is missing has an issue of its own
  return { method: form.search, trainings: trainings!, ...(seed !== undefined && { seed }) }
}

function readSettings(form: SweepForm, reader: Reader): Pick<SweepInput, 'config' | 'written'> {
  const config = new Map<string, unknown>()
  const written: Record<string, string> = {}
  for (const row of form.config) {
    const key = row.key.trim() === '' ? '' : row.key
    const read = readConfigValue(row.value)
    if (key === '' && row.value.trim() === '') continue
    if (key === '') reader.add(['config', ''], `“${row.value}” needs the name of its setting.`)
    else if (row.value.trim() === '') reader.add(['config', key], `“${key}” needs a value, e.g. 3 or cosine.`)
    else if (config.has(key)) reader.add(['config', key], `“${key}” is set twice.`)
    else if (read === null)
      reader.add(
        ['config', key],
        `“${row.value}” begins as a list, an object or a quoted text and does not end as one: write JSON, e.g. {"correct": 100}.`,
      )
    else {
      config.set(key, read.value)
      for (const [path, text] of Object.entries(read.written)) written[path === '' ? key : `${key}.${path}`] = text
    }
  }
  return {
    config: config.size > 0 ? Object.fromEntries(config) : undefined,
    written: Object.keys(written).length > 0 ? written : undefined,
  }
}

function readScore(form: SweepForm, reader: Reader): SweepInput['score'] {
  if (!form.isScored) return undefined
  const accuracies = new Map<string, number>()
  const questions = new Map<string, number>()
  const seen = new Set<string>()
  for (const row of form.benchmarks) {
    const name = row.name.trim() === '' ? '' : row.name
    if (name === '' && row.accuracy.trim() === '' && row.questions.trim() === '') continue
    if (name === '') {
      reader.add(['score', 'baseline', ''], 'This benchmark needs its name, as the reports write it.')
      continue
    }
    if (seen.has(name)) {
      reader.add(['score', 'baseline', name], `“${name}” stands in the table twice.`)
      continue
    }
    seen.add(name)
    const count = reader.whole(row.questions, ['score', 'questions', name], 1, '500')
    if (count !== undefined) questions.set(name, count)
    if (givenElsewhere(form) || (row.accuracy.trim() === '' && count !== undefined)) continue
    const accuracy = readAccuracy(row.accuracy)
    const path = ['score', 'baseline', name]
    const most = form.baselineScale === 'percent' ? 100 : 1
    if (accuracy !== null && accuracy > 0 && accuracy <= most) accuracies.set(name, accuracy)
    else if (row.accuracy.trim() === '')
      reader.add(path, `The baseline needs an accuracy of “${name}”, above 0 and at most 1.`)
    else if (accuracy !== null && accuracy > 1 && accuracy <= 100) {
      const share = String(Number((accuracy / 100).toPrecision(15)))
      reader.add(path, `“${row.accuracy.trim()}” is above 1: a baseline accuracy is a share.`, {
        label: `Use ${share}`,
        value: share,
      })
    } else reader.add(path, `“${row.accuracy.trim()}” is not an accuracy above 0 and at most 1, e.g. 0.716.`)
  }
  if (!givenElsewhere(form) && accuracies.size === 0 && reader.issues.every((issue) => issue.path[1] !== 'baseline')) {
    reader.add(
      ['score', 'baseline'],
      'A score needs a baseline: choose a stored one, a checkpoint to measure first, or give the accuracy on each benchmark.',
    )
  }
  if (form.storedBaseline === null && form.baselineReport?.trim() === '')
    reader.add(['score', 'baseline', 'report'], 'The baseline needs the path of the base model’s report.')
  if (form.storedBaseline === null && form.baselineMeasure?.trim() === '')
    reader.add(
      ['score', 'baseline', 'measure'],
      'The baseline needs the path of the checkpoint that is measured first.',
    )
  return {
    ...(form.aggregate === 'harmonic-mean' ? {} : { aggregate: form.aggregate }),
    baseline: baselineOfForm(form) ?? Object.fromEntries(accuracies),
    ...(form.baselineScale === '' ? {} : { scale: form.baselineScale }),
    ...(questions.size > 0 ? { questions: Object.fromEntries(questions) } : {}),
  }
}

/** Where the baseline comes from, where that is not the table; null: it is. */
function baselineOfForm({ storedBaseline, baselineReport, baselineMeasure }: SweepForm) {
  if (storedBaseline !== null) return storedBaseline
  if (baselineMeasure !== null) return { measure: baselineMeasure }
  return baselineReport === null ? null : { report: baselineReport }
}

/** Whether the table of benchmarks holds no accuracies of its own. */
function givenElsewhere(form: SweepForm): boolean {
  return baselineOfForm(form) !== null
}

function readObjective(
  { metric, goal, at }: ObjectiveForm,
  path: Issue['path'],
  reader: Reader,
): SweepInput['objective'] {
  if (metric.trim() === '')
    return reader.add([...path, 'metric'], 'Name the metric, as the trainer logs it, e.g. eval/loss.')
  if (goal === '') return reader.add([...path, 'goal'], `Say whether less or more of “${metric.trim()}” is better.`)
  return { metric: metric.trim(), goal, at }
}

/** What a row cannot say has an issue; that two are needed is the schema's to say. */
function readObjectives({ objectives }: SweepForm, reader: Reader): SweepInput['objectives'] {
  if (objectives.length === 0) return undefined
  return objectives.flatMap((one, at) => readObjective(one, ['objectives', at], reader) ?? [])
}

function readFinalists({ finalists }: SweepForm, reader: Reader): SweepInput['finalists'] {
  if (finalists === null) return undefined
  return withoutAbsent({
    top: reader.whole(finalists.top, ['finalists', 'top'], 2, '3'),
    seeds: reader.whole(finalists.seeds, ['finalists', 'seeds'], 2, '3'),
  })
}

function readTrack({ track }: SweepForm, reader: Reader): SweepInput['track'] {
  if (typeof track !== 'object' || track.files.length > 0) return track
  return reader.add(['track', 'files'], 'Name a file, a folder or a pattern that is followed, e.g. logs/metrics.jsonl.')
}

/** `evaluate.report` as the file would give it; undefined where nothing of it is said. */
export function readReportForm(form: ReportForm, reader = new Reader()) {
  return withoutAbsent({
    format: form.format || undefined,
    file: byBenchmark(form.reportFiles, 'file', reader) ?? present(form.reportFile),
    accuracies: present(form.accuracies),
    metric: byBenchmark(form.metrics, 'metric', reader) ?? present(form.metric),
    scale: form.scale || undefined,
  })
}

function byBenchmark(rows: ConfigRow[], of: 'file' | 'metric', reader: Reader): Record<string, string> | undefined {
  const pairs = new Map<string, string>()
  for (const { key, value } of rows) {
    if (key.trim() === '' && value.trim() === '') continue
    const path = ['evaluate', 'report', of]
    if (key.trim() === '') reader.add(path, `“${value}” needs the name of its benchmark.`)
    else if (value.trim() === '') reader.add(path, `“${key}” needs a ${of === 'file' ? 'path' : 'name of a metric'}.`)
    else if (pairs.has(key)) reader.add(path, `“${key}” stands there twice.`)
    else pairs.set(key, value)
  }
  return pairs.size > 0 ? Object.fromEntries(pairs) : undefined
}

/**
 * The sweep that the form describes, as the file would give it, and what some field's text cannot say. A field with an issue
 * is left out of the input; whether the rest makes sense is for the checks of the sweep itself.
 */
export function sweepOfForm(form: SweepForm): { input: SweepInput; issues: Issue[] } {
  const reader = new Reader()
  const builtIn = form.trainer !== 'command'
  const axes = readAxes(form, reader)
  const settings = builtIn ? readSettings(form, reader) : { config: undefined }
  const train = reader.process(form.train, 'train', !builtIn)
  const report = builtIn ? undefined : readReportForm(form.evaluate, reader)
  const process = reader.process(form.evaluate, 'evaluate', !builtIn)
  const evaluate = withoutAbsent({ ...process, race: form.evaluate.race, report })
  const input = {
    name: form.name.trim(),
    search: readSearch(form, reader),
    axes,
    when: readWhen(form, reader),
    trainer: builtIn ? (form.trainer as BuiltInTrainer) : undefined,
    ...settings,
    init: present(form.init),
    train,
    checkpoint: builtIn ? undefined : present(form.checkpoint),
    evaluate,
    score: readScore(form, reader),
    objective: form.objective === null ? undefined : readObjective(form.objective, ['objective'], reader),
    objectives: readObjectives(form, reader),
    constraints: form.constraints.length > 0 ? form.constraints : undefined,
    stop_early: stopEarlyOfForm(form.stopEarly),
    finalists: readFinalists(form, reader),
    track: readTrack(form, reader),
    executor: executorOfForm(form.executor),
    concurrency: reader.whole(form.concurrency, ['concurrency'], 1, '2'),
    max_slots: reader.whole(form.maxSlots, ['max_slots'], 1, '4'),
    budget: reader.hours(form.gpuHours, ['budget', 'gpu_hours']),
  }
  return { input: withoutAbsent(input) as SweepInput, issues: reader.issues }
}

/**
 * Parts of a sweep that its form leaves out, as dotted keys: what stands beside a built-in trainer that has no use for it
 * (`train.command`), or `config` beside a command. Empty for every sweep that can start.
 */
export function partsLeftOut(sweep: Sweep): string[] {
  const parsed = sweepSchema.safeParse(withoutWritten(sweepOfForm(formOfSweep(sweep)).input))
  return parsed.success ? differingKeys(withoutWritten(sweep), parsed.data, '') : []
}

function differingKeys(before: object, after: object | undefined, prefix: string): string[] {
  return Object.entries(before).flatMap(([key, value]) => {
    const other = (after as Record<string, unknown> | undefined)?.[key]
    // of axes alone the order means something
    const words = prefix === '' && key === 'axes' ? JSON.stringify : sortedWords
    if (value === undefined || words(value) === words(other)) return []
    const nested = prefix === '' && (key === 'train' || key === 'evaluate')
    return nested ? differingKeys(value, other as object | undefined, `${key}.`) : [`${prefix}${key}`]
  })
}

/** The value as JSON, whatever the order of its keys. */
function sortedWords(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
