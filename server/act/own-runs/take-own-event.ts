/** What an event changes of a run of its own, besides being kept: its client says what it is called, set to, and how it stands. */
import { updateJob, type AnyJobRow } from '../../../db/queries/jobs.ts'
import { changeOwnWords, mergeOwnParams, setOwnStatus, type OwnWords } from '../../../db/queries/own-runs.ts'
import type { TrainerEvent } from '../../../contract/trainer.ts'
import { flatSettings } from '../../../domain/sweep/settings/flat-settings.ts'
import type { Context } from '../../base/context.ts'
import { recordOwnCheckpoint, recordOwnEvaluation } from './own-checkpoints.ts'

/** Takes one event; call within the transaction that says how far the events were read. */
export function takeOwnEvent(context: Context, job: AnyJobRow, event: TrainerEvent): void {
  const { database } = context
  if (event.type === 'config') mergeOwnParams(database, job, flatSettings(event.values))
  else if (event.type === 'tags') takeTold(database, job.id, event.values)
  else if (event.type === 'progress')
    updateJob(database, job.id, { progressDone: event.done, progressTotal: event.total })
  else if (event.type === 'checkpoint') recordOwnCheckpoint(context, job.id, event, job.attempt)
  else if (event.type === 'evaluation') recordOwnEvaluation(context, job, event)
  else if (event.type === 'client') {
    const at = event.time === undefined ? Date.now() : Math.round(event.time * 1000)
    setOwnStatus(database, job.id, { status: event.status, at, exitCode: event.exit_code ?? null })
  }
}

/** Of what its client calls the run, what is new goes over what stands there: a person may have changed the rest. */
function takeTold(database: Context['database'], id: number, values: Record<string, unknown>): void {
  changeOwnWords(database, id, ({ told }) => {
    const changes: Partial<OwnWords> = {}
    const isNew = (name: string) =>
      values[name] !== undefined && JSON.stringify(values[name]) !== JSON.stringify(told[name])
    const text = (name: string) => (typeof values[name] === 'string' ? values[name].slice(0, mostCharacters) : null)
    if (isNew('name') && text('name')) changes.name = text('name')!
    if (isNew('group')) changes.group = text('group')
    if (isNew('job_type')) changes.jobType = text('job_type')
    if (isNew('notes')) changes.note = text('notes') ?? ''
    const tags = tagsIn(values)
    if (JSON.stringify(tags) !== JSON.stringify(tagsIn(told))) changes.tags = tags
    return { ...changes, told: { ...told, ...values } }
  })
}

const mostCharacters = 2000
const mostTags = 200
/** What is no tag among the values: it has a place of its own. */
const named = new Set(['name', 'group', 'job_type', 'notes', 'project', 'tags'])

/** W&B's tags are a list; MLflow's have a value each. */
function tagsIn(values: Record<string, unknown>): string[] {
  const list = Array.isArray(values.tags) ? values.tags.filter((tag): tag is string => typeof tag === 'string') : []
  const pairs = Object.entries(values)
    .filter(([name, value]) => !named.has(name) && typeof value === 'string')
    .map(([name, value]) => `${name}: ${value as string}`)
  return [...new Set([...list, ...pairs].map((tag) => tag.slice(0, 200)))].slice(0, mostTags)
}
