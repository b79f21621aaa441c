/** What is to be changed of a form that was filled in from a starting point, and what of that still stands as it was. */
import type { ToChange } from '../../../../contract/api/starting-points.ts'
import { sweepOfForm } from '../read-sweep-form.ts'
import type { SweepForm } from '../sweep-form.ts'

/** A mark at a field: `was` is what stood there, as JSON. */
export type MarkedChange = ToChange & { was: string }
/** Where a draft began. */
export type DraftStart = { title: string; changes: MarkedChange[] }

/** The marks of a form as it was just filled in. */
export function markedChanges(form: SweepForm, directory: string, changes: readonly ToChange[]): MarkedChange[] {
  return changes.map((change) => ({ ...change, was: textAt(form, directory, change.field) }))
}

/** The marks whose field holds what it held: whatever was typed there takes one away, and typed back it stands again. */
export function changesLeft(start: DraftStart | null, form: SweepForm, directory: string): MarkedChange[] {
  return (start?.changes ?? []).filter(({ field, was }) => textAt(form, directory, field) === was)
}

function textAt(form: SweepForm, directory: string, field: string): string {
  if (field === 'directory') return JSON.stringify(directory)
  let value: unknown = sweepOfForm(form).input
  for (const key of field.split('/'))
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<string, unknown>)[key]
        : undefined
  return JSON.stringify(value) ?? ''
}
