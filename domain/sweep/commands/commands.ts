/** What a planned run or point starts with: commands and paths with their placeholders replaced, settings as numbers. */
import { expandAxis, milestoneAxisName } from '../axes/axes.ts'
import { absentAxes } from '../conditions.ts'
import { countPorts, placeholdersOf, portNames, questionsName, substitute } from './placeholders.ts'
import type { Sweep } from '../sweep.ts'

/** What a training knows when it starts. */
export type TrainingRuntime = {
  run: number
  /** Ids of the slots it holds. */
  slots: readonly string[]
  /** The checkpoint it starts from, or null. */
  init: string | null
  /** Free ports of its own, as many as its command asks for; undefined before it has any: `${port}` stands for itself. */
  ports?: readonly number[]
}
/** What an evaluation knows when it starts. */
export type EvaluationRuntime = TrainingRuntime & {
  checkpoint: string
  report: string
  /** The file that names the questions to ask; null where nobody knows how many there are, undefined before there is one: `${questions}` stands for itself. */
  questions?: string | null
}

function trainingValues(sweep: Sweep, params: Readonly<Record<string, string>>, runtime: TrainingRuntime) {
  return {
    ...placeholderParams(sweep, params),
    run: String(runtime.run),
    gpu: runtime.slots.join(','),
    ...Object.fromEntries(portNames.map((name, at) => [name, String(runtime.ports?.[at] ?? `\${${name}}`)])),
    ...(runtime.init !== null && { init: runtime.init }),
  }
}

function evaluationValues(sweep: Sweep, params: Readonly<Record<string, string>>, runtime: EvaluationRuntime) {
  return {
    questions: runtime.questions ?? `\${${questionsName}}`,
    ...trainingValues(sweep, params, runtime),
    checkpoint: runtime.checkpoint,
    report: runtime.report,
  }
}

/** The axes' values, and `epoch.last` for a milestone axis `epoch`. */
function placeholderParams(sweep: Sweep, params: Readonly<Record<string, string>>): Record<string, string> {
  const name = milestoneAxisName(sweep.axes)
  // in a path an axis that is not there leaves nothing
  const absent = Object.fromEntries(absentAxes(sweep, params).map((axis) => [axis, '']))
  if (name === null) return { ...absent, ...params }
  return { ...absent, ...params, [`${name}.last`]: expandAxis(name, sweep.axes[name]!).values.at(-1)! }
}

export type Command = { arguments: string[]; environment: Record<string, string> }

/** Whether the text holds the value of an axis that is not there. */
export function namesAbsent(text: string, absent: readonly string[]): boolean {
  return placeholdersOf(text).some(({ name }) => absent.includes(name))
}

/** The command's arguments without those that name an axis of `absent`, and without the option before one that is nothing but that value. */
export function withoutAbsent(command: readonly string[], absent: readonly string[]): string[] {
  const isAlone = (text: string | undefined) => absent.some((name) => text === `\${${name}}`)
  const isOption = (text: string) => /^--?[A-Za-z][^=]*$/.test(text) && placeholdersOf(text).length === 0
  return command.filter(
    (argument, at) => !namesAbsent(argument, absent) && !(isOption(argument) && isAlone(command[at + 1])),
  )
}

/** What names an axis of `absent` is left out: an argument, or a variable. */
function commandOf(
  template: { command?: string[]; env: Record<string, string> },
  values: Record<string, string>,
  absent: readonly string[],
): Command {
  return {
    arguments: withoutAbsent(template.command!, absent).map((argument) => substitute(argument, values)),
    environment: Object.fromEntries(
      Object.entries(template.env)
        .filter(([, value]) => !namesAbsent(value, absent))
        .map(([name, value]) => [name, substitute(value, values)]),
    ),
  }
}

/** How many ports a training, or an evaluation, asks for. */
export function portsOf(sweep: Sweep, kind: 'training' | 'evaluation'): number {
  const part = kind === 'training' ? sweep.train : sweep.evaluate
  return countPorts([...(part?.command ?? []), ...Object.values(part?.env ?? {})])
}

/** The training's arguments and environment with every placeholder replaced; null for a built-in trainer. */
export function trainingCommand(
  sweep: Sweep,
  params: Readonly<Record<string, string>>,
  runtime: TrainingRuntime,
): Command | null {
  if (sweep.train?.command === undefined) return null
  return commandOf(sweep.train, trainingValues(sweep, params, runtime), absentAxes(sweep, params))
}

/** The evaluation's arguments and environment with every placeholder replaced; null where the sweep has no evaluation command. */
export function evaluationCommand(
  sweep: Sweep,
  params: Readonly<Record<string, string>>,
  runtime: EvaluationRuntime,
): Command | null {
  if (sweep.evaluate?.command === undefined) return null
  return commandOf(sweep.evaluate, evaluationValues(sweep, params, runtime), absentAxes(sweep, params))
}

/** Where an evaluation's results are read from: a path or a pattern with the values of its placeholders. */
export type ReportPlace = { benchmark: string | null; template: string; values: Record<string, string> }

/** The places of the evaluation's reports: one, whose `benchmark` is null, or one for each benchmark that the sweep names. */
export function reportPlaces(
  sweep: Sweep,
  params: Readonly<Record<string, string>>,
  runtime: EvaluationRuntime,
): ReportPlace[] {
  const file = sweep.evaluate?.report.file ?? '${report}'
  const values = evaluationValues(sweep, params, runtime)
  if (typeof file === 'string') return [{ benchmark: null, template: file, values }]
  return Object.entries(file).map(([benchmark, template]) => ({ benchmark, template, values }))
}

/**
 * Where the checkpoint of a point stands, for trainers that report none: the sweep's `checkpoint`, a path or a pattern, and the
 * values of its placeholders. null where the sweep does not say.
 */
export function checkpointTemplate(
  sweep: Sweep,
  params: Readonly<Record<string, string>>,
  runtime: Pick<TrainingRuntime, 'run' | 'init'>,
): { template: string; values: Record<string, string> } | null {
  if (sweep.checkpoint === undefined) return null
  return { template: sweep.checkpoint, values: trainingValues(sweep, params, { ...runtime, slots: [] }) }
}

/** The files that are followed while a training runs; relative to the sweep's folder where they are no absolute paths. */
export function followedFiles(sweep: Sweep, params: Readonly<Record<string, string>>, run: number): string[] {
  if (typeof sweep.track !== 'object') return []
  return sweep.track.files.map((file) => substitute(file, { ...placeholderParams(sweep, params), run: String(run) }))
}

/** The checkpoint that a run starts from; null where the sweep names none, or one by an axis that `params` lack: a baseline's. */
export function initPath(sweep: Sweep, params: Readonly<Record<string, string>>): string | null {
  if (sweep.init === undefined) return null
  const values = placeholderParams(sweep, params)
  if (!placeholdersOf(sweep.init).every(({ name }) => Object.hasOwn(values, name))) return null
  return substitute(sweep.init, values)
}

/**
 * A built-in trainer's settings: `config` with the axes put in its place, their literals read as numbers and booleans.
 * The axis that `init` is (`init: ${start}`) is no setting: it says where a run starts.
 */
export function trainerConfig(sweep: Sweep, params: Readonly<Record<string, string>>): Record<string, unknown> {
  const settings = Object.entries(params).filter(([name]) => sweep.init !== `\${${name}}`)
  const values = settings.map(([name, literal]) => [name, scalarOf(literal)])
  return { ...sweep.config, ...Object.fromEntries(values) }
}

/** The same settings with the files that they name as absolute paths: a trainer runs in a folder of its own. */
export function withFilesFrom(
  config: Record<string, unknown>,
  absolute: (file: string) => string,
): Record<string, unknown> {
  const { data, benchmarks } = config
  const isFile = (name: unknown): name is string => typeof name === 'string' && name.endsWith('.jsonl')
  return {
    ...config,
    ...(typeof data === 'string' && { data: absolute(data) }),
    ...(Array.isArray(benchmarks) && { benchmarks: benchmarks.map((name) => (isFile(name) ? absolute(name) : name)) }),
  }
}

/** A literal as YAML 1.2 reads it: a number, true or false, else the text itself. */
function scalarOf(literal: string): number | boolean | string {
  if (/^(true|True|TRUE)$/.test(literal)) return true
  if (/^(false|False|FALSE)$/.test(literal)) return false
  const isNumber =
    /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(literal) || /^0(x[0-9a-fA-F]+|o[0-7]+)$/.test(literal)
  const number = Number(literal)
  if (!isNumber || !Number.isFinite(number)) return literal
  // a whole number that a double would change, such as a long seed, stays what was written
  return /^[-+]?\d+$/.test(literal) && !Number.isSafeInteger(number) ? literal : number
}
