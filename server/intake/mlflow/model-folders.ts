/**
 * Folders of a model among what a script sends as files: nobody says when the last of them has come, so a folder that has all of a
 * model is one when nothing more came into it for a while, or when its run has ended.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { entriesIn } from '../../attempt-files/names-in.ts'
import { missingPart, readName, readSavedPlace } from '../../formats/checkpoint-folder.ts'
import type { IntakeEvent } from '../protocol.ts'

const quietMilliseconds = 5000
/** Below the folder that was sent: `artifacts/checkpoint-100` of a model of MLflow's is the deepest that its flavours make. */
const mostDepth = 3

export type WaitingFolder = { folder: string; step: number; at: number }
export type SavedFolders = { waiting: WaitingFolder[]; told: string[] }

export class ModelFolders {
  private readonly files: string
  /** By the folder, below that of the kept files: files of a model that came, and are not told yet. */
  private waiting = new Map<string, WaitingFolder>()
  /** Files that are under way. */
  private readonly coming = new Set<string>()
  private told = new Set<string>()

  /** `files`: the folder of kept files. */
  constructor(files: string) {
    this.files = files
  }

  save(): SavedFolders {
    return { waiting: [...this.waiting.values()], told: [...this.told] }
  }

  load({ waiting, told }: SavedFolders): void {
    this.waiting = new Map(waiting.map((each) => [each.folder, each]))
    this.told = new Set(told)
  }

  /** A file begins to come. */
  begins(name: string): void {
    this.coming.add(name)
  }

  /** A file has come; `step`: where its run is. Gives what is to be said at once: that a model was written over. */
  came(name: string, step: number, now: number): IntakeEvent[] {
    this.coming.delete(name)
    const folder = path.posix.dirname(name)
    const known = this.waiting.get(folder)
    if (known !== undefined) known.at = now
    if (!/^(?:(?:adapter_)?config\.json|.*\.safetensors)$/.test(path.posix.basename(name))) return []
    if (this.told.has(folder)) {
      this.told.delete(folder)
      const text = `${name} was sent again: the model that was logged in ${folder} before is written over.`
      this.waiting.set(folder, { folder, step, at: now })
      return [{ type: 'note', level: 'warning', text }]
    }
    this.waiting.set(folder, { folder, step, at: now })
    return []
  }

  /** Models that are whole, and into which nothing more came; with `Infinity`, because nothing will. */
  due(now: number): { events: IntakeEvent[]; commit: () => void } | null {
    const ready = [...this.waiting.values()].filter(
      ({ folder, at }) => now - at >= quietMilliseconds && (now === Infinity || !this.isComing(folder)),
    )
    if (ready.length === 0) return null
    const said = ready.map(({ folder, step }) => ({ folder, events: this.tell(folder, step, now === Infinity) }))
    const commit = () => {
      for (const { folder, events } of said) {
        this.waiting.delete(folder)
        if (events.some(({ type }) => type === 'checkpoint')) this.told.add(folder)
      }
    }
    return { events: said.flatMap(({ events }) => events), commit }
  }

  /** A folder that its client says is a model: the checkpoint in it, at the step that was stated, else the one that its name or its files say. */
  model(folder: string, stated: number | null, lastStep: number): { events: IntakeEvent[]; commit: () => void } {
    const below = `${folder}/`
    const found = onlyModelIn(path.join(this.files, folder))
    const at = path.posix.join(folder, found)
    const commit = () => {
      for (const known of this.waiting.keys())
        if (known === folder || known.startsWith(below)) {
          this.waiting.delete(known)
          this.told.add(known)
        }
    }
    return { events: [this.checkpoint(at, stated, lastStep)], commit }
  }

  private isComing(folder: string): boolean {
    return [...this.coming].some((name) => name.startsWith(`${folder}/`))
  }

  private tell(folder: string, step: number, isEnd: boolean): IntakeEvent[] {
    const kept = path.join(this.files, folder)
    if (!isModelFolder(kept)) return []
    const missing = missingPart(kept)
    if (missing === null) return [this.checkpoint(folder, null, step)]
    const text = `The model that was logged in ${folder} is no checkpoint: it ${missing}.`
    return isEnd ? [{ type: 'note', level: 'warning', text }] : []
  }

  private checkpoint(folder: string, stated: number | null, lastStep: number): IntakeEvent {
    const kept = path.join(this.files, folder)
    const saved = readSavedPlace(kept)
    const step = stated ?? saved?.step ?? readName(folder).step ?? lastStep
    return { type: 'checkpoint', step, ...(saved?.epoch != null && { epoch: saved.epoch }), path: kept }
  }
}

const mostNames = 2000
const entriesOf = (folder: string) => (existsSync(folder) ? entriesIn(folder, mostNames) : [])

/** Whether a folder has what transformers loads a model from, or PEFT an adapter. */
export function isModelFolder(folder: string): boolean {
  const names = entriesOf(folder).map(({ name }) => name)
  const isSet = names.includes('config.json') || names.includes('adapter_config.json')
  return isSet && names.some((name) => name.endsWith('.safetensors'))
}

/** The only folder of a model in one that was logged, below it: what a trainer loads; the whole where there is none, or several. */
export function onlyModelIn(folder: string): string {
  const found: string[] = []
  const look = (below: string, depth: number): void => {
    const at = path.join(folder, below)
    if (isModelFolder(at)) found.push(below)
    else if (depth < mostDepth)
      for (const entry of entriesOf(at)) if (entry.isDirectory()) look(path.posix.join(below, entry.name), depth + 1)
  }
  look('', 0)
  return found.length === 1 ? found[0]! : ''
}
