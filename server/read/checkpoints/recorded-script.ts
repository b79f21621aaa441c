/** How a run of its own was started, as far as its client recorded it. */
import { hostname } from 'node:os'
import path from 'node:path'
import type { OwnRun } from '../../../db/queries/own-runs.ts'
import type { RecordedScript } from '../../../domain/sweep/rounds/round-after-script.ts'
import { attemptFolder, type Context } from '../../base/context.ts'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import { lastState } from '../../formats/last-state.ts'
import { isObject } from '../../formats/plain-values.ts'

const mostBytes = 16 << 20

/** The command and its folder. W&B's client sends a file that says them, MLflow's the program alone, Trackio's neither. */
export function recordedScript(
  context: Context,
  { job, own }: OwnRun,
): { script: RecordedScript; directory: string | null } {
  const folder = attemptFolder(context, job.id, 1)
  const none = { command: null, hasArguments: false, settings: job.params, elsewhere: [] }
  if (own.client === 'wandb') {
    const told = jsonIn(folder, 'files/wandb-metadata.json')
    const program = told.program
    if (typeof program !== 'string' || program === '') return { script: none, directory: null }
    const words = Array.isArray(told.args) ? told.args.filter((word): word is string => typeof word === 'string') : []
    const python = typeof told.executable === 'string' && told.executable !== '' ? told.executable : 'python'
    const below = typeof told.codePathLocal === 'string' ? `/${told.codePathLocal}` : null
    const directory = below !== null && program.endsWith(below) ? program.slice(0, -below.length) || '/' : null
    const host = typeof told.host === 'string' ? told.host : hostname()
    const elsewhere = host === hostname() ? [] : [`It ran on ${host}: its paths are those of that machine.`]
    const command = [
      python,
      directory === null ? program : program.slice(directory.length).replace(/^\/+/, ''),
      ...words,
    ]
    return { script: { ...none, command, hasArguments: true, elsewhere }, directory }
  }
  if (own.client === 'mlflow') {
    const state = lastState(textIn(folder, 'intake/state.json')).mlflow
    const runs = isObject(state) && Array.isArray(state.runs) ? state.runs.filter(isObject) : []
    const tags: unknown = runs[0]?.tags
    const pair = Array.isArray(tags)
      ? tags.find((tag): tag is [string, string] => Array.isArray(tag) && tag[0] === 'mlflow.source.name')
      : undefined
    const program = pair?.[1]
    if (typeof program !== 'string' || !program.endsWith('.py')) return { script: none, directory: null }
    const directory = path.isAbsolute(program) ? path.dirname(program) : null
    return { script: { ...none, command: ['python', program] }, directory }
  }
  return { script: none, directory: null }
}

function jsonIn(folder: string, name: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(textIn(folder, name))
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

function textIn(folder: string, name: string): string {
  try {
    return readWholeFile(path.join(folder, name), [folder], mostBytes) ?? ''
  } catch {
    return ''
  }
}
