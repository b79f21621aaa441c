import { readWholeNumber } from '../field-values.ts'
import { placeholdersOf } from '../../../../domain/sweep/commands/placeholders.ts'
import type { SweepForm } from '../sweep-form.ts'
import { namesAbsent, withoutAbsent } from '../../../../domain/sweep/commands/commands.ts'
import { onlyThere } from '../../../../domain/sweep/conditions.ts'
import { conditionsOfForm, expandedValues } from '../_plan/plan-of-form.ts'

export type CommandPart = { text: string; unknown: boolean }

/** Placeholders whose values only a run has: they stand as they are, and are not unknown. */
const ofTheRun = ['checkpoint', 'report', 'questions']

/** The first training's, or evaluation's, arguments in parts, each placeholder replaced as it will be; one without a value stays as it is. */
export function firstCommandOf(form: SweepForm, of: 'train' | 'evaluate'): CommandPart[][] {
  const { values, absent } = firstValues(form, of)
  return withoutAbsent(form[of].command, absent).map((argument) => replaced(argument, values))
}

/** Its own variables, NAME=value each, in the same way. */
export function firstEnvironmentOf(form: SweepForm, of: 'train' | 'evaluate'): CommandPart[][] {
  const { values, absent } = firstValues(form, of)
  return form[of].environment
    .filter((variable) => !namesAbsent(variable, absent))
    .map((variable) => replaced(variable, values))
}

/** The quote that a word needs around it in a shell: none, or one. */
export function quotesFor(parts: readonly CommandPart[]): '' | "'" {
  const text = parts.map((part) => part.text).join('')
  return /^[\w@%+=:,./-]+$/.test(text) || parts.some(({ unknown }) => unknown) ? '' : "'"
}

/** `absent`: axes that the first training does not have. */
function firstValues(form: SweepForm, of: 'train' | 'evaluate'): { values: Map<string, string>; absent: string[] } {
  const slots = Array.from({ length: Math.min(64, readWholeNumber(form[of].gpus) ?? 1) }, (_, slot) => slot)
  const values = new Map([
    ['run', '1'],
    ['gpu', slots.join(',')],
  ])
  for (const row of form.axes) {
    const expanded = expandedValues(row)
    if (expanded.length === 0) continue
    // a training runs to its last milestone
    const scored = of === 'evaluate' ? expanded[0]! : expanded.at(-1)!
    values.set(row.name.trim(), row.kind === 'milestones' ? scored : expanded[0]!)
    if (row.kind === 'milestones') values.set(`${row.name.trim()}.last`, expanded.at(-1)!)
  }
  const names = form.axes.map(({ name }) => name.trim())
  const there = onlyThere(conditionsOfForm(form), names, Object.fromEntries(values))
  const absent = names.filter((name) => values.has(name) && !Object.hasOwn(there, name))
  // in a path it leaves nothing
  for (const name of absent) values.set(name, '')
  if (form.init !== '')
    values.set(
      'init',
      replaced(form.init, values)
        .map((part) => part.text)
        .join(''),
    )
  const checkpoint = replaced(form.checkpoint, values)
  if (form.checkpoint !== '' && checkpoint.every(({ unknown }) => !unknown))
    values.set('checkpoint', checkpoint.map(({ text }) => text).join(''))
  return { values, absent }
}

function replaced(template: string, values: Map<string, string>): CommandPart[] {
  const parts: CommandPart[] = []
  let from = 0
  for (const { name, start, end } of placeholdersOf(template)) {
    const value = values.get(name)
    parts.push({ text: template.slice(from, start), unknown: false })
    parts.push({ text: value ?? template.slice(start, end), unknown: value === undefined && !ofTheRun.includes(name) })
    from = end
  }
  parts.push({ text: template.slice(from), unknown: false })
  return parts.filter((part) => part.text !== '')
}
