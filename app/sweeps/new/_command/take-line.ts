/** A pasted command line in the form: its words, its variables, its folder. */
import type { ShellLine, ShellRemark } from '../../../../domain/sweep/commands/shell-line.ts'
import type { SweepForm } from '../sweep-form.ts'

/** What the line says of the form: `form` with it, the folder that it goes to, and what else a person should know of it. */
export type TakenLine = { form: SweepForm; directory: string | null; remarks: ShellRemark[] }

/** Puts a line that was taken apart into the form. The GPUs that it names are how many it asks for: which they are, a run is told. */
export function takeLine(
  form: SweepForm,
  of: 'train' | 'evaluate',
  line: ShellLine,
  folder: { given: string; server: string | null },
): TakenLine {
  const remarks = [...line.remarks]
  const before = form[of]
  let { gpus } = before
  const kept = line.environment.filter((variable) => {
    const devices = /^CUDA_VISIBLE_DEVICES=(.*)$/.exec(variable)?.[1]
    if (devices === undefined) return true
    const count = devices.split(',').filter((id) => id.trim() !== '').length
    if (count > 0) gpus = String(count)
    remarks.push({
      text: variable,
      kind: 'left out',
      message: `Each run is told which GPUs it holds; ${count === 0 ? 'none were named' : `${count} for each are asked for`}`,
    })
    return false
  })
  const names = new Set(kept.map(nameOf))
  const environment = [...before.environment.filter((variable) => !names.has(nameOf(variable))), ...kept]
  const process = { ...before, command: line.words, environment, gpus }
  return {
    form: of === 'train' ? { ...form, train: process } : { ...form, evaluate: { ...form.evaluate, ...process } },
    directory: line.directory === null ? null : folderOf(line.directory, folder),
    remarks,
  }
}

function nameOf(variable: string): string {
  return variable.slice(0, variable.indexOf('='))
}

function folderOf(to: string, { given, server }: { given: string; server: string | null }): string {
  if (to.startsWith('/')) return to
  const from = given || server || ''
  return from === '' ? to : `${from.replace(/\/$/, '')}/${to}`
}
