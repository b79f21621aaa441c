import { readWholeNumber } from './field-values.ts'
import { placeholdersOf } from '../../../domain/sweep/placeholders.ts'
import type { SweepForm } from './sweep-form.ts'
import { expandedValues } from './plan-of-form.ts'

export type CommandPart = { text: string; unknown: boolean }

/** The first training's arguments in parts, each placeholder replaced as it will be; one without a value stays as it is. */
export function firstCommandOf(form: SweepForm): CommandPart[][] {
  const slots = Array.from({ length: Math.min(64, readWholeNumber(form.train.gpus) ?? 1) }, (_, slot) => slot)
  const values = new Map([
    ['run', '1'],
    ['gpu', slots.join(',')],
  ])
  for (const row of form.axes) {
    const expanded = expandedValues(row)
    if (expanded.length === 0) continue
    // a training runs to its last milestone
    values.set(row.name.trim(), row.kind === 'milestones' ? expanded.at(-1)! : expanded[0]!)
    if (row.kind === 'milestones') values.set(`${row.name.trim()}.last`, expanded.at(-1)!)
  }
  if (form.init !== '')
    values.set(
      'init',
      replaced(form.init, values)
        .map((part) => part.text)
        .join(''),
    )
  return form.train.command.map((argument) => replaced(argument, values))
}

function replaced(template: string, values: Map<string, string>): CommandPart[] {
  const parts: CommandPart[] = []
  let from = 0
  for (const { name, start, end } of placeholdersOf(template)) {
    const value = values.get(name)
    parts.push({ text: template.slice(from, start), unknown: false })
    parts.push({ text: value ?? template.slice(start, end), unknown: value === undefined })
    from = end
  }
  parts.push({ text: template.slice(from), unknown: false })
  return parts.filter((part) => part.text !== '')
}
