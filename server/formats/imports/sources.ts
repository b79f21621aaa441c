/** Which files are read of what a person named: the file itself, or all in a folder and the folders below that tell of runs. */
import { globSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { SweepboardError } from '../../../domain/errors.ts'
import { type ImportFormat, recogniseFile } from './recognise.ts'
import { trainerFolder } from './saved-models.ts'
import { type FoundStore, findStores, storeInFile, type StoreOptions } from './stores.ts'
import { tellWritersApart } from './tensorboard-writers.ts'

/**
 * Files that tell together: `attempts` of one run where these are known (event files), else each file by itself. `place`: where they
 * were read from, the same when they have grown.
 */
export type Source = { name: string; format: ImportFormat; attempts: string[][]; place: string }

const inFolder = [
  '**/*tfevents*',
  '**/trainer_state.json',
  '**/*metrics*.{csv,jsonl}',
  '**/progress.csv',
  '**/*-samples.jsonl',
  '**/+([0-9]).jsonl',
]
/** A folder with more files than this was not meant. */
const mostFiles = 10_000

/** What paths name: files, and the stores of other trackers. */
export type SourcesFound = { sources: Source[]; stores: FoundStore[] }

/**
 * The sources that paths name. `format`: what their files are, where a person said so.
 * Throws `invalid` where nothing is there, or nothing that could be read, with the reason.
 */
export function findSources(given: string[], format: ImportFormat | undefined, options: StoreOptions): SourcesFound {
  const all: SourcesFound = { sources: [], stores: [] }
  for (const name of given) {
    const stats = statSync(name, { throwIfNoEntry: false })
    if (stats === undefined) throw new SweepboardError('invalid', `There is no file ${name}.`)
    if (!stats.isDirectory()) {
      const store = format === undefined ? storeInFile(name) : null
      if (store === null) all.sources.push(sourceOf(name, path.basename(name), format))
      else all.stores.push(store)
    } else {
      // a person who says what the files are means files
      const { stores, taken } = format === undefined ? findStores(name, options) : noStores
      all.stores.push(...stores)
      all.sources.push(...sourcesBelow(name, format, { taken, isStore: stores.length > 0 }))
    }
  }
  return { ...all, sources: joinSteps(all.sources) }
}

const noStores: ReturnType<typeof findStores> = { stores: [], taken: new Set() }

/** `taken`: folders of stores, in which no files are looked for; `isStore`: there are some. */
function sourcesBelow(
  given: string,
  format: ImportFormat | undefined,
  { taken, isStore }: { taken: ReadonlySet<string>; isStore: boolean },
): Source[] {
  const files = globSync(inFolder, { cwd: given, exclude: (name) => taken.has(path.resolve(given, name)) })
    .map((name) => path.join(given, name))
    .filter((file) => !isWithin(path.resolve(file), taken))
    .toSorted()
  const most = mostFiles.toLocaleString('en')
  if (files.length > mostFiles) {
    const count = files.length.toLocaleString('en')
    throw new SweepboardError('invalid', `The folder ${given} has ${count} files of metrics; expected at most ${most}.`)
  }
  if (files.length === 0 && isStore) return []
  if (files.length === 0)
    throw new SweepboardError(
      'invalid',
      `The folder ${given} and those below have no TensorBoard event file (a name with tfevents), no trainer_state.json, metrics.csv, progress.csv or metrics.jsonl, no rollouts (12.jsonl), and no store of MLflow's (mlruns, mlflow.db), Trackio's or W&B's (run-ID.wandb).`,
    )
  const folders = newestStates(Map.groupBy(files, (file) => path.dirname(file)))
  const top = path.dirname(path.resolve(given))
  return [...folders].flatMap(([folder, own]) => sourcesIn(own, path.relative(top, path.resolve(folder)), format))
}

const isWithin = (file: string, folders: ReadonlySet<string>): boolean =>
  folders.has(file) || (file !== path.dirname(file) && isWithin(path.dirname(file), folders))

function sourcesIn(files: string[], name: string, format: ImportFormat | undefined): Source[] {
  const sources = files.map((file) => sourceOf(file, `${name}/${path.basename(file)}`, format))
  const events = sources.filter((source) => source.format === 'tensorboard').flatMap(({ attempts }) => attempts.flat())
  const writers = events.length === 0 ? [] : tellWritersApart(events)
  const others = sources.filter((source) => source.format !== 'tensorboard')
  return [
    ...writers.map((writer) => ({
      name: writer.name === '' ? name : `${name} ${writer.name}`,
      format: 'tensorboard' as const,
      attempts: writer.attempts,
      // a second writer may come: the first is known by its first file
      place: realpathSync(writer.attempts[0]![0]!),
    })),
    // the one file of a folder is called by the folder's name
    ...others.map((source) => (sources.length === 1 ? { ...source, name } : source)),
  ]
}

/** Rollouts whose files are named after their step (verl's `rollout_data_dir`): those of a folder are of one run. */
function joinSteps(sources: Source[]): Source[] {
  const fileOf = ({ attempts }: Source) => attempts[0]![0]!
  const isStep = (source: Source) => source.format === 'rollouts' && /^\d+$/.test(path.parse(fileOf(source)).name)
  const folders = Map.groupBy(sources.filter(isStep), (source) => path.dirname(path.resolve(fileOf(source))))
  const joined = [...folders].map(([folder, own]): Source => {
    const files = own.flatMap(({ attempts }) => attempts.flat())
    const byStep = files.toSorted((a, b) => Number(path.parse(a).name) - Number(path.parse(b).name))
    return { name: path.basename(folder), format: 'rollouts', attempts: [byStep], place: realpathSync(folder) }
  })
  return [...sources.filter((source) => !isStep(source)), ...joined]
}

function sourceOf(file: string, name: string, format: ImportFormat | undefined): Source {
  const found = format === undefined ? recogniseFile(file) : { format }
  if ('problem' in found) throw new SweepboardError('invalid', `${file} ${found.problem}.`)
  return { name, format: found.format, attempts: [[file]], place: placeOfFile(file, found.format) }
}

/** Each checkpoint of Trainer's has a state of its own, all of the same run. */
function placeOfFile(file: string, format: ImportFormat): string {
  const real = realpathSync(file)
  if (path.basename(real) !== 'trainer_state.json' || format !== 'trainer-state') return real
  return trainerFolder(real)
}

/** Each checkpoint of Trainer's repeats what those before it logged: of a folder of checkpoints, the newest state stands for all. */
function newestStates(folders: Map<string, string[]>): Map<string, string[]> {
  const kept = new Map<string, string[]>()
  const newest = new Map<string, { step: number; file: string }>()
  for (const [folder, files] of folders) {
    const step = Number(/^checkpoint-(\d+)$/.exec(path.basename(folder))?.[1] ?? Infinity)
    const out = step === Infinity ? folder : path.dirname(folder)
    const others: string[] = []
    for (const file of files) {
      if (path.basename(file) !== 'trainer_state.json') others.push(file)
      else if (step >= (newest.get(out)?.step ?? -1)) newest.set(out, { step, file })
    }
    if (others.length > 0) kept.set(folder, others)
  }
  for (const [folder, { file }] of newest) kept.set(folder, [...(kept.get(folder) ?? []), file])
  return kept
}
