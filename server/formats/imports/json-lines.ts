/** Lines of JSON: metrics of any trainer, what we export of a run or a sweep, the events of a trainer, and rollouts. */
import { closeSync } from 'node:fs'
import path from 'node:path'
import type { TrainerEvent } from '../../../contract/trainer.ts'
import { readMetricsLine } from '../json-metrics.ts'
import { lineBlocks } from '../line-blocks.ts'
import { parseEvents } from '../parse-events.ts'
import { isObject, isStep } from '../plain-values.ts'
import { parsePythonJson } from '../python-json.ts'
import { requireFile } from '../read-metric-file.ts'
import { tableSamples } from '../rollout-table.ts'
import { toldCheckpoint } from './saved-models.ts'
import { type ReadOptions, type Telling, theRun, type ToldRun } from './telling.ts'

type Line = { run: ToldRun; attempt: number; events: TrainerEvent[] } | { problem: string } | null

/** Events that say something of a run that has ended; of checkpoints only those are kept whose files are there. */
const kept = ['metrics', 'sample', 'note', 'config', 'summary', 'tags', 'evaluation', 'client', 'checkpoint']

/** What the lines of a file tell, a block at a time. Throws `invalid` where the file cannot be opened. */
export function* readJsonLines(file: string, { report, step }: ReadOptions): Generator<Telling> {
  const { descriptor } = requireFile(file)
  // verl names the file of each step's rollouts after it
  const ownStep = /^\d+$/.test(path.parse(file).name) ? Number(path.parse(file).name) : null
  const passedOver = new Map<string, number>()
  try {
    let line = 0
    for (const lines of lineBlocks(descriptor)) {
      let telling: Telling | null = null
      for (const text of lines) {
        line += 1
        const read =
          text.trim() === '' ? null : readLine(text, { folder: path.dirname(file), ownStep, step, passedOver })
        if (read === null) continue
        if ('problem' in read) report(`line ${line} ${read.problem}`)
        else if (telling?.run.key === read.run.key && telling.attempt === read.attempt)
          telling.events.push(...read.events)
        else {
          if (telling) yield telling
          telling = read
        }
      }
      if (telling) yield telling
    }
  } finally {
    closeSync(descriptor)
  }
  for (const [type, count] of passedOver)
    report(`${count} ${count === 1 ? 'line' : 'lines'} of type ${type} ${count === 1 ? 'was' : 'were'} passed over`)
}

type LineOptions = { folder: string; ownStep: number | null; step: string | undefined; passedOver: Map<string, number> }

function readLine(text: string, { folder, ownStep, step, passedOver }: LineOptions): Line {
  let line: unknown
  try {
    line = parsePythonJson(text)
  } catch {
    const read = readMetricsLine(text)
    return read !== null && 'problem' in read ? read : null
  }
  if (isObject(line) && typeof line.type === 'string' && isTrainerEvent(line)) {
    const told = kept.includes(line.type) ? eventLine(text, line, folder) : null
    const isGone = line.type === 'checkpoint' && told !== null && 'events' in told && told.events.length === 0
    if (told === null || isGone) {
      passedOver.set(line.type, (passedOver.get(line.type) ?? 0) + 1)
      return null
    }
    return told
  }
  const samples = isObject(line) ? samplesOf(line, ownStep) : null
  if (samples !== null) return samples
  if (isObject(line) && step !== undefined && line[step] !== undefined) {
    const { [step]: value, ...rest } = line
    text = JSON.stringify({ step: value, ...rest })
  }
  const read = readMetricsLine(text)
  if (read === null || 'problem' in read) return read
  const { time, ...row } = read
  return { run: theRun, attempt: 1, events: [{ type: 'metrics', ...row, ...(time !== null && { time }) }] }
}

/** Whether a line is one of the trainer protocol's, not another program's that has a `type` as well. */
function isTrainerEvent(line: Record<string, unknown>): boolean {
  switch (line.type) {
    case 'metrics':
      return isObject(line.values)
    case 'sample':
      return typeof line.prompt === 'string' && typeof line.response === 'string'
    case 'config':
    case 'summary':
    case 'tags':
      return isObject(line.values)
    case 'note':
      return typeof line.text === 'string'
    case 'checkpoint':
      return typeof line.path === 'string'
    case 'evaluation':
      return typeof line.benchmark === 'string'
    case 'client':
      return typeof line.status === 'string'
    default:
      return ['progress', 'file'].includes(String(line.type))
  }
}

/** A line as we export it: with its run, that run's values of the axes, and its attempt. */
function eventLine(text: string, line: Record<string, unknown>, folder: string): Line {
  const bytes = Buffer.from(text)
  const { metrics, others, problems } = parseEvents(bytes, bytes.length, 1)
  const [problem] = problems
  if (problem) return { problem: problem.message.replace(/^Line 1 /, '').replace(/\.$/, '') }
  const events: TrainerEvent[] = [
    ...metrics.map(({ step, time, values }): TrainerEvent => ({
      type: 'metrics',
      step,
      ...(time !== null && { time }),
      values,
    })),
    ...others.flatMap(({ event }) => withFilesOf(event, folder) ?? []),
  ]
  const attempt = isStep(line.attempt) && line.attempt > 0 ? line.attempt : 1
  if (!isStep(line.run)) return { run: theRun, attempt, events }
  const params = isTexts(line.params) ? line.params : undefined
  return { run: { key: String(line.run), name: `run ${line.run}`, ...(params && { params }) }, attempt, events }
}

/** The answers of an evaluation lie in a file that need not be here; what came of them is in the line. null: its files are gone. */
function withFilesOf(event: TrainerEvent, folder: string): TrainerEvent | null {
  if (event.type === 'checkpoint') return toldCheckpoint(event, folder)
  if (event.type !== 'evaluation') return event
  const { items: _items, ...rest } = event
  return rest
}

function samplesOf(line: Record<string, unknown>, ownStep: number | null): Line {
  const step = line.step === undefined || line.step === null ? ownStep : Number(line.step)
  const samples = tableSamples(Object.keys(line), [Object.values(line)], step ?? 0)
  if (samples === null) return null
  if (!isStep(step))
    return {
      problem: 'is a rollout without a step; expected "step" in it, or the step as the name of the file, 12.jsonl',
    }
  return { run: theRun, attempt: 1, events: samples }
}

function isTexts(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((text) => typeof text === 'string')
}
