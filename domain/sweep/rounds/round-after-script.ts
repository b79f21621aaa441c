/** A round from what a script of one's own trained: as much of the sweep as its client recorded, and in sentences what it did not. */
import type { Sweep } from '../sweep.ts'

/** What a tracker's client recorded of a script. */
export type RecordedScript = {
  /** The program and its arguments; null: nothing was recorded. */
  command: string[] | null
  /** Whether the arguments were recorded as well. */
  hasArguments: boolean
  settings: Readonly<Record<string, string>>
  /** Sentences on where it ran, where that is not here. */
  elsewhere: string[]
}

const modelNames = new Set([
  'model_name_or_path',
  'model_name',
  'model_path',
  'model_id',
  'model',
  'base_model',
  'pretrained_model_name_or_path',
  'init',
  'init_from',
  'model.path',
])
const outputNames = new Set(['output_dir', 'out_dir', 'save_dir', 'default_local_dir'])
const resumeNames = new Set(['resume', 'resume_from', 'resume_from_checkpoint'])
const axisNames: Readonly<Record<string, string>> = {
  seed: 'seed',
  learning_rate: 'learning_rate',
  lr: 'learning_rate',
}
const mostNamed = 8

/** `name`: of the setting, without dashes, with `_` for `-`; the value stands in the word `at`, from `start` on. */
type Argument = { name: string; written: string; at: number; start: number; value: string }

/** The sweep that goes on from `init` as the script was run, and what nobody recorded. */
export function roundAfterScript(
  name: string,
  init: string,
  script: RecordedScript,
): { definition: Sweep; unknown: string[] } {
  const bare: Sweep = { name, search: 'grid', axes: { seed: ['1'] }, init }
  if (script.command === null)
    return { definition: bare, unknown: ['Nobody recorded its command: how the script is run is yours to say.'] }
  const words = script.command.map((word) => word.replaceAll('${', () => '$${'))
  const given = argumentsIn(words)
  const unknown = [...script.elsewhere]
  const axes: Record<string, string[]> = {}
  const put = (argument: Argument, text: string) => {
    words[argument.at] = words[argument.at]!.slice(0, argument.start) + text
  }
  const models = given.filter((argument) => isNamed(argument, modelNames))
  for (const model of models) put(model, '${init}')
  if (models.length === 0)
    unknown.push('No argument is known to be the model that it started from: write ${init} where the script takes one.')
  for (const output of given.filter((argument) => isNamed(argument, outputNames))) {
    put(output, '${run}/output')
    unknown.push(
      `${output.written} was ${output.value}; each training writes into its own folder here, so that it does not write over that.`,
    )
  }
  for (const argument of given) {
    const axis = axisNames[lastPart(argument.name)]
    if (
      axis === undefined ||
      axes[axis] !== undefined ||
      argument.value.trim() === '' ||
      !Number.isFinite(Number(argument.value))
    )
      continue
    axes[axis] = [argument.value]
    put(argument, `\${${axis}}`)
  }
  if (Object.keys(axes).length === 0)
    unknown.push(
      'No argument is a seed or a learning rate: write ${seed}, or an axis of yours, where the script takes it.',
    )
  for (const { written, value } of given.filter((argument) => isNamed(argument, resumeNames)))
    unknown.push(
      `${written} ${value} stands as it was: take it out where the training is to begin anew from the checkpoint.`,
    )
  if (!script.hasArguments) unknown.push('Its client recorded the program and not its arguments.')
  const named = new Set(given.map((argument) => lastPart(argument.name)))
  const inScript = Object.entries(script.settings).filter(([key]) => !named.has(lastPart(plainName(key))))
  if (inScript.length > 0 && script.hasArguments) {
    const some = inScript.slice(0, mostNamed).map(([key, value]) => `${key} ${value}`.slice(0, 80))
    const more = inScript.length > some.length ? ` and ${inScript.length - some.length} more` : ''
    unknown.push(`Not among its arguments, so as the script sets them: ${some.join(', ')}${more}.`)
  }
  unknown.push(
    'Its environment, and what started it (accelerate, torchrun), were not recorded, and how checkpoints are found and scored is yours to say.',
  )
  return {
    definition: {
      ...bare,
      axes: Object.keys(axes).length > 0 ? axes : bare.axes,
      train: { command: words, gpus: 1, env: {}, retries: 0 },
    },
    unknown,
  }
}

/** `--name value`, `--name=value` and `name=value`, as argparse and Hydra read them. */
function argumentsIn(words: readonly string[]): Argument[] {
  return words.flatMap((word, at): Argument[] => {
    const joined = /^((?:--?|\+{1,2})?[A-Za-z][\w.-]*)=(.*)$/s.exec(word)
    if (joined) {
      const [, written, value] = joined as unknown as [string, string, string]
      return [{ name: plainName(written), written, at, start: written.length + 1, value }]
    }
    const next = words[at + 1]
    if (!/^--?[A-Za-z][\w.-]*$/.test(word) || next === undefined || /^--?[A-Za-z]/.test(next)) return []
    return [{ name: plainName(word), written: word, at: at + 1, start: 0, value: next }]
  })
}

const plainName = (written: string) =>
  written
    .replace(/^[-+]+/, '')
    .replaceAll('-', '_')
    .toLowerCase()
/** `data.lr` is `lr`; of `actor.model.path` the last two parts tell. */
const lastPart = (name: string) => name.split(/[./]/).at(-1)!

const isNamed = ({ name }: Argument, names: ReadonlySet<string>) =>
  names.has(lastPart(name)) || names.has(name.split('.').slice(-2).join('.'))
