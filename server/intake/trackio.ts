/**
 * Trackio's client: POST /api/NAME with arguments, batches every half second, each entry with an id of its own. No call ends a
 * run. A refusal keeps the script from ending for half a minute, so only a wrong token is refused.
 */
import { emptyValues, isObject, isStep, numberOf, Refusal, worded } from './protocol.ts'
import type { IntakeEvent, IntakeRequest, IntakeRun, IntakeOutcome, Protocol, Upload } from './protocol.ts'
import { tableEvents } from '../formats/evaluation-table.ts'

/** Trackio's steps count calls; trainers log the true one under these names. */
const trueSteps = ['train/global_step', 'trainer/global_step', 'global_step']

type TrackioRun = { id: string; name: string; lastStep: number | null; configured: boolean }
type Saved = { runs: TrackioRun[] }

export class Trackio implements Protocol {
  private runs = new Map<string, TrackioRun>()
  private readonly written = new Set<string>()
  private readonly own: IntakeRun
  private count = 0

  constructor(own: IntakeRun) {
    this.own = own
  }

  save(): Saved {
    return { runs: [...this.runs.values()] }
  }

  load(saved: Saved): void {
    this.runs = new Map(saved.runs.map((run) => [run.id, run]))
  }

  restore(event: IntakeEvent): void {
    this.written.add(event.from!.slice('trackio '.length))
  }

  hold(): void {}

  due(): null {
    return null
  }

  end(): IntakeEvent[] {
    return []
  }

  isOpen(): boolean {
    return false
  }

  uploadOf(): Upload | null {
    return null
  }

  handle({ path, body }: IntakeRequest): IntakeOutcome {
    if (path === '/version') return plain({ version: '0.43.0', api_version: 1, api_transport: 'http' })
    const name = /^\/api\/([\w]+)$/.exec(path)?.[1]
    if (name === undefined) throw new Refusal(404, `There is no ${path} here.`)
    const call = parse(body)
    const kwargs = isObject(call.kwargs) ? call.kwargs : {}
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
      default:
        throw new Refusal(404, `${name} is not answered here.`)
    }
  }

  private log(logs: Record<string, unknown>[]): IntakeOutcome {
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
        events.push({ type: 'tags', values: nested(prefix, { project: entry.project, name: run.name }) })
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
      changes.push(() => (run.lastStep = Math.max(run.lastStep ?? 0, call)))
    }
    return {
      ...data(null),
      events,
      commit: () => {
        for (const mark of marks) this.written.add(mark)
        for (const change of changes) change()
      },
    }
  }

  private alert(alerts: Record<string, unknown>[]): IntakeOutcome {
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

function parse(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    if (isObject(value)) return value
  } catch {
    // told below
  }
  throw new Refusal(400, 'The body is no JSON object; expected {"args": [], "kwargs": {…}}.')
}
