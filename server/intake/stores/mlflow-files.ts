/** MLflow's file store (`mlruns`): an experiment is a folder, a run one below it, a metric a file of lines `time value step`. */
import { closeSync, existsSync, type Dirent } from 'node:fs'
import path from 'node:path'
import { entriesIn } from '../../attempt-files/names-in.ts'
import { openFile, readWholeFile, UnreadableFile } from '../../attempt-files/open-file.ts'
import type { FoundStore, StoreOptions } from '../../formats/imports/stores.ts'
import { localFolder, metaText, metaWhole, readMlflowMeta } from '../../formats/imports/mlflow-meta.ts'
import type { Telling } from '../../formats/imports/telling.ts'
import { lineBlocks } from '../../formats/line-blocks.ts'
import { isStep, quoted } from '../../formats/plain-values.ts'
import { firstProblems } from '../../formats/read-metric-file.ts'
import type { Body } from '../mlflow/bodies.ts'
import type { StoredModel, UsedModel } from './mlflow-models.ts'
import { MlflowPoints } from './mlflow-points.ts'
import { deletedRuns, inputsBody, textsIn, tellMlflowRun, type StoredMlflowRun } from './mlflow-run.ts'

/** A setting or a tag has at most 8,000 characters. */
const mostBytes = 1 << 20
const mostEntries = 100_000
const statuses = ['', 'RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']

/** The store, and the folder of one experiment in it. */
type Experiment = { root: string; folder: string; name: string; models: Map<string, StoredModel[]> }

/** What the runs of an experiment tell, or one run alone, where its folder was given. */
export function* readMlflowFiles(store: FoundStore, options: StoreOptions): Generator<Telling> {
  const { place } = store
  const [[folder]] = store.attempts
  const own = metaOf(place, folder, options)
  const isRun = own !== null && metaText(own, 'artifact_uri') !== null
  const experimentFolder = isRun ? path.dirname(folder) : folder
  const meta = isRun ? metaOf(place, experimentFolder, options) : own
  const name = (meta && metaText(meta, 'name')) ?? path.basename(experimentFolder)
  if (meta !== null && metaText(meta, 'lifecycle_stage') === 'deleted')
    return options.note(`The experiment ${name} was deleted in MLflow, and passed over.`)
  const experiment = { root: place, folder: experimentFolder, name, models: new Map<string, StoredModel[]>() }
  takeModels(experiment, options)
  let deleted = 0
  for (const run of isRun ? [{ folder, meta: own }] : runsOf(experiment, options)) {
    if (metaText(run.meta, 'lifecycle_stage') === 'deleted') deleted += 1
    else yield* tellMlflowRun(readRun(experiment, run, options))
  }
  if (deleted > 0) options.note(deletedRuns(deleted, name))
}

type RunFolder = { folder: string; meta: Body }

/** The runs of an experiment, the oldest first. */
function runsOf({ root, folder }: Experiment, options: StoreOptions): RunFolder[] {
  return foldersIn(folder, options)
    .filter((name) => !['models', 'datasets', 'tags', 'traces'].includes(name))
    .flatMap((name): RunFolder[] => {
      const meta = metaOf(root, path.join(folder, name), options)
      const isRun = meta !== null && (metaText(meta, 'run_id') ?? metaText(meta, 'run_uuid')) !== null
      if (meta !== null && !isRun)
        options.tell(`${path.join(folder, name, 'meta.yaml')} has no run_id; it was passed over.`)
      return isRun ? [{ folder: path.join(folder, name), meta }] : []
    })
    .toSorted((a, b) => (metaWhole(a.meta, 'start_time') ?? 0) - (metaWhole(b.meta, 'start_time') ?? 0))
}

function readRun(experiment: Experiment, { folder, meta }: RunFolder, options: StoreOptions): StoredMlflowRun {
  const { root } = experiment
  const id = (metaText(meta, 'run_id') ?? metaText(meta, 'run_uuid'))!
  const tags = readTexts(root, path.join(folder, 'tags'), options)
  const status = metaText(meta, 'status') ?? ''
  const own = path.join(folder, 'artifacts')
  const outputs = new Map(
    linksOf(root, path.join(folder, 'outputs'), options).map((each) => [metaText(each, 'destination_id'), each]),
  )
  const models = (experiment.models.get(id) ?? []).map((model) => {
    const output = outputs.get(model.id)
    return { ...model, step: output === undefined ? null : metaWhole(output, 'step') }
  })
  return {
    id,
    name: metaText(meta, 'run_name') ?? tags.get('mlflow.runName') ?? id,
    experiment: experiment.name,
    status: statuses[Number(status)] ?? status,
    start: metaWhole(meta, 'start_time'),
    end: metaWhole(meta, 'end_time'),
    params: readTexts(root, path.join(folder, 'params'), options),
    tags,
    points: readPoints(root, path.join(folder, 'metrics'), options),
    ...readInputs(experiment, folder, options),
    models,
    // a store that was moved has its files beside it all the same
    artifacts: foldersIn(folder, options).includes('artifacts')
      ? own
      : localFolder(metaText(meta, 'artifact_uri'), path.dirname(root)),
  }
}

function readPoints(root: string, folder: string, options: StoreOptions): MlflowPoints {
  const points = new MlflowPoints()
  for (const { name, file } of filesBelow(folder, options)) {
    const report = firstProblems(file, options.tell)
    const opened = openOr(file, root, report)
    if (opened === null) continue
    try {
      let line = 0
      for (const lines of lineBlocks(opened.descriptor))
        for (const text of lines) {
          line += 1
          if (text.trim() === '') continue
          const point = pointOf(text.trim())
          if (typeof point === 'string') report(`line ${line} ${point}`)
          else points.add(name, point)
        }
    } finally {
      closeSync(opened.descriptor)
    }
  }
  return points
}

/** A line of a metric's file; what is wrong with it, the end of a sentence, where it is none. A data set's name may follow. */
function pointOf(text: string): { time: number; step: number; value: number } | string {
  const parts = text.split(' ')
  const [time, value, step = '0'] = parts
  if (parts.length < 2 || parts.length > 5) return `is ${quoted(text)}; expected a time, a value and a step`
  if (!/^-?\d{1,16}$/.test(time!)) return `has the time ${quoted(time)}; expected milliseconds since 1970`
  const number = valueOf(value!)
  if (number === null) return `has the value ${quoted(value)}; expected a number`
  if (!/^\d{1,16}$/.test(step) || !isStep(Number(step)))
    return `has the step ${quoted(step)}; expected a whole number of 0 or more`
  return { time: Number(time), step: Number(step), value: number }
}

/** A number as Python writes it; null where it is none. */
function valueOf(text: string): number | null {
  const word = /^([+-]?)(nan|inf|infinity)$/i.exec(text)
  if (word !== null) return word[2]!.toLowerCase() === 'nan' ? NaN : word[1] === '-' ? -Infinity : Infinity
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : null
}

function readTexts(root: string, folder: string, options: StoreOptions): Map<string, string> {
  const texts = new Map<string, string>()
  for (const { name, file } of filesBelow(folder, options)) {
    const text = orTold(file, options, () => readWholeFile(file, [root], mostBytes))
    if (text !== null) texts.set(name, text)
  }
  return texts
}

/** What a run says that it used. */
function readInputs(
  { root, folder: experiment }: Experiment,
  folder: string,
  options: StoreOptions,
): Pick<StoredMlflowRun, 'inputs' | 'used'> {
  const links = linksOf(root, path.join(folder, 'inputs'), options)
  const ofType = (type: string) => links.filter((link) => metaText(link, 'source_type') === type)
  const datasets = ofType('DATASET').flatMap((link) => {
    const id = metaText(link, 'source_id') ?? ''
    const meta = /^\w+$/.test(id) ? metaOf(root, path.join(experiment, 'datasets', id), options) : null
    if (meta === null) return []
    return [{ name: metaText(meta, 'name') ?? '', digest: metaText(meta, 'digest') ?? '', tags: textsIn(link.tags) }]
  })
  const models = ofType('MODEL').flatMap((link) => metaText(link, 'source_id') ?? [])
  return { inputs: inputsBody(datasets, models), used: models.flatMap((id) => modelNamed(root, id, options) ?? []) }
}

/** The files below `inputs` and `outputs`, each of one thing that a run used or made. */
function linksOf(root: string, folder: string, options: StoreOptions): Body[] {
  return foldersIn(folder, options).flatMap((name): Body[] => {
    const meta = metaOf(root, path.join(folder, name), options)
    return meta === null ? [] : [meta]
  })
}

/** MLflow 3's logged models, by the run that logged each. */
function takeModels({ root, folder, models }: Experiment, options: StoreOptions): void {
  for (const id of foldersIn(path.join(folder, 'models'), options)) {
    const found = modelIn(root, path.join(folder, 'models', id), options)
    if (found !== null) models.set(found.run, [...(models.get(found.run) ?? []), found.model])
  }
}

function modelIn(root: string, folder: string, options: StoreOptions): UsedModel | null {
  const meta = metaOf(root, folder, options)
  const run = meta && metaText(meta, 'source_run_id')
  if (meta === null || run === null) return null
  const id = path.basename(folder)
  const created = metaWhole(meta, 'creation_timestamp')
  const name = metaText(meta, 'name') ?? id
  return { run, model: { id, name, folder: path.join(folder, 'artifacts'), step: null, created } }
}

/** The model of this id, in whichever experiment it was logged. */
function modelNamed(root: string, id: string, options: StoreOptions): UsedModel | null {
  if (!/^[\w-]+$/.test(id)) return null
  const folders = foldersIn(root, options).map((experiment) => path.join(root, experiment, 'models', id))
  const found = folders.find((folder) => existsSync(folder))
  return found === undefined ? null : modelIn(root, found, options)
}

function metaOf(root: string, folder: string, options: StoreOptions): Body | null {
  const file = path.join(folder, 'meta.yaml')
  return orTold(file, options, () => readMlflowMeta(file, [root]))
}

/** Null, and told, where a file cannot be read. */
function orTold<Value>(file: string, { tell }: StoreOptions, read: () => Value): Value | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof UnreadableFile) tell(`${error.message}.`)
    else if (error instanceof SyntaxError) tell(`${file} ${error.message}; it was passed over.`)
    else throw error
    return null
  }
}

function openOr(file: string, root: string, report: (text: string) => void) {
  try {
    return openFile(file, [root])
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error
    report(error.message.replace(`${file} `, 'it '))
    return null
  }
}

/** The files of a folder and below it, named by the way to each: a name with slashes is in folders. Links lead to files of the store alone. */
function* filesBelow(folder: string, options: StoreOptions, below = ''): Generator<{ name: string; file: string }> {
  for (const entry of entriesOf(folder, options)) {
    const name = path.posix.join(below, entry.name)
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(file, options, name)
    else yield { name, file }
  }
}

/** The names of the folders in a folder; one that a link leads to is told, and is none. */
function foldersIn(folder: string, options: StoreOptions): string[] {
  return entriesOf(folder, options).flatMap((entry) => {
    if (entry.isDirectory()) return [entry.name]
    if (entry.isSymbolicLink())
      options.tell(`${path.join(folder, entry.name)} is a link, and is not followed; give the folder that it leads to.`)
    return []
  })
}

function entriesOf(folder: string, { tell }: StoreOptions): Dirent[] {
  let entries: Dirent[]
  try {
    entries = entriesIn(folder, mostEntries)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'ENOTDIR') tell(`${folder} cannot be looked into: ${message}.`)
    return []
  }
  if (entries.length > mostEntries)
    tell(`${folder} has more than ${mostEntries.toLocaleString('en')} files; the rest was passed over.`)
  return entries.slice(0, mostEntries).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
