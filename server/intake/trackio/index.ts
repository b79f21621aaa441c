/**
 * Trackio's client: POST /api/NAME with arguments, batches every half second, each entry with an id of its own. No call ends a
 * run. A refusal of what it logs keeps the script from ending for half a minute, so only a wrong token is refused; files that lead elsewhere are.
 */
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { checkDepth } from '../../attempt-files/json-depth.ts'
import { emptyValues, isObject, isStep, numberOf, Refusal, worded } from '../protocol.ts'
import type { IntakeEvent, IntakeRequest, IntakeRun, IntakeOutcome, Protocol, Upload } from '../protocol.ts'
import { tableEvents } from '../../formats/evaluation-table.ts'
import { keptPath } from '../kept-files.ts'
import { stepOf } from '../wandb/artifacts.ts'
import { findBlob, findPlace, artifactFolder, keepArtifact, readKept, readSaid, recordOf } from './artifacts.ts'
import { givenPath, mediaName } from './media.ts'
import { keepArtifactPart, waitingFile } from './uploads.ts'

/** Trackio's steps count calls; trainers log the true one under these names. */
const trueSteps = ['train/global_step', 'trainer/global_step', 'global_step']

/** The client logs beside the script and sends artifacts in it: what was logged before a model comes up to so much later. */
const holdMilliseconds = 2000

/** `lastStep` counts calls; `at` is the step that the last values stand at. */
type TrackioRun = { id: string; name: string; lastStep: number | null; at?: number; configured: boolean }
/** A model whose step is that of what was logged before it, and may not have come yet: `after` is the last step of the batch that came next. */
type HeldModel = { run: string; folder: string; since: number; step: number; after?: number; met?: boolean }
type Saved = { runs: TrackioRun[]; models?: HeldModel[] }

export class Trackio implements Protocol {
  private runs = new Map<string, TrackioRun>()
  private readonly written = new Set<string>()
  private readonly own: IntakeRun
  private models: HeldModel[] = []
  private count = 0

  constructor(own: IntakeRun) {
    this.own = own
  }

  save(): Saved {
    return { runs: [...this.runs.values()], ...(this.models.length > 0 && { models: this.models }) }
  }

  load(saved: Saved): void {
    this.runs = new Map(saved.runs.map((run) => [run.id, run]))
    this.models = saved.models ?? []
  }

  restore(event: IntakeEvent): void {
    this.written.add(event.from!.slice('trackio '.length))
  }

  hold(text: string): void {
    const model = JSON.parse(text) as HeldModel
    const isKnown = this.models.some(({ folder }) => folder === model.folder)
    if (!isKnown && !this.written.has(`artifact ${model.folder}`)) this.models.push(model)
  }

  due(now: number): Omit<IntakeOutcome, 'reply'> | null {
    const due = this.models.filter(({ since }) => now - since >= holdMilliseconds)
    if (due.length === 0) return null
    const events = due
      .filter(({ folder }) => !this.written.has(`artifact ${folder}`))
      .flatMap(({ folder, step, after = step }) => {
        const text = `${path.posix.basename(folder)} stands at step ${after}, the last of what came right after it: it was logged at a step from ${step} to ${after}. Trackio's client sends models ahead of values; metadata={"step": …} of the model says its step.`
        const note: IntakeEvent = { type: 'note', level: 'info', text }
        return [this.checkpoint(folder, after), ...(after === step ? [] : [note])]
      })
    return {
      events,
      commit: () => {
        for (const { folder } of due) this.written.add(`artifact ${folder}`)
        this.models = this.models.filter((model) => !due.includes(model))
      },
    }
  }

  end(): IntakeEvent[] {
    const due = this.due(Infinity)
    due?.commit?.()
    return due?.events ?? []
  }

  /** Whether models wait for their steps. */
  get holdsModels(): boolean {
    return this.models.length > 0
  }

  private checkpoint(folder: string, step: number): IntakeEvent {
    return { type: 'checkpoint', step, path: `${this.own.files}/${folder}`, from: `trackio artifact ${folder}` }
  }

  isOpen(): boolean {
    return false
  }

  uploadOf(): Upload | null {
    return null
  }

  handle({ path: urlPath, body }: IntakeRequest): IntakeOutcome {
    if (urlPath === '/version') return plain({ version: '0.43.0', api_version: 1, api_transport: 'http' })
    const blob = blobAsked(urlPath)
    if (blob !== null) {
      const found = findBlob(this.siblings(), blob.digest)
      if (found === null) throw new Refusal(404, `No artifact here has a file with the digest ${blob.digest}.`)
      return { reply: { status: 200, body: null, file: found.file }, events: [] }
    }
    const name = /^\/api\/([\w]+)$/.exec(urlPath)?.[1]
    if (name === undefined) throw new Refusal(404, `There is no ${urlPath} here.`)
    const kwargs = kwargsIn(body)
    const list = (key: string) => (Array.isArray(kwargs[key]) ? kwargs[key].filter(isObject) : [])
    switch (name) {
      case 'bulk_log':
        return this.log(list('logs'))
      case 'bulk_alert':
        return this.alert(list('alerts'))
      case 'bulk_log_system':
        return data(null)
      case 'get_runs_for_project':
        return data([...this.runs.values()].map(({ id, name: shown }) => ({ id, name: shown, created_at: null })))
      case 'get_run_summary': {
        const run =
          this.runs.get(worded(kwargs.run_id)) ?? [...this.runs.values()].find(({ name: own }) => own === kwargs.run)
        return data({ last_step: run?.lastStep ?? null, num_logs: 0, metrics: [] })
      }
      // each file is sent whole: what another run sent is that run's
      case 'check_artifact_blobs':
        return data({ present: [] })
      case 'bulk_upload_artifact_blob':
        for (const upload of list('uploads')) keepArtifactPart(this.own.waiting, givenPath(upload), upload.digest)
        return data(null)
      case 'bulk_upload_media':
        return this.keepMedia(list('uploads'))
      case 'artifact_log':
        return this.logArtifact(kwargs)
      case 'get_artifact_manifest': {
        const spec = typeof kwargs.spec === 'string' ? kwargs.spec : null
        const place = findPlace(this.siblings(), worded(kwargs.name ?? ''), spec)
        return data(place && recordOf(readKept(place), `here-${artifactFolder(place)}`, this.isLast(place)))
      }
      // what it made itself is no start of it
      case 'log_artifact_use':
        return data(null)
      default:
        throw new Refusal(404, `${name} is not answered here.`)
    }
  }

  /** The kept files of all runs that share the names of their artifacts with this one. */
  private siblings(): string[] {
    return this.own.siblings?.() ?? [this.own.files]
  }

  private isLast({ name, version }: { name: string; version: number }): boolean {
    return findPlace(this.siblings(), name, 'latest')?.version === version
  }

  private logArtifact(call: Record<string, unknown>): IntakeOutcome {
    const said = readSaid(call)
    const run = this.runOf({ run: call.run_name, run_id: call.run_id })
    const { kept, place, used } = keepArtifact(said, this.own.files, this.siblings(), this.own.waiting)
    const reply = data(recordOf(kept, `here-${artifactFolder(place)}`, this.isLast(place)))
    const folder = artifactFolder(place)
    const mark = `artifact ${folder}`
    const drop = () => used.forEach((file) => rmSync(file, { force: true }))
    if (this.written.has(mark) || this.models.some((model) => model.folder === folder))
      return { ...reply, commit: drop }
    const events = notesOf(call, `${kept.name}:v${kept.version}`)
    const since = Date.now()
    if (said.type === 'model' && said.manifest.some(({ ref }) => ref === undefined)) {
      const step = stepOf(said.metadata)
      if (step === null) {
        const model: HeldModel = { run: run.id, folder, since, step: run.at ?? 0 }
        return { ...reply, events, held: [JSON.stringify(model)], commit: () => (this.models.push(model), drop()) }
      }
      events.push(this.checkpoint(folder, step))
    } else {
      const { name, type: kind } = said
      events.push({ type: 'artifact', time: since / 1000, role: 'made', name, kind, folder, from: `trackio ${mark}` })
    }
    return { ...reply, events, commit: () => (this.written.add(mark), drop()) }
  }

  private keepMedia(uploads: Record<string, unknown>[]): IntakeOutcome {
    // all of them are looked at before one is moved
    const wanted = uploads.map((upload) => {
      const name = mediaName(upload)
      return { from: waitingFile(this.own.waiting, givenPath(upload)).file, name, to: keptPath(this.own.files, name) }
    })
    const events = wanted.map(({ from, name, to }): IntakeEvent => {
      mkdirSync(path.dirname(to), { recursive: true })
      renameSync(from, to)
      return { type: 'file', name, bytes: statSync(to).size }
    })
    return { ...data(null), events }
  }

  /** Takes entries as its client sends them, and as it keeps them. */
  log(logs: Record<string, unknown>[]): IntakeOutcome {
    const events: IntakeEvent[] = []
    const marks: string[] = []
    const changes: (() => void)[] = []
    const inBatch = new Set<string>()
    for (const entry of logs) {
      const run = this.runOf(entry)
      const prefix = this.prefixOf(run)
      // an entry without an id is told apart by where it stands
      const mark = typeof entry.log_id === 'string' ? entry.log_id : `${run.id} ${worded(entry.step)} ${this.count++}`
      if (this.written.has(mark) || inBatch.has(mark)) continue
      inBatch.add(mark)
      if (isObject(entry.config) && !run.configured) {
        events.push({ type: 'config', values: nested(prefix, withoutOwn(entry.config)) })
        const group = typeof entry.config._Group === 'string' ? { group: entry.config._Group } : {}
        events.push({ type: 'tags', values: nested(prefix, { project: entry.project, name: run.name, ...group }) })
        changes.push(() => (run.configured = true))
      }
      const metrics = isObject(entry.metrics) ? entry.metrics : {}
      const call = isStep(entry.step) ? entry.step : (run.lastStep ?? -1) + 1
      const step = trueSteps.map((name) => metrics[name]).find(isStep) ?? call
      const values = emptyValues()
      for (const [name, value] of Object.entries(metrics)) gather(values, events, prefix, name, value, step)
      const time = typeof entry.timestamp === 'string' ? Date.parse(entry.timestamp) / 1000 : NaN
      if (Object.keys(values).length > 0)
        events.push({ type: 'metrics', step, ...(Number.isFinite(time) && { time }), values, from: `trackio ${mark}` })
      marks.push(mark)
      changes.push(() => {
        run.lastStep = Math.max(run.lastStep ?? 0, call)
        run.at = step
        for (const model of this.models) if (model.run === run.id && !model.met) model.after = step
      })
    }
    return {
      ...data(null),
      events,
      commit: () => {
        for (const mark of marks) this.written.add(mark)
        for (const change of changes) change()
        // a batch holds what was logged before a model and what came after; later ones hold only that
        for (const model of this.models) if (model.after !== undefined) model.met = true
      },
    }
  }

  /** Takes alerts as its client sends them, and as it keeps them. */
  alert(alerts: Record<string, unknown>[]): IntakeOutcome {
    const events: IntakeEvent[] = []
    const marks: string[] = []
    for (const alert of alerts) {
      const mark = `alert ${worded(alert.alert_id ?? JSON.stringify([alert.title, alert.text, alert.step]))}`
      if (this.written.has(mark) || marks.includes(mark)) continue
      marks.push(mark)
      const level = alert.level === 'error' ? 'error' : alert.level === 'warn' ? 'warning' : 'info'
      const text = [alert.title, alert.text].filter((part) => typeof part === 'string' && part !== '').join(': ')
      events.push({ type: 'note', level, text, alert: true, from: `trackio ${mark}` })
    }
    return { ...data(null), events, commit: () => marks.forEach((mark) => this.written.add(mark)) }
  }

  private runOf(entry: Record<string, unknown>): TrackioRun {
    const name = typeof entry.run === 'string' ? entry.run : this.own.id
    const id = typeof entry.run_id === 'string' ? entry.run_id : name
    const known = this.runs.get(id)
    if (known) return known
    const run = { id, name, lastStep: null, configured: false }
    this.runs.set(id, run)
    return run
  }

  private prefixOf(run: TrackioRun): string {
    const [first] = this.runs.values()
    return first === undefined || first.id === run.id ? '' : `${run.name.replaceAll('/', '_')}/`
  }
}

/** What an address asks for: a file of an artifact by what it holds; null where it is another. */
export function blobAsked(urlPath: string): { project: string; digest: string } | null {
  const [, project, digest] = /^\/artifact_blob\/([^/]+)\/([0-9a-f]{64})$/.exec(urlPath) ?? []
  return project === undefined ? null : { project, digest: digest! }
}

/** What is asked with an artifact and does not happen here. */
function notesOf({ aliases, overwrite }: Record<string, unknown>, shown: string): IntakeEvent[] {
  const named = (Array.isArray(aliases) ? aliases : []).filter((alias) => alias !== 'latest')
  const texts = [
    ...(named.length > 0
      ? [`Trackio's aliases are not kept: ${shown} is not found as ${named.map(worded).join(', ')}.`]
      : []),
    ...(overwrite === true ? [`${shown} was to replace its earlier versions; they stay as they are.`] : []),
  ]
  return texts.map((text) => ({ type: 'note', level: 'info', text: text.slice(0, 1000) }))
}

const plain = (body: unknown): IntakeOutcome => ({ reply: { status: 200, body }, events: [] })
const data = (value: unknown): IntakeOutcome => plain({ data: value })

function gather(
  values: Record<string, number>,
  events: IntakeEvent[],
  prefix: string,
  name: string,
  value: unknown,
  step: number,
): void {
  const number = numberOf(value)
  if (number !== null) values[prefix + name] = number
  else if (isObject(value) && value._type === 'trackio.table' && Array.isArray(value._value)) {
    const rows = value._value.filter(isObject)
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
    const cells = rows.map((row) => columns.map((column) => row[column]))
    events.push(...tableEvents(columns, cells, step))
  } else if (isObject(value) && value._type === undefined) {
    for (const [key, inner] of Object.entries(value)) gather(values, events, prefix, `${name}/${key}`, inner, step)
  }
}

function withoutOwn(config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !key.startsWith('_')))
}

function nested(prefix: string, values: Record<string, unknown>): Record<string, unknown> {
  return prefix === '' ? values : { [prefix.slice(0, -1)]: values }
}

/** The arguments of a call. Throws a Refusal. */
export function kwargsIn(body: Buffer): Record<string, unknown> {
  try {
    const text = body.toString('utf8')
    checkDepth(text)
    const call: unknown = JSON.parse(text)
    if (isObject(call)) return isObject(call.kwargs) ? call.kwargs : {}
  } catch {
    // told below
  }
  throw new Refusal(400, 'The body is no JSON object; expected {"args": [], "kwargs": {…}}.')
}
