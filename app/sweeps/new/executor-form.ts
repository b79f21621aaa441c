/** Where a sweep's jobs run, as the form has it. */
import type { ExecutorSettings } from '../../../domain/sweep/executor.ts'
import type { SweepInput } from '../../../domain/sweep/sweep.ts'
import { readWholeNumber } from './field-values.ts'

/** `on: ''`: the form says nothing of it. The fields of a cluster are kept while another place is chosen. */
export type ExecutorForm = {
  on: '' | 'local' | 'slurm'
  partition: string
  account: string
  qos: string
  time: string
  gpusPerNode: string
  options: string[]
}

export const emptyExecutor: ExecutorForm = {
  on: '',
  partition: '',
  account: '',
  qos: '',
  time: '',
  gpusPerNode: '',
  options: [],
}

export function formOfExecutor(executor: ExecutorSettings | undefined): ExecutorForm {
  if (executor === undefined) return emptyExecutor
  if (executor === 'local') return { ...emptyExecutor, on: 'local' }
  const { partition = '', account = '', qos = '', time = '', gpus_per_node, options = [] } = executor.slurm
  const gpusPerNode = gpus_per_node === undefined ? '' : String(gpus_per_node)
  return { on: 'slurm', partition, account, qos, time, gpusPerNode, options }
}

/** What a file would say; whether its texts make sense is for the schema. */
export function executorOfForm(form: ExecutorForm): SweepInput['executor'] {
  if (form.on === '') return undefined
  if (form.on === 'local') return 'local'
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
