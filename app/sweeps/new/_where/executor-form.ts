/** Where a sweep's jobs run, as the form has it. */
import type { ExecutorSettings } from '../../../../domain/sweep/executor.ts'
import type { SweepInput } from '../../../../domain/sweep/sweep.ts'
import { readWholeNumber } from '../field-values.ts'

/** `on: ''`: the form says nothing of it. The fields of a cluster are kept while another place is chosen. */
export type ExecutorForm = {
  on: '' | 'local' | 'agents' | 'slurm' | 'ray'
  partition: string
  account: string
  qos: string
  time: string
  gpusPerNode: string
  options: string[]
  address: string
  rayGpus: string
  cpus: string
  workingDirectory: string
  /** As JSON. */
  rayOptions: string
}

export const emptyExecutor: ExecutorForm = {
  on: '',
  partition: '',
  account: '',
  qos: '',
  time: '',
  gpusPerNode: '',
  options: [],
  address: '',
  rayGpus: '',
  cpus: '',
  workingDirectory: '',
  rayOptions: '',
}

export function formOfExecutor(executor: ExecutorSettings | undefined): ExecutorForm {
  if (executor === undefined) return emptyExecutor
  if (typeof executor === 'string') return { ...emptyExecutor, on: executor }
  if ('ray' in executor) {
    const { address, gpus, cpus, working_directory: workingDirectory = '', options: more } = executor.ray
    const rayOptions = more === undefined ? '' : JSON.stringify(more)
    return { ...emptyExecutor, on: 'ray', address, rayGpus: text(gpus), cpus: text(cpus), workingDirectory, rayOptions }
  }
  const { partition = '', account = '', qos = '', time = '', gpus_per_node, options = [] } = executor.slurm
  const gpusPerNode = gpus_per_node === undefined ? '' : String(gpus_per_node)
  return { ...emptyExecutor, on: 'slurm', partition, account, qos, time, gpusPerNode, options }
}

const text = (value: number | undefined) => (value === undefined ? '' : String(value))

/** Whether a cluster, or an agent, runs what is so chosen: its slots are GPUs, and none of those that are given out here. */
export function isAway({ on }: ExecutorForm): boolean {
  return on === 'slurm' || on === 'ray' || on === 'agents'
}

/** What a file would say; whether its texts make sense is for the schema. */
export function executorOfForm(form: ExecutorForm): SweepInput['executor'] {
  if (form.on === '') return undefined
  if (form.on === 'local' || form.on === 'agents') return form.on
  if (form.on === 'ray') return rayOfForm(form)
  const perNode = form.gpusPerNode.trim()
  const fields = {
    partition: form.partition.trim() || undefined,
    account: form.account.trim() || undefined,
    qos: form.qos.trim() || undefined,
    time: form.time.trim() || undefined,
    // what is no number is told by the schema, with the text that stands there
    gpus_per_node: perNode === '' ? undefined : (readWholeNumber(perNode) ?? Number.NaN),
    options: form.options.length > 0 ? form.options : undefined,
  }
  return { slurm: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) }
}

function rayOfForm(form: ExecutorForm): SweepInput['executor'] {
  const fields = {
    address: form.address.trim(),
    gpus: numberOf(form.rayGpus),
    cpus: numberOf(form.cpus),
    working_directory: form.workingDirectory.trim() || undefined,
    options: optionsOf(form.rayOptions),
  }
  // as above: what is no number, or no object, is told by the schema
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  return { ray: given as { address: string } }
}

function numberOf(typed: string): number | undefined {
  return typed.trim() === '' ? undefined : Number(typed.trim())
}

function optionsOf(typed: string): unknown {
  if (typed.trim() === '') return undefined
  try {
    return JSON.parse(typed)
  } catch {
    return typed
  }
}
