/** Records of a W&B offline file, as what its client would have sent. */
import type { WandbRecord } from '../../formats/wandb-file.ts'
import { isObject } from '../protocol.ts'
import type { WandbRun } from './runs.ts'

/** The variables of the `UpsertBucket` that a record stands for; null: it stands for none. `run`: what is known of its run. */
export function upsertOf(record: WandbRecord, run: WandbRun | undefined): Record<string, unknown> | null {
  if (record.kind === 'run') {
    const { group, job_type: jobType, name, notes, tags } = record.about
    const config = mergedConfig(run?.config ?? {}, record.config)
    const about = { groupName: group, jobType, displayName: name, notes, tags: tags ?? null }
    return { name: record.id, project: record.project, config: JSON.stringify(config), ...about }
  }
  if (run === undefined) return null
  if (record.kind === 'config')
    return { name: run.name, config: JSON.stringify(mergedConfig(run.config, record.config)) }
  if (record.kind === 'metric') return { name: run.name, config: JSON.stringify(withMetric(run.config, record.metric)) }
  return null
}

/** The configuration with the items of an offline file put in; it holds a key's `value`, as online. */
function mergedConfig(config: Record<string, unknown>, items: [string[], unknown][]): Record<string, unknown> {
  const entries = items.filter(([keys]) => keys.length === 1).map(([[key], value]) => [key!, { value }] as const)
  return Object.fromEntries([...Object.entries(config), ...entries.filter(([key]) => key !== '_wandb')])
}

/** The configuration with a metric defined, in the form that the client sends online. */
function withMetric(
  config: Record<string, unknown>,
  { axis, ...metric }: Record<string, unknown>,
): Record<string, unknown> {
  const own = isObject(config._wandb) && isObject(config._wandb.value) ? config._wandb.value : {}
  const metrics = Array.isArray(own.m) ? [...own.m] : []
  const at = axis === undefined ? -1 : metrics.findIndex((known) => isObject(known) && known['1'] === axis)
  if (axis !== undefined && at === -1) metrics.push({ 1: axis })
  const place = axis === undefined ? {} : { 5: at === -1 ? metrics.length : at + 1 }
  metrics.push({ ...metric, ...place })
  return { ...config, _wandb: { value: { ...own, m: metrics } } }
}
