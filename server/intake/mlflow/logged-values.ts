/** What a run logs, metrics, parameters, tags: with the limits and words of MLflow's own server, as events, each point once. */
import { emptyValues, Refusal, type IntakeEvent } from '../protocol.ts'
import {
  checkParams,
  cutNotes,
  cutText,
  keyIn,
  limits,
  metricBody,
  pointIn,
  textField,
  tooMany,
  wholeOf,
  type Body,
} from './bodies.ts'
import { History, isShownTag, tagsOfRun, type Point, type Run } from './store.ts'

const historyPage = 25_000

/** What a call logs of a run as events; `commit` makes it known. Throws a Refusal. */
export function logValues(
  run: Run,
  { metrics = [], params = [], tags = [] }: { metrics?: Body[]; params?: Body[]; tags?: Body[] },
): { events: IntakeEvent[]; commit: () => void } {
  if (metrics.length > limits.metrics) throw tooMany('metrics', limits.metrics, metrics.length)
  if (params.length > limits.params) throw tooMany('params', limits.params, params.length)
  if (tags.length > limits.tags) throw tooMany('tags', limits.tags, tags.length)
  if (run.info.lifecycle_stage === 'deleted')
    throw new Refusal(400, `The run ${run.info.run_id} must be in the 'active' state. Current state is deleted.`)
  const points = metrics.map((metric) => [keyIn(metric), pointIn(metric)] as const)
  const texts = params.map((param) => [keyIn(param), cutText(param, limits.paramValue)] as const)
  checkParams(run, texts)
  const { events, commit } = metricEvents(run, points)
  const newTexts = texts.filter(([key]) => !run.params.has(key))
  if (newTexts.length > 0) events.push({ type: 'config', values: nested(run, Object.fromEntries(newTexts)) })
  const isNew = (param: Body) => !run.params.has(keyIn(param))
  events.push(...cutNotes('parameter', params.filter(isNew), limits.paramValue))
  events.push(...cutNotes('tag', tags, limits.tagValue))
  const shown = new Map([...run.tags, ...tags.map((tag) => [keyIn(tag), cutText(tag, limits.tagValue)] as const)])
  if (tags.some((tag) => isShownTag(keyIn(tag)))) events.push(tagsEvent({ ...run, tags: shown }))
  return {
    events,
    commit: () => {
      commit()
      for (const [key, value] of newTexts) run.params.set(key, value)
      run.tags = shown
    },
  }
}

/** New points as events, those of one step and time in one. */
function metricEvents(run: Run, points: (readonly [string, Point])[]): { events: IntakeEvent[]; commit: () => void } {
  type Group = { point: Point; values: Record<string, number> }
  const groups = new Map<string, Group>()
  const added: (readonly [string, Point])[] = []
  const inBatch = new Map<string, History>()
  // points of one step and time mostly come one after the other
  let newest: Group | null = null
  for (const [key, point] of points) {
    const earlier = inBatch.get(key) ?? new History()
    if (earlier.has(point) || run.metrics.get(key)?.has(point)) continue
    earlier.add(point)
    inBatch.set(key, earlier)
    added.push([key, point])
    const name = `${run.prefix}${key}`
    if (newest === null || !isAt(newest.point, point) || name in newest.values) {
      // a second value of one name at one step and time stands in an event of its own
      let at = `${point.step} ${point.timestamp}`
      while (groups.has(at) && name in groups.get(at)!.values) at += ' again'
      const group = groups.get(at) ?? { point, values: emptyValues() }
      groups.set(at, group)
      newest = at.endsWith(' again') ? null : group
      group.values[name] = point.value
    } else newest.values[name] = point.value
  }
  const from = `mlflow ${run.info.run_id}`
  const events = [...groups.values()].map(({ point, values }) => ({
    type: 'metrics' as const,
    step: point.step,
    time: point.timestamp / 1000,
    values,
    from,
  }))
  return { events, commit: () => added.forEach(([key, point]) => historyOf(run, key).add(point)) }
}

/** A page of the points of a metric, in the order of their times. */
export function historyBody(run: Run, body: Body): Record<string, unknown> {
  const key = textField(body, 'metric_key')
  const most = wholeOf(body.max_results) ?? historyPage
  const from = Number(textField(body, 'page_token') || 0)
  const points = (run.metrics.get(key)?.points ?? []).toSorted((a, b) => a.timestamp - b.timestamp || a.step - b.step)
  const metrics = points.slice(from, from + most).map((point) => metricBody(key, point))
  return { metrics, ...(from + most < points.length && { next_page_token: String(from + most) }) }
}

/** A run's tags, its name and its note among them. */
export function tagsEvent(run: Run): IntakeEvent {
  return { type: 'tags', values: nested(run, tagsOfRun(run.tags, run.info.run_name)) }
}

function nested(run: Run, values: Record<string, unknown>): Record<string, unknown> {
  return run.prefix === '' ? values : { [run.prefix.slice(0, -1)]: values }
}

/** The largest step that a run logged. */
export const largestStep = ({ metrics }: Run) =>
  [...metrics.values()].reduce((most, { last }) => Math.max(most, last?.step ?? 0), 0)

const isAt = (a: Point, b: Point) => a.step === b.step && a.timestamp === b.timestamp

/** The points of a metric, begun where it has none. */
export function historyOf(run: Run, key: string): History {
  if (!run.metrics.has(key)) run.metrics.set(key, new History())
  return run.metrics.get(key)!
}
