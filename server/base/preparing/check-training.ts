/**
 * Whether what a built-in trainer would need is there: benchmarks, data, start models, and memory for the model. Said with the key
 * and its place, before anything starts.
 */
import { closeSync, readSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { totalmem } from 'node:os'
import path from 'node:path'
import {
  arithmeticVocabulary,
  fromHuggingFace,
  type HuggingFaceConfig,
  type ModelConfig,
  newModelConfig,
} from '../../../contract/model-config.ts'
import {
  answeringRoomProblem,
  type ModelMemory,
  roomyTraining,
  trainingRoomProblem,
  wasmMemory,
} from '../../../contract/model-room.ts'
import { benchmarkNames, type TrainerConfig } from '../../../contract/trainer-settings.ts'
import type { Issue } from '../../../domain/errors.ts'
import { initPath } from '../../../domain/sweep/commands/commands.ts'
import { nearestName } from '../../../domain/sweep/files/nearest-name.ts'
import { placeOfSetting, pointSettings, settingIssues } from '../../../domain/sweep/settings/settings.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import { checkDepth } from '../../attempt-files/json-depth.ts'
import { openFile, readWholeFile } from '../../attempt-files/open-file.ts'
import { textsProblem } from './check-texts.ts'
import type { Context } from '../context.ts'

type Environment = Context['config']['environment']

/** More of a first line is not read: a question is shorter. */
const firstBytes = 1 << 20
/** Of longer files the first so many bytes are looked at; the trainer reads the rest. */
const mostTextBytes = 16 << 20
const mostConfigBytes = 1 << 20

/**
 * Issues of a sweep with a built-in trainer; none where it has a command of its own. `startIsToCome`: its start model is still to be
 * trained, and not looked at.
 */
export function checkTraining(
  environment: Environment,
  sweep: Sweep,
  directory: string,
  { startIsToCome = false } = {},
): Issue[] {
  const settings = pointSettings(sweep)
  const issues = new Map<string, Issue>()
  for (const issue of settingIssues(sweep, settings)) issues.set(JSON.stringify(issue), issue)
  const once = keepFirst<string | null>()
  const models = keepFirst<ModelConfig | string>()
  const memory = memoryOf(environment, sweep)
  for (const { params, config } of settings) {
    if (config === null) continue
    const add = (key: Issue['path'], message: string | null) => {
      if (message === null) return
      const issue = { path: key, message }
      issues.set(JSON.stringify(issue), issue)
    }
    const place = (...key: (string | number)[]) => placeOfSetting(sweep, params, key)
    for (const [index, benchmark] of config.benchmarks.entries())
      add(
        place('benchmarks', index),
        once(`benchmark ${benchmark}`, () => benchmarkProblem(benchmark, directory)),
      )
    const { data } = config
    if (data !== undefined)
      add(
        place('data'),
        once(`data ${data}`, () => lineProblem('data', data, directory, fieldsOfData(config))),
      )
    const init = initPath(sweep, params)
    if (init !== null && startIsToCome) continue
    const model = init === null ? newModelConfig(config) : models(init, () => readStart(path.resolve(directory, init)))
    const start = placeOfStart(sweep, params)
    if (typeof model === 'string') {
      add(start, `init: ${model}.`)
      continue
    }
    // a new model has the arithmetic vocabulary, and so has what was trained from one
    if (model.vocabulary === arithmeticVocabulary && config.maximum_new_tokens < model.maximumLength) {
      const use = {
        template: config.prompt_template,
        context: model.maximumLength,
        response: config.maximum_new_tokens,
      }
      const fits = (what: string, file: string, by: typeof config.trainer | 'benchmark', lines = Infinity) =>
        once(JSON.stringify(['texts', what, file, by, use, lines]), () => {
          const problem = textsProblem(textsIn(path.resolve(directory, file)), by, { ...use, lines })
          return problem === null ? null : `${what} ${file}, ${problem}.`
        })
      if (data !== undefined) add(place('data'), fits('data', data, config.trainer))
      for (const [index, benchmark] of config.benchmarks.entries())
        if (benchmark.endsWith('.jsonl'))
          add(
            place('benchmarks', index),
            fits('The benchmark', benchmark, 'benchmark', config.maximum_questions || Infinity),
          )
    }
    if (config.maximum_new_tokens >= model.maximumLength) {
      add(
        place('maximum_new_tokens'),
        `maximum_new_tokens is ${config.maximum_new_tokens}, and the model's context has ${model.maximumLength} tokens, prompt included; expected fewer.`,
      )
    }
    if (config.chat_template)
      add(
        place('chat_template'),
        once(`chat ${init}`, () => chatProblem(init === null ? null : tokenizerFolder(path.resolve(directory, init)))),
      )
    const least = { sequences: 1, tokens: config.maximum_new_tokens + 1, workers: config.workers }
    const training = trainingRoomProblem(model, needsReference(config), memory, config)
    const problem = training ?? answeringRoomProblem(model, least, memory)
    const expected =
      training === null ? 'a smaller model' : roomyTraining(model, needsReference(config), memory, config)
    if (problem !== null) add(init === null ? placeOfSize(sweep, params) : start, `${problem}; expected ${expected}.`)
  }
  return [...issues.values()]
}

/** Whether the loss compares with the weights that a run started from. */
function needsReference(config: TrainerConfig): boolean {
  return config.trainer === 'dpo' || (config.trainer === 'grpo' && config.kl_coefficient > 0)
}

/** A look-up that is made once a name: many points have the same file. */
function keepFirst<Value>() {
  const known = new Map<string, Value>()
  return (name: string, look: () => Value): Value => {
    if (!known.has(name)) known.set(name, look())
    return known.get(name)!
  }
}

function placeOfStart(sweep: Sweep, params: Readonly<Record<string, string>>): Issue['path'] {
  const axis = Object.keys(params).find((name) => sweep.init === `\${${name}}`)
  return axis === undefined ? ['init'] : placeOfSetting(sweep, params, [axis])
}

/** The setting of a new model's size that stands in the sweep. */
function placeOfSize(sweep: Sweep, params: Readonly<Record<string, string>>): Issue['path'] {
  const named = ['width', 'layers', 'feed_forward', 'heads']
  const key = named.find((name) => name in params) ?? named.find((name) => name in (sweep.config ?? {}))
  return key === undefined ? ['trainer'] : placeOfSetting(sweep, params, [key])
}

function benchmarkProblem(benchmark: string, directory: string): string | null {
  if ((benchmarkNames as readonly string[]).includes(benchmark)) return null
  if (benchmark.endsWith('.jsonl')) return lineProblem('The benchmark', benchmark, directory, questionFields)
  const meant = nearestName(benchmark, benchmarkNames)
  const expected = `${benchmarkNames.join(', ')} or the path of a .jsonl file`
  return `The benchmark "${benchmark}" is unknown; expected ${meant === null ? expected : `${meant}?`}${meant === null ? '.' : ''}`
}

/** Of each list, a line of questions needs one. */
const questionFields = [
  ['question', 'problem'],
  ['answer', 'solution'],
]

/** Of each list, a line of the data needs one. */
function fieldsOfData(config: TrainerConfig): string[][] {
  if (config.trainer === 'grpo' || config.trainer === 'best_of_n') return questionFields
  if (config.trainer === 'dpo') return [['prompt'], ['chosen'], ['rejected']]
  const asked = ['prompt', 'question', 'problem']
  return config.trainer === 'pretrain' ? [['text', ...asked]] : [asked, ['solution', 'answer']]
}

/** What stands against a JSONL file, by its first line; the trainer reads the rest. */
function lineProblem(what: string, file: string, directory: string, fields: string[][]): string | null {
  const absolute = path.resolve(directory, file)
  let text: string
  try {
    const start = readStartOf(absolute)
    if (start === null) return `${what} ${file} does not exist; expected a JSONL file.`
    text = start
  } catch (error) {
    return `${what} ${file} cannot be read: ${(error as Error).message}.`
  }
  const line = text.split('\n').find((candidate) => candidate.trim() !== '')
  if (line === undefined) return `${what} ${file} is empty; expected one JSON object a line.`
  let value: unknown
  try {
    checkDepth(line)
    value = JSON.parse(line)
  } catch {
    return `${what} ${file}: its first line is not JSON; expected one JSON object a line.`
  }
  const lacking = fields.find((names) => !names.some((name) => Object.hasOwn(Object(value), name)))
  return lacking === undefined ? null : `${what} ${file}: its first line has no ${lacking.join(' or ')}.`
}

/** The whole lines of a file's beginning; nothing where it cannot be read, which is told elsewhere. */
function textsIn(file: string): string {
  try {
    const text = readStartOf(file, mostTextBytes) ?? ''
    return Buffer.byteLength(text) < mostTextBytes ? text : text.slice(0, text.lastIndexOf('\n') + 1)
  } catch {
    return ''
  }
}

function readStartOf(file: string, most = firstBytes): string | null {
  const opened = openFile(file, 'anywhere')
  if (opened === null) return null
  try {
    const buffer = Buffer.alloc(Math.min(opened.stats.size, most))
    return buffer.toString('utf8', 0, readSync(opened.descriptor, buffer, 0, buffer.length, 0))
  } finally {
    closeSync(opened.descriptor)
  }
}

/** The folder of the model that a LoRA adapter was trained on; null where a folder is no adapter, or does not say. */
function baseOfAdapter(folder: string): string | null {
  const file = path.join(folder, 'adapter_config.json')
  if (!isThere(file) || isThere(path.join(folder, 'config.json'))) return null
  try {
    const text = readWholeFile(file, 'anywhere', mostConfigBytes)!
    checkDepth(text)
    const base: unknown = Object(JSON.parse(text)).base_model_name_or_path
    if (typeof base !== 'string' || base === '') return null
    return [path.resolve(folder, base), path.resolve(base)].find(isThere) ?? path.resolve(folder, base)
  } catch {
    return null
  }
}

/** Where a start model's tokenizer is: an adapter may have none of its own. */
function tokenizerFolder(start: string): string {
  return isThere(path.join(start, 'tokenizer.json')) ? start : (baseOfAdapter(start) ?? start)
}

/** The shape of the model in a folder, or what stands against starting from it. */
function readStart(start: string): ModelConfig | string {
  const folder = baseOfAdapter(start) ?? start
  const file = path.join(folder, 'config.json')
  if (!isThere(folder))
    return `${folder} does not exist; expected a Hugging Face folder with config.json and model.safetensors`
  for (const needed of ['config.json', 'tokenizer.json', 'tokenizer_config.json'])
    if (!isThere(path.join(folder, needed))) return `${folder} has no ${needed}; expected a Hugging Face folder`
  if (!isThere(path.join(folder, 'model.safetensors')) && !isThere(path.join(folder, 'model.safetensors.index.json')))
    return `${folder} has neither model.safetensors nor model.safetensors.index.json`
  try {
    const text = readWholeFile(file, 'anywhere', mostConfigBytes)!
    checkDepth(text)
    return fromHuggingFace(JSON.parse(text) as HuggingFaceConfig, file)
  } catch (error) {
    return error instanceof SyntaxError ? `${file} is not JSON: ${error.message}` : (error as Error).message
  }
}

/** What stands against putting prompts in the chat template of a start model. */
function chatProblem(folder: string | null): string | null {
  if (folder === null) return 'chat_template is true, and a new model has none; expected a start model that has one.'
  if (isThere(path.join(folder, 'chat_template.jinja')) || isThere(path.join(folder, 'chat_template.json'))) return null
  const file = path.join(folder, 'tokenizer_config.json')
  try {
    const text = readWholeFile(file, 'anywhere', mostTextBytes)!
    checkDepth(text)
    if (Object(JSON.parse(text)).chat_template) return null
  } catch (error) {
    return `${file} cannot be read: ${(error as Error).message}.`
  }
  return `chat_template is true, and ${folder} has no chat_template.jinja, nor one in its tokenizer_config.json; expected one of them.`
}

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined
}

/** What a training has to fit: the machine's memory, and what the wasm back end can hold where that serves. */
function memoryOf(environment: Environment, sweep: Sweep): ModelMemory {
  const forced = sweep.train?.env.SWEEPBOARD_BACKEND ?? environment.SWEEPBOARD_BACKEND ?? ''
  const isNative = forced === '' ? ['tfjs-node-gpu', 'tfjs-node'].some(isInstalled) : forced.startsWith('tfjs-node')
  const isWasm = forced === '' || forced.endsWith('wasm')
  const machine = { bytes: totalmem(), words: 'this machine has', machine: totalmem(), takenOver: isNative }
  return !isNative && isWasm && wasmMemory < machine.bytes
    ? { ...machine, bytes: wasmMemory, words: 'the wasm back end holds', laidOutAgain: forced !== 'stock-wasm' }
    : machine
}

const require = createRequire(import.meta.url)

function isInstalled(name: string): boolean {
  try {
    require.resolve(`@tensorflow/${name}`)
    return true
  } catch {
    return false
  }
}
