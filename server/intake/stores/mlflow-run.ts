/** A run as MLflow's stores keep it, whichever they are, as the events that its client would have been the cause of here. */
import type { TrainerEvent } from '../../../contract/trainer.ts'
import { isFolderThere } from '../../attempt-files/names-in.ts'
import { isObject } from '../../formats/plain-values.ts'
import type { Telling, ToldRun } from '../../formats/imports/telling.ts'
import { cutNotes, cutText, limits, statusIn, textField, type Body } from '../mlflow/bodies.ts'
import { usedEvents } from '../mlflow/logged-models.ts'
import { tagsOfRun } from '../mlflow/store.ts'
import { keptModels, loggedModel, ofHistory, type StoredModel, type UsedModel } from './mlflow-models.ts'
import type { MlflowPoints } from './mlflow-points.ts'

export type StoredMlflowRun = {
  id: string
  name: string
  experiment: string
  /** `FINISHED`, … */
  status: string
  /** Milliseconds. */
  start: number | null
  end: number | null
  params: Map<string, string>
  tags: Map<string, string>
  points: MlflowPoints
  /** As its client says it: `datasets`, and `models` by their ids. */
  inputs: Body
  models: StoredModel[]
  /** The models of other runs that it says it used. */
  used: UsedModel[]
  /** The folder of its artifacts; null: it is not on this machine. */
  artifacts: string | null
}

/** What the run tells, a part at a time. */
export function* tellMlflowRun(stored: StoredMlflowRun): Generator<Telling> {
  const { id, experiment, tags } = stored
  const parent = tags.get('mlflow.parentRunId') ?? null
  const [start = null] = stored.used.flatMap(({ run, model }) => {
    const checkpoint = run === id ? null : loggedModel(model, () => 0)
    return checkpoint?.type === 'checkpoint' ? [{ run, path: checkpoint.path }] : []
  })
  const run: ToldRun = { key: id, name: stored.name, tracked: { project: experiment, parent, start } }
  const telling = (events: TrainerEvent[]): Telling => ({ run, attempt: 1, events })
  yield telling([...begun(stored), ...toldOf(stored)])
  for (const events of stored.points.events()) yield telling(events)
  yield telling([...madeBy(stored), ...ended(stored)])
}

function begun({ start }: StoredMlflowRun): TrainerEvent[] {
  return [{ type: 'client', status: 'running', ...(start !== null && { time: start / 1000 }) }]
}

function ended({ status, end }: StoredMlflowRun): TrainerEvent[] {
  const told = statusIn(status)
  if (told === null || told === 'running') return []
  return [{ type: 'client', status: told, ...(end !== null && { time: end / 1000 }) }]
}

/** Its settings and tags, and what it says that it used. */
function toldOf({ name, params, tags, inputs }: StoredMlflowRun): TrainerEvent[] {
  const bodies = (values: Map<string, string>) => [...values].map(([key, value]): Body => ({ key, value }))
  const cut = (values: Map<string, string>, most: number) =>
    new Map(bodies(values).map((body) => [textField(body, 'key'), cutText(body, most)]))
  const settings = Object.fromEntries(cut(params, limits.paramValue))
  return [
    ...(params.size > 0 ? [{ type: 'config' as const, values: settings }] : []),
    { type: 'tags', values: tagsOfRun(cut(tags, limits.tagValue), name) },
    ...cutNotes('parameter', bodies(params), limits.paramValue),
    ...cutNotes('tag', bodies(tags), limits.tagValue),
    // when it was said is not kept
    ...usedEvents({ used: [] }, inputs).map(({ time: _time, ...event }) => event),
  ]
}

/** Its models where they lie, and the folder of its other files. */
function madeBy({ models, tags, points, artifacts }: StoredMlflowRun): TrainerEvent[] {
  const logged = [...models, ...ofHistory(tags.get('mlflow.log-model.history'), artifacts)]
  const stepAt = (time: number | null) => points.stepAt(time ?? Infinity)
  const events = logged.flatMap((model) => loggedModel(model, stepAt) ?? [])
  if (artifacts === null || !isFolderThere(artifacts)) return events
  const known = new Set(events.flatMap((event) => (event.type === 'checkpoint' ? [event.path] : [])))
  const { events: found, others } = keptModels(artifacts, stepAt)
  const more = found.filter((event) => event.type !== 'checkpoint' || !known.has(event.path))
  const files: TrainerEvent[] = others
    ? [{ type: 'artifact', role: 'made', name: 'artifacts', kind: 'files', about: artifacts }]
    : []
  return [...events, ...more, ...files]
}

/** Data sets and models as a client's call has them. */
export function inputsBody(
  datasets: { name: string; digest: string; tags: Record<string, string> }[],
  models: string[],
): Body {
  return {
    datasets: datasets.map(({ tags, ...dataset }) => ({
      dataset,
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    })),
    models: models.map((id) => ({ model_id: id })),
  }
}

/** That runs were passed over. */
export const deletedRuns = (count: number, experiment: string): string =>
  `${count} ${count === 1 ? 'run of ' : 'runs of '}${experiment} ${count === 1 ? 'was' : 'were'} deleted in MLflow, and passed over.`

/** The keys and values of a list that a person's file holds. */
export const textsIn = (value: unknown): Record<string, string> =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
    : {}
