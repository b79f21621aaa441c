/** What MLflow's client sends and is answered: JSON with names of its own, read with its server's limits and words. */
import type { ClientEvent } from '../../../contract/trainer.ts'
import { ownValue } from '../../../domain/own-value.ts'
import type { Point, Run, SearchedRun } from './store.ts'
import { isObject, numberOf, Refusal, type IntakeEvent, type IntakeOutcome, worded } from '../protocol.ts'

export type Body = Record<string, unknown>

export const limits = {
  metrics: 1000,
  params: 100,
  tags: 100,
  key: 250,
  paramValue: 6000,
  tagValue: 8000,
  results: 50_000,
}

/** What the client is told of a run. */
export function runBody(run: SearchedRun) {
  const pairs = (map: Map<string, string>) => [...map].map(([key, value]) => ({ key, value }))
  const metrics = [...run.metrics].flatMap(([key, { last }]) => (last === null ? [] : [metricBody(key, last)]))
  const { end_time: end, ...info } = run.info
  return {
    info: { ...info, ...(end === null ? {} : { end_time: end }) },
    data: { metrics, params: pairs(run.params), tags: pairs(run.tags) },
    inputs: { model_inputs: run.used.map((id) => ({ model_id: id })) },
    outputs: {
      model_outputs: run.models.flatMap(({ id, step }) => (step === null ? [] : [{ model_id: id, step }])),
    },
  }
}

/** How many results are asked for. Throws a Refusal for more than MLflow's own server gives. */
export function mostResults(body: Body): number {
  const most = wholeOf(body.max_results) ?? 1000
  if (most <= limits.results && most >= 1) return most
  throw new Refusal(400, `Invalid value ${most} for parameter 'max_results' supplied; expected 1 to ${limits.results}.`)
}

/** Which of what was deleted and what was not is asked for; null: both. */
export function stageIn(body: Body, name: string): 'active' | 'deleted' | null {
  const view = textField(body, name) || 'ACTIVE_ONLY'
  return view === 'ALL' ? null : view === 'DELETED_ONLY' ? 'deleted' : 'active'
}

/** A page from where its token says, and the token of the next. */
export function pageOf<Item>(
  body: Body,
  items: Item[],
  most: number,
): { page: Item[]; next: { next_page_token?: string } } {
  const token = textField(body, 'page_token') || '0'
  if (!/^\d{1,15}$/.test(token))
    throw new Refusal(
      400,
      `Invalid page token ${JSON.stringify(token.slice(0, 100))}; expected one that a page before gave.`,
    )
  const from = Number(token)
  const to = from + most
  return { page: items.slice(from, to), next: to < items.length ? { next_page_token: String(to) } : {} }
}

export const nameIn = (body: Body) => textField(body, 'run_name') || (new Map(tagsIn(body)).get('mlflow.runName') ?? '')

export const okReply = (body: unknown, events: IntakeEvent[] = []): IntakeOutcome => ({
  reply: { status: 200, body },
  events,
})
export const missing = (message: string) => new Refusal(404, message, 'RESOURCE_DOES_NOT_EXIST')
export const tooMany = (what: string, most: number, given: number) =>
  new Refusal(400, `A batch logging request can contain at most ${most} ${what}. Got ${given} ${what}.`)
export const described = ({ tags, ...experiment }: { tags: Record<string, string> }) => ({
  ...experiment,
  tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
})

/** JSON has no NaN; MLflow writes it, and the infinities, as texts. */
export function metricBody(key: string, { value, timestamp, step }: Point) {
  return { key, value: Number.isFinite(value) ? value : String(value), timestamp, step }
}

export function keyIn(body: Body): string {
  const key = textField(body, 'key')
  if (key === '') throw new Refusal(400, "Missing value for required parameter 'key'.")
  if (key.length > limits.key)
    throw new Refusal(400, `'${key.slice(0, 60)}…' exceeds the maximum length of ${limits.key} characters.`)
  if (key.includes('\0')) throw new Refusal(400, 'A key holds a NUL character.')
  return key
}

export function pointIn(body: Body): Point {
  const value = typeof body.value === 'string' && body.value.trim() !== '' ? Number(body.value) : numberOf(body.value)
  if (value === null || (Number.isNaN(value) && body.value !== 'NaN'))
    throw new Refusal(
      400,
      `Got invalid value ${JSON.stringify(body.value)} for metric '${keyIn(body)}'; expected a number.`,
    )
  const timestamp = wholeOf(body.timestamp)
  if (timestamp === null)
    throw new Refusal(400, `Got invalid timestamp ${JSON.stringify(body.timestamp)} for metric '${keyIn(body)}'.`)
  const step = body.step === undefined || body.step === null ? 0 : wholeOf(body.step)
  if (step === null || step < 0)
    throw new Refusal(
      400,
      `Got invalid step ${JSON.stringify(body.step)} for metric '${keyIn(body)}'; expected a whole number of 0 or more.`,
    )
  return { step, timestamp, value }
}

/** What is kept of a text: as much as MLflow's own server keeps. A script is not ended over a long one. */
export function cutText(body: Body, most: number): string {
  return textField(body, 'value').slice(0, most).toWellFormed()
}

/** That texts were cut, as notes for the run. */
export function cutNotes(what: string, bodies: Body[], most: number): IntakeEvent[] {
  return bodies.flatMap((body): IntakeEvent[] => {
    const { length } = textField(body, 'value')
    const text = `The ${what} ${JSON.stringify(keyIn(body))} has ${length} characters; the first ${most} are kept, as MLflow does.`
    return length > most ? [{ type: 'note', level: 'warning', text }] : []
  })
}

export function checkParams(run: Run, params: (readonly [string, string])[]): void {
  const given = new Map<string, string>()
  for (const [key, value] of params) {
    const known = run.params.get(key) ?? given.get(key)
    if (known !== undefined && known !== value)
      throw new Refusal(
        400,
        `Changing param values is not allowed. Param with key='${key}' was already logged with value='${known}' for run ID='${run.info.run_id}'. Attempted logging new value '${value}'.`,
      )
    given.set(key, value)
  }
}

/** Whole numbers come as numbers or, as protocol buffers write 64 bits, as texts. */
export function wholeOf(value: unknown): number | null {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value
  return Number.isSafeInteger(number) ? (number as number) : null
}

export const textField = (body: Body, name: string): string => {
  const value = body[name]
  return typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : ''
}
export const listOf = (body: Body, name: string): Body[] =>
  Array.isArray(body[name]) ? body[name].filter(isObject) : []
/** A list of texts, whatever stands in it. */
export const textsOf = (body: Body, name: string): string[] => (Array.isArray(body[name]) ? body[name].map(worded) : [])
export const tagsIn = (body: Body) =>
  listOf(body, 'tags').map((tag) => [textField(tag, 'key'), textField(tag, 'value')] as const)

export function parseBody(body: Buffer): Body {
  try {
    const value: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'))
    if (isObject(value)) return value
  } catch {
    // told below
  }
  throw new Refusal(
    400,
    `The body is no JSON object: ${JSON.stringify(body.toString('utf8', 0, 100))}.`,
    'MALFORMED_REQUEST',
  )
}

export function fromQuery(query: URLSearchParams): Body {
  return Object.fromEntries(query)
}

/** How a run stands, of MLflow's name for it; null where it is none. */
export function statusIn(status: unknown): ClientEvent['status'] | null {
  const known: Record<string, ClientEvent['status']> = {
    RUNNING: 'running',
    SCHEDULED: 'running',
    FINISHED: 'done',
    FAILED: 'failed',
    KILLED: 'cancelled',
  }
  return typeof status === 'string' ? (ownValue(known, status) ?? null) : null
}
