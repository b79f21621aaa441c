/** When trainings are given up before their end, as the form has it: texts as they were typed. */
import type { Goal, StopEarly, StopMethod } from '../../../../domain/sweep/stop-early.ts'
import type { SweepInput } from '../../../../domain/sweep/sweep.ts'

/** `method: ''`: none is given up. What belongs to another method is kept while it is not chosen, and not written. */
export type StopEarlyForm = {
  method: '' | StopMethod
  keep: string
  min: string
  factor: string
  metric: string
  goal: '' | Goal
  hold: '' | 'yes' | 'no'
}

export const emptyStopEarly: StopEarlyForm = {
  method: '',
  keep: '',
  min: '',
  factor: '',
  metric: '',
  goal: '',
  hold: '',
}

export function formOfStopEarly(settings: StopEarly | undefined): StopEarlyForm {
  if (settings === undefined) return emptyStopEarly
  const { method, keep, min, factor, metric = '', goal = '', hold } = settings
  const text = (value: number | undefined) => (value === undefined ? '' : String(value))
  return {
    method,
    keep: text(keep),
    min: text(min),
    factor: text(factor),
    metric,
    goal,
    hold: hold === undefined ? '' : hold ? 'yes' : 'no',
  }
}

/** What a file would say; whether its numbers make sense is for the schema. */
export function stopEarlyOfForm(form: StopEarlyForm): SweepInput['stop_early'] {
  const { method } = form
  if (method === '') return undefined
  const number = (text: string) => (text.trim() === '' ? undefined : Number(text))
  const fields = {
    method,
    keep: method === 'milestones' ? number(form.keep) : undefined,
    min: number(form.min),
    factor: method === 'asha' ? number(form.factor) : undefined,
    metric: form.metric.trim() || undefined,
    goal: form.metric.trim() === '' ? undefined : form.goal || undefined,
    hold: method === 'milestones' && form.hold !== '' ? form.hold === 'yes' : undefined,
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as typeof fields
}
