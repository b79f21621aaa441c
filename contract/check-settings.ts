/**
 * What is wrong with the settings of a built-in trainer: the key, the value and what was expected, one sentence each; and the settings
 * with their defaults where nothing is.
 */
import type { z } from 'zod'
import { rewardParts, rewardRulesSchema, schemas, solutionStyles, type TrainerConfig } from './trainer-settings.ts'

/** One thing wrong with settings: the keys that lead to it, and a sentence without its full stop that quotes the value. */
export type SettingFault = {
  path: (string | number)[]
  message: string
  /** For a key that is none: those that are, where it stands. */
  known?: string[]
}

function valueAt(source: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], source)
}

/** The keys that a part may have, by the path that leads to it. */
const keysOfParts: Record<string, string[]> = {
  reward: Object.keys(rewardRulesSchema.shape),
  'reward.length': Object.keys(rewardRulesSchema.shape.length.unwrap().shape),
  'reward.language': Object.keys(rewardRulesSchema.shape.language.unwrap().shape),
  overlong: Object.keys(schemas.grpo.shape.overlong.unwrap().shape),
  pass_rate: ['minimum', 'maximum', 'samples'],
  solutions: [...solutionStyles],
  reward_weights: [...rewardParts],
}

function faultsOf(name: string, known: string[], issue: z.core.$ZodIssue, source: unknown): SettingFault[] {
  const path = issue.path as (string | number)[]
  const unknown = (at: (string | number)[], keys: string[], key: string): SettingFault => ({
    path: [...at, key],
    message: `${[...at, key].join('.')} is no ${at.length === 0 ? `setting of ${name}` : `part of ${at.join('.')}`}; expected one of ${keys.join(', ')}`,
    known: keys,
  })
  if (issue.code === 'unrecognized_keys') {
    const keys = path.length === 0 ? known : (keysOfParts[path.join('.')] ?? [])
    return issue.keys.map((key) => unknown(path, keys, key))
  }
  const parent = path.slice(0, -1)
  const siblings = keysOfParts[parent.join('.')]
  if (issue.code === 'invalid_key' && siblings !== undefined) return [unknown(parent, siblings, String(path.at(-1)))]
  const value = valueAt(source, path)
  const given = value === undefined ? 'is missing' : `is ${shown(value)}`
  return [{ path, message: `${path.join('.')} ${given}; expected ${issue.message}` }]
}

/** A value in a message: JSON has no word for some numbers. */
function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}

/** What takes more than one setting to see. */
function crossFaults(config: TrainerConfig): SettingFault[] {
  const faults: SettingFault[] = []
  const fault = (path: string[], expected: string) =>
    faults.push({ path, message: `${path.join('.')} is ${shown(valueAt(config, path))}; expected ${expected}` })
  const { width, heads, key_value_heads: keyValueHeads, maximum_new_tokens: longest } = config
  if (width % heads !== 0 || (width / heads) % 2 !== 0)
    fault(['heads'], `a number that divides width (${width}) into even parts`)
  if (keyValueHeads !== undefined && heads % keyValueHeads !== 0)
    fault(['key_value_heads'], `a number that divides heads (${heads})`)
  if (config.trainer === 'grpo') {
    const samples = config.prompts_per_step * config.samples_per_prompt
    if (config.minibatches > samples)
      fault(['minibatches'], `at most prompts_per_step × samples_per_prompt (${samples})`)
    if (config.pass_rate !== undefined && config.prompt_order === 'with_replacement' && config.data === undefined)
      fault(['prompt_order'], 'passes with pass_rate: prompts of the task that are drawn anew cannot be tried before')
    if (config.reference_update_steps > 0 && config.kl_coefficient === 0)
      fault(['reference_update_steps'], '0 where kl_coefficient is 0: nothing is measured from the reference')
    if (config.reference_update_steps > 0 && config.lora_rank > 0)
      fault(
        ['reference_update_steps'],
        '0 with lora_rank: the reference is the model without its adapter, which stays as it is',
      )
  }
  if ('overlong' in config && config.overlong !== undefined && config.overlong.buffer > longest)
    fault(['overlong', 'buffer'], `at most maximum_new_tokens (${longest})`)
  return faults
}

/** Checks the settings of a built-in trainer and fills in defaults: the config, or all that is wrong with it. */
export function checkConfig(source: Record<string, unknown>): { config: TrainerConfig | null; faults: SettingFault[] } {
  const name = source.trainer
  if (typeof name !== 'string' || !Object.hasOwn(schemas, name)) {
    const message = `trainer is ${JSON.stringify(name)}; expected one of ${Object.keys(schemas).join(', ')}`
    return { config: null, faults: [{ path: ['trainer'], message }] }
  }
  const schema = schemas[name as keyof typeof schemas]
  const result = schema.safeParse(source)
  if (!result.success) {
    const known = Object.keys(schema.shape).filter((key) => key !== 'trainer')
    const faults = result.error.issues.flatMap((issue) => faultsOf(name, known, issue, source))
    // what is wrong inside a part says enough of the part
    const isInside = (inner: SettingFault, outer: SettingFault) =>
      inner.path.length > outer.path.length && outer.path.every((key, index) => inner.path[index] === key)
    return { config: null, faults: faults.filter((fault) => !faults.some((other) => isInside(other, fault))) }
  }
  const faults = crossFaults(result.data)
  return { config: faults.length === 0 ? result.data : null, faults }
}

/**
 * Checks `config` and fills in defaults.
 * @throws one sentence a fault: the key, the value and what was expected
 */
export function readTrainerConfig(source: Record<string, unknown>): TrainerConfig {
  const { config, faults } = checkConfig(source)
  if (config === null) throw new Error(faults.map(({ message }) => `config.${message}`).join('. '))
  return config
}
