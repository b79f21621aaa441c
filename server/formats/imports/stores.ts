/** Where other trackers keep their runs on a disk: found below a folder, each by what it holds. */
import { existsSync, realpathSync, type Dirent } from 'node:fs'
import path from 'node:path'
import { SweepboardError } from '../../../domain/errors.ts'
import { UnreadableFile } from '../../attempt-files/open-file.ts'
import { entriesIn } from '../../attempt-files/names-in.ts'
import { isMlflowExperiment, readMlflowMeta } from './mlflow-meta.ts'
import { beginsAsWandbFile } from '../wandb-file.ts'
import { describeDatabase, headOf, isDatabaseFile, OtherDatabase } from './tracker-database.ts'

export type StoreFormat = 'mlflow' | 'mlflow-database' | 'trackio-database' | 'wandb'

/** Runs that stand together in a store, told as a source of files is; `place`: the store, the same when it has grown. */
export type FoundStore = { name: string; format: StoreFormat; attempts: [[string, ...string[]]]; place: string }

export type StoreOptions = {
  /** Gets what could not be read, a sentence each, with the file and where. */
  tell: (problem: string) => void
  /** Gets what was left out on purpose, a sentence each. */
  note: (text: string) => void
}

export type StoresFound = {
  stores: FoundStore[]
  /** Folders that are a store's own, absolute: what lies in them is of its runs. */
  taken: Set<string>
}

/** More folders than these, or entries in one, were not meant. */
const mostFolders = 200_000
const mostEntries = 100_000

/** The stores in a folder and below it. Links to folders are not followed. Throws `invalid` where there is too much to look through. */
export function findStores(given: string, options: StoreOptions): StoresFound {
  const found: StoresFound = { stores: [], taken: new Set() }
  const waiting = [path.resolve(given)]
  for (let looked = 0; waiting.length > 0; looked++) {
    if (looked > mostFolders)
      throw new SweepboardError(
        'invalid',
        `The folder ${given} has more than ${mostFolders.toLocaleString('en')} folders below it; expected fewer.`,
      )
    const folder = waiting.pop()!
    if (found.taken.has(folder)) continue
    const entries = entriesOrTold(folder, options)
    if (entries.some((entry) => entry.name === 'meta.yaml') && takeMlflowFolder(folder, found)) continue
    for (const entry of entries) {
      const at = path.join(folder, entry.name)
      if (entry.isFile() && entry.name.endsWith('.wandb')) takeWandbFile(at, found, options)
      if (entry.isFile() && /\.(db|sqlite3?)$/.test(entry.name)) takeDatabase(at, found, options)
      if (entry.isSymbolicLink() && existsSync(path.join(at, 'meta.yaml')))
        options.tell(`${at} is a link, and is not followed; give the folder that it leads to.`)
      if (!entry.isDirectory()) continue
      // what MLflow's user deleted
      if (entry.name === '.trash') found.taken.add(at)
      else waiting.push(at)
    }
  }
  for (const store of found.stores) {
    store.attempts[0].sort()
    store.name = shownName(given, store)
  }
  found.stores.sort((a, b) => (a.attempts[0][0] < b.attempts[0][0] ? -1 : 1))
  return found
}

/** Where a store lies, as seen from beside the folder that was given. */
function shownName(given: string, { format, attempts, place }: FoundStore): string {
  const at = format === 'wandb' ? place : attempts[0][0]
  const name = path.relative(path.dirname(realpathSync(given)), at)
  if (name !== '' && !name.startsWith('..')) return name
  return format === 'mlflow' ? path.relative(path.dirname(place), at) : path.basename(at)
}

function entriesOrTold(folder: string, { tell }: StoreOptions): Dirent[] {
  try {
    return entriesIn(folder, mostEntries)
  } catch (error) {
    tell(`${folder} cannot be looked into: ${(error as Error).message}.`)
    return []
  }
}

/** Whether the folder is an experiment of MLflow's, or one of its runs; then it is kept. */
function takeMlflowFolder(folder: string, found: StoresFound): boolean {
  let meta: Record<string, unknown> | null
  try {
    meta = readMlflowMeta(path.join(folder, 'meta.yaml'), 'anywhere')
  } catch (error) {
    if (!(error instanceof UnreadableFile || error instanceof SyntaxError)) throw error
    // somebody else's, or one that is told of where the experiment is read
    return false
  }
  const isExperiment = meta !== null && isMlflowExperiment(meta)
  const isRun = meta?.artifact_uri !== undefined && (meta.run_id ?? meta.run_uuid) !== undefined
  if (!isExperiment && !isRun) return false
  found.taken.add(folder)
  const experiment = isExperiment ? folder : path.dirname(folder)
  found.stores.push({
    name: '',
    format: 'mlflow',
    attempts: [[realpathSync(folder)]],
    place: realpathSync(path.dirname(experiment)),
  })
  return true
}

/** The store that a file is; null where it is none. Throws `invalid` where it is a database of something else. */
export function storeInFile(file: string): FoundStore | null {
  if (beginsAsWandbFile(headOf(file))) return wandbStore(file)
  if (!isDatabaseFile(file)) return null
  return databaseStore(file, describeDatabase(file).kind)
}

const databaseStore = (file: string, format: FoundStore['format']): FoundStore => ({
  name: path.basename(file),
  format,
  attempts: [[file]],
  place: realpathSync(file),
})

/** Keeps a database that was found, and what belongs to it; one of something else, or that cannot be read, is told. */
function takeDatabase(file: string, found: StoresFound, { tell, note }: StoreOptions): void {
  try {
    if (!isDatabaseFile(file)) return
    const { kind, folders } = describeDatabase(file)
    for (const folder of folders) found.taken.add(folder)
    found.stores.push(databaseStore(file, kind))
  } catch (error) {
    if (!(error instanceof SweepboardError)) throw error
    const say = error instanceof OtherDatabase ? note : tell
    say(`${error.message} It was passed over.`)
  }
}

/** The runs of a file of W&B's, known by the folder in which each has one of its own. */
function wandbStore(file: string): FoundStore {
  const own = path.dirname(path.resolve(file))
  const all = isWandbFolder(own) ? path.dirname(own) : own
  return { name: path.basename(file), format: 'wandb', attempts: [[realpathSync(file)]], place: realpathSync(all) }
}

const isWandbFolder = (folder: string) => /^(?:offline-)?run-/.test(path.basename(folder))

/** Keeps a file of W&B's that was found beside the others of its folder: a run that was resumed has several. */
function takeWandbFile(file: string, found: StoresFound, { tell }: StoreOptions): void {
  try {
    if (!beginsAsWandbFile(headOf(file))) return
  } catch (error) {
    if (!(error instanceof SweepboardError)) throw error
    return tell(`${error.message} It was passed over.`)
  }
  const store = wandbStore(file)
  if (isWandbFolder(path.dirname(file))) found.taken.add(path.dirname(file))
  const known = found.stores.find(({ format, place }) => format === 'wandb' && place === store.place)
  if (known) known.attempts[0].push(...store.attempts[0])
  else found.stores.push(store)
}
