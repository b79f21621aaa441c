import type { Sweep } from '../../../domain/sweep/sweep.ts'
import type { DraftStart } from './_from/marked-changes.ts'
import { emptyForm, type SweepForm } from './sweep-form.ts'

/**
 * What the sweep goes on from: `init` as it was filled in, and the sweep that the checkpoint came from, or of a run of its own what
 * nobody recorded. `round` null: it is none.
 */
export type DraftRound = {
  name: string
  init: string
  round: number | null
  runId: number
  before: Sweep | null
  unknown?: string[]
}

/** The sweep that this one extends, as it was. */
export type DraftExtended = { id: number; name: string; before: Sweep }

/** What is kept of an unfinished sweep on this computer. */
export type Draft = {
  form: SweepForm
  directory: string
  paused: boolean
  round: DraftRound | null
  extended: DraftExtended | null
  /** The starting point that it was filled in from, with what is to be changed of it. */
  start: DraftStart | null
  how: HowToStart
}

/**
 * What becomes of what earlier sweeps did. `afresh`: nothing of it is reused; `continue`: shorter trainings are gone on from although
 * that is not known to be the same; `overwrite`: its checkpoints may be written over.
 */
export type HowToStart = { afresh: boolean; continue: boolean; overwrite: boolean }

const key = 'sweepboard.new-sweep.draft'
export const usualHow: HowToStart = { afresh: false, continue: false, overwrite: false }
export const emptyDraft: Draft = {
  form: emptyForm,
  directory: '',
  paused: false,
  round: null,
  extended: null,
  start: null,
  how: usualHow,
}

/** The draft kept in this browser, or an empty one; what an older version kept and this one cannot read is left out. */
export function loadDraft(): Draft {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as Draft | null
    if (kept === null || typeof kept.form !== 'object') return emptyDraft
    const form = {
      ...emptyForm,
      ...kept.form,
      train: { ...emptyForm.train, ...kept.form.train },
      evaluate: { ...emptyForm.evaluate, ...kept.form.evaluate },
    }
    const { command, reportFiles, metrics } = form.evaluate
    const lists = [form.axes, form.config, form.benchmarks, form.train.command, command, reportFiles, metrics]
    // an older version wrote that there is none so
    if (form.baselineReport === '') form.baselineReport = null
    return lists.every(Array.isArray) ? { ...emptyDraft, ...kept, form, how: { ...usualHow, ...kept.how } } : emptyDraft
  } catch {
    return emptyDraft
  }
}

/** Keeps the draft; a browser that keeps nothing (private, full) is no reason to fail. */
export function saveDraft(draft: Draft): void {
  try {
    if (isEmpty(draft)) localStorage.removeItem(key)
    else localStorage.setItem(key, JSON.stringify(draft))
  } catch {
    // nothing is lost but the draft
  }
}

export function isEmpty(draft: Draft): boolean {
  return JSON.stringify(draft) === JSON.stringify(emptyDraft)
}
