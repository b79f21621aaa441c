/**
 * W&B's client: GraphQL for the run itself, a stream of lines for its history, PUTs for files. A file stream that is refused
 * loses every metric without a word to anybody, and one that fails keeps the script from ending: so whatever is wrong with a
 * line is told on the run, and the stream is taken.
 */
import { statSync } from 'node:fs'
import { parsePythonJson } from '../../formats/python-json.ts'
import { putNested, type WandbRecord } from '../../formats/wandb-file.ts'
import { isProof, keptName, uploadProof } from '../kept-files.ts'
import type { ClientEvent } from '../../../contract/trainer.ts'
import {
  decoded,
  isObject,
  Refusal,
  type IntakeEvent,
  type IntakeRequest,
  type IntakeRun,
  type IntakeOutcome,
  worded,
} from '../protocol.ts'
import type { Protocol, Upload } from '../protocol.ts'
import { Artifacts } from './artifacts.ts'
import { canonical, readAxes, type DeclaredAxes } from './history.ts'
import { upsertOf } from './offline.ts'
import { Rows, type HeldRow, type RowsFound } from './rows.ts'
import {
  aboutServer,
  bucketOf,
  entity,
  newRun,
  operationOf,
  plainConfig,
  plainSummary,
  resumeBucket,
  type WandbRun,
} from './runs.ts'
import { Tables } from './tables.ts'

type Saved = { runs: WandbRun[]; main: string | null; tables: [string, number | null][]; artifacts: unknown }

export class Wandb implements Protocol {
  private readonly own: IntakeRun
  private runs = new Map<string, WandbRun>()
  private readonly axes = new Map<string, DeclaredAxes>()
  private readonly rows = new Rows()
  private readonly artifacts: Artifacts
  /** The first run of the attempt: its names stand as they are, those of others after theirs. */
  private main: string | null = null
  private readonly tables: Tables
  private lastStep = 0

  constructor(own: IntakeRun) {
    this.own = own
    this.artifacts = new Artifacts(own)
    this.tables = new Tables(own)
  }

  save(): Saved {
    return {
      runs: [...this.runs.values()],
      main: this.main,
      tables: this.tables.save(),
      artifacts: this.artifacts.save(),
    }
  }

  load(saved: Saved): void {
    this.runs = new Map(saved.runs.map((run) => [run.name, run]))
    for (const run of saved.runs) this.axes.set(run.name, readAxes(run.config))
    this.main = saved.main
    this.tables.load(saved.tables)
    this.artifacts.load(saved.artifacts)
  }

  restore(event: IntakeEvent): void {
    this.rows.restore(event.from!.slice('wandb '.length))
    if (event.type === 'metrics') this.lastStep = Math.max(this.lastStep, event.step)
  }

  hold(held: string): void {
    this.rows.hold(JSON.parse(held) as HeldRow)
  }

  isOpen(): boolean {
    return [...this.runs.values()].some((run) => run.open)
  }

  handle(request: IntakeRequest): IntakeOutcome {
    const stream = /^\/files\/[^/]+\/[^/]+\/([^/]+)\/file_stream$/.exec(request.path)
    if (stream) return this.stream(decoded(stream[1]!), request.body)
    if (request.path === '/graphql') return this.graphql(request.body)
    // the client's telemetry about itself is answered, and goes nowhere
    if (request.path.startsWith('/sdk/otel/')) return { reply: { status: 200, body: {} }, events: [] }
    throw new Refusal(404, `There is no ${request.path} here.`)
  }

  uploadOf(method: string, urlPath: string): Upload | null {
    const match = /^\/upload\/([0-9a-f]{32})\/(.+)$/.exec(urlPath)
    if (method !== 'PUT' || !match) return null
    const name = keptName(decoded(match[2]!))
    if (!isProof(this.own.key, name, match[1]!))
      throw new Refusal(403, `The address of ${name} was not given out here.`)
    return { name, done: (file) => this.uploaded(name, file) }
  }

  due(now: number): Omit<IntakeOutcome, 'reply'> | null {
    const found = [...this.rows.waitingRuns()].map((run) => this.release(run, now - Rows.longestHold))
    const events = found.flatMap((each) => each.events)
    return events.length === 0 && found.length === 0
      ? null
      : { events, commit: () => found.forEach((each) => each.commit()) }
  }

  end(): IntakeEvent[] {
    const rows = this.due(Infinity)
    rows?.commit?.()
    return [...(rows?.events ?? []), ...this.tables.end(), ...this.summaries()]
  }

  /** Whether rows wait to be written. */
  get holdsRows(): boolean {
    return this.rows.waitingRuns().size > 0
  }

  /** The summaries that are new since they were said last. */
  summaries(): IntakeEvent[] {
    return [...this.runs.values()].flatMap((run): IntakeEvent[] => {
      const values = plainSummary(run.summary)
      const told = canonical(values)
      if (Object.keys(values).length === 0 || this.toldSummaries.get(run.name) === told) return []
      this.toldSummaries.set(run.name, told)
      return [{ type: 'summary', values: nested(this.prefixOf(run.name), values) }]
    })
  }

  private readonly toldSummaries = new Map<string, string>()

  /** Of a run of its own: that it goes on, or how it ended. */
  private told(status: ClientEvent['status'], exitCode?: unknown): IntakeEvent[] {
    if (!this.own.ofItsOwn) return []
    const code = typeof exitCode === 'number' ? { exit_code: exitCode } : {}
    return [{ type: 'client', time: Date.now() / 1000, status, ...code }]
  }

  /** Records of an offline file: what its client would have sent. */
  offline(records: WandbRecord[]): IntakeOutcome {
    const outcomes: IntakeOutcome[] = []
    let rows: Record<string, unknown>[] = []
    const flush = () => {
      const run = this.offlineRun
      if (rows.length > 0 && run !== null) outcomes.push(this.takeRows(run, rows))
      rows = []
    }
    for (const record of records) {
      if (record.kind === 'row') {
        rows.push(record.row)
        continue
      }
      flush()
      const outcome = this.offlineRecord(record)
      if (outcome !== null) outcomes.push(outcome)
    }
    flush()
    return {
      reply: { status: 200, body: null },
      events: outcomes.flatMap(({ events }) => events),
      held: outcomes.flatMap(({ held }) => held ?? []),
      commit: () => outcomes.forEach(({ commit }) => commit?.()),
    }
  }

  private offlineRun: string | null = null

  private offlineRecord(record: Exclude<WandbRecord, { kind: 'row' }>): IntakeOutcome | null {
    if (record.kind === 'run') this.offlineRun = record.id || this.own.id
    const run = this.offlineRun === null ? undefined : this.runs.get(this.offlineRun)
    const variables = upsertOf(record, run)
    if (variables !== null) return this.upsert(variables)
    if (run === undefined) return null
    if (record.kind === 'summary') {
      for (const [keys, value] of record.summary) putNested(run.summary, keys, value)
    } else if (record.kind === 'exit') run.open = false
    else if (record.kind === 'alert' && !this.rows.isWritten(`alert ${canonical(record)}`)) {
      const from = `alert ${canonical(record)}`
      const events: IntakeEvent[] = [{ ...alertNote(record.level, record.title, record.text), from: `wandb ${from}` }]
      return { reply: { status: 200, body: null }, events, commit: () => this.rows.restore(from) }
    }
    return null
  }

  private takeRows(name: string, lines: Record<string, unknown>[]): IntakeOutcome {
    const rows = this.withTables(this.rows.take(name, lines, this.axesOf(name), this.prefixOf(name), Date.now()), name)
    const run = this.runs.get(name)!
    return {
      reply: { status: 200, body: {} },
      events: rows.events,
      held: rows.held.map((row) => JSON.stringify(row, nonFiniteAsText)),
      commit: () => {
        rows.commit()
        run.lines += rows.held.length + rows.events.filter((event) => event.from !== undefined).length
        if (lines.length > 0) run.lastRow = JSON.stringify(lines.at(-1), nonFiniteAsText)
      },
    }
  }

  private graphql(body: Buffer): IntakeOutcome {
    const call = parseObject(body.toString('utf8'))
    if (call === null || typeof call.query !== 'string')
      throw new Refusal(400, 'The body is no GraphQL call; expected JSON with "query" and "variables".')
    const operation = operationOf(call.query)
    const ofServer = aboutServer(operation, call.query)
    if (ofServer !== null) return { reply: { status: 200, body: { data: ofServer } }, events: [] }
    return this.answer(operation, isObject(call.variables) ? call.variables : {})
  }

  private answer(operation: string, variables: Record<string, unknown>): IntakeOutcome {
    const data = (value: unknown, events: IntakeEvent[] = []) => ({
      reply: { status: 200, body: { data: value } },
      events,
    })
    const text = (name: string) => (typeof variables[name] === 'string' ? variables[name] : '')
    switch (operation) {
      case 'RunResumeStatus': {
        const run = this.runs.get(text('name'))
        const project = { id: text('project'), name: text('project'), entity: { id: entity, name: entity } }
        return data({ model: { ...project, bucket: run ? resumeBucket(run) : null } })
      }
      case 'UpsertBucket':
        return this.upsert(variables)
      case 'CreateRunFiles': {
        const names = Array.isArray(variables.files) ? variables.files.map(worded) : []
        const prefix = this.prefixOf(text('run'))
        const files = names.map((name) => ({ name, uploadUrl: this.addressOf(`${prefix}${name}`) }))
        return data({ createRunFiles: { runID: text('run'), uploadHeaders: [], files } })
      }
      case 'NotifyScriptableRunAlert': {
        const note = alertNote(text('severity'), text('title'), text('text'))
        return data({ notifyScriptableRunAlert: { success: true } }, [note])
      }
    }
    const known = this.artifacts.answer(operation, variables, (name) => this.addressOf(name), this.lastStep)
    if (known !== null) return data(known.data, known.events)
    // Clients take this for a server that is older than they are, and go on without.
    return { reply: { status: 200, body: { errors: [{ message: `${operation} is not answered here.` }] } }, events: [] }
  }

  private upsert(variables: Record<string, unknown>): IntakeOutcome {
    const text = (name: string) =>
      typeof variables[name] === 'string' && variables[name] !== '' ? variables[name] : null
    const name = text('name') ?? this.own.id
    const known = this.runs.get(name)
    const run = known ?? newRun(name)
    const before = known === undefined ? '' : describe(run)
    run.project = text('project') ?? run.project
    run.displayName = text('displayName') ?? run.displayName
    run.config = parseObject(text('config') ?? '') ?? run.config
    const about = { group: text('groupName'), job_type: text('jobType'), tags: variables.tags, notes: text('notes') }
    for (const [key, value] of Object.entries(about)) if (value !== null && value !== undefined) run.about[key] = value
    const began = !run.open
    run.open = true
    this.runs.set(name, run)
    this.main ??= name
    this.axes.set(name, readAxes(run.config))
    const prefix = this.prefixOf(name)
    const events: IntakeEvent[] = []
    if (describe(run) !== before) {
      const tags = { project: run.project, name: run.displayName, ...run.about }
      events.push({ type: 'config', values: nested(prefix, plainConfig(run.config)) })
      events.push({ type: 'tags', values: nested(prefix, tags) })
    }
    if (began) events.push(...this.told('running'))
    const rows = this.release(name, Infinity)
    const body = { data: { upsertBucket: { bucket: bucketOf(run), inserted: known === undefined } } }
    return { reply: { status: 200, body }, events: [...events, ...rows.events], commit: rows.commit }
  }

  private stream(name: string, body: Buffer): IntakeOutcome {
    const run = this.runs.get(name) ?? { ...newRun(name), open: true }
    this.runs.set(name, run)
    this.main ??= name
    const events: IntakeEvent[] = []
    const call = parseObject(body.toString('utf8'))
    if (call === null) events.push(complaint(`W&B's client sent ${body.length} bytes that are no JSON object.`))
    const files = isObject(call?.files) ? call.files : {}
    const lines: Record<string, unknown>[] = []
    for (const text of linesOf(files['wandb-history.jsonl'])) {
      const line = parseObject(text)
      if (line !== null) lines.push(line)
      else events.push(complaint(`W&B's client sent a line of history that is no JSON object: ${text.slice(0, 200)}`))
    }
    const rows = this.takeRows(name, lines)
    const summary = parseObject(linesOf(files['wandb-summary.json']).at(-1) ?? '')
    if (summary !== null) run.summary = summary
    const complete = call?.complete === true
    const ended = complete && run.open ? this.told(call.exitcode === 0 ? 'done' : 'failed', call.exitcode) : []
    if (ended.length > 0) ended.push(...this.summaries())
    return {
      reply: { status: 200, body: this.own.isStopping() ? { stopped: true } : {} },
      events: [...events, ...rows.events, ...ended],
      held: rows.held ?? [],
      commit: () => {
        rows.commit?.()
        run.open = !complete
      },
    }
  }

  private release(name: string, before: number): RowsFound {
    return this.withTables(this.rows.release(name, this.axesOf(name), this.prefixOf(name), before), name)
  }

  /** Joins rows that name a table with the table, where its file has come already. */
  private withTables(rows: RowsFound, run: string): RowsFound {
    for (const event of rows.events) if (event.type === 'metrics') this.lastStep = Math.max(this.lastStep, event.step)
    const files = rows.media.filter(({ kind }) => kind === 'table-file')
    const found = this.tables.named(files.map(({ path, step }) => [`${this.prefixOf(run)}${path}`, step]))
    const commit = () => {
      rows.commit()
      found.commit()
    }
    return { ...rows, events: [...rows.events, ...found.events], commit }
  }

  /** A file is whole: kept, and where it is a table whose row has come, read. */
  private uploaded(name: string, file: string): IntakeOutcome {
    const reply = { status: 200, body: {} }
    const stored: IntakeEvent = { type: 'file', name, bytes: statSync(file).size, from: `wandb file ${name}` }
    if (this.artifacts.uploaded(name)) return { reply, events: [stored] }
    const { events, commit } = this.tables.uploaded(name)
    return { reply, events: [stored, ...events], commit }
  }

  private axesOf(name: string): DeclaredAxes {
    return this.axes.get(name) ?? { exact: new Map(), patterns: [] }
  }

  private prefixOf(name: string): string {
    return name === this.main || this.main === null ? '' : `${name.replaceAll('/', '_')}/`
  }

  private addressOf(name: string): string {
    const kept = keptName(name)
    const parts = kept.split('/').map(encodeURIComponent).join('/')
    return `${this.own.uploads()}/${uploadProof(this.own.key, kept)}/${parts}`
  }
}

const describe = (run: WandbRun) => canonical([plainConfig(run.config), run.about, run.project, run.displayName])

const complaint = (text: string): IntakeEvent => ({ type: 'note', level: 'warning', text })

/** What `run.alert()` told. */
function alertNote(severity: string, ...texts: string[]): IntakeEvent & { type: 'note' } {
  const level = severity === 'ERROR' ? 'error' : severity === 'WARN' ? 'warning' : 'info'
  return { type: 'note', level, text: texts.filter((part) => part !== '').join(': '), alert: true }
}

/** Under a run's name where it is not the attempt's own. */
function nested(prefix: string, values: Record<string, unknown>): Record<string, unknown> {
  return prefix === '' ? values : { [prefix.slice(0, -1)]: values }
}

function linesOf(file: unknown): string[] {
  const content = isObject(file) ? file.content : undefined
  return Array.isArray(content) ? content.filter((line): line is string => typeof line === 'string') : []
}

function parseObject(text: string): Record<string, unknown> | null {
  if (text === '') return null
  try {
    const value = parsePythonJson(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

const nonFiniteAsText = (_key: string, value: unknown) =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
