/** Saves a run's checkpoints, tells of them, and takes in-between ones away where the run asked for that. */
import { rmSync } from 'node:fs'
import path from 'node:path'
import { type TrainerState, writeCheckpoint } from './checkpoint.ts'
import type { Qwen2 } from './model/qwen2.ts'
import type { AdamW } from './optimizer.ts'
import type { Reporter } from './report.ts'
import type { Tokenizer } from './tokenizer.ts'

/** How many in-between checkpoints stay: the newest and the best so many; both 0 keep all. */
export type KeepRules = { last: number; best: number }

/** Of the checkpoints, in the order they were saved, those that the rules let go. A lower figure is better. */
export function surplus<Checkpoint extends { figure: number }>(saved: Checkpoint[], rules: KeepRules): Checkpoint[] {
  if (rules.last === 0 && rules.best === 0) return []
  const best = saved.toSorted((a, b) => a.figure - b.figure).slice(0, rules.best)
  const last = rules.last === 0 ? [] : saved.slice(-rules.last)
  return saved.filter((checkpoint) => !best.includes(checkpoint) && !last.includes(checkpoint))
}

export class CheckpointKeeper {
  private readonly folder: string
  private readonly report: Reporter
  private readonly rules: KeepRules
  /** In-between checkpoints that still stand, oldest first. */
  private inBetween: { step: number; figure: number }[] = []
  private figures: number[] = []

  /** Only in-between checkpoints of this attempt are ever removed. */
  constructor(folder: string, report: Reporter, rules: KeepRules) {
    this.folder = folder
    this.report = report
    this.rules = rules
  }

  /** Takes in a step's loss (or its reward, negative): a checkpoint's figure is their mean since the one before. */
  observe(figure: number): void {
    this.figures.push(figure)
  }

  /** Saves `checkpoints/step-N`; a milestone is never removed. */
  save(given: {
    model: Qwen2
    optimizer: AdamW
    tokenizer: Tokenizer
    milestone: boolean
    state: TrainerState
    /** The model that a divergence is measured from, where it moves. */
    reference: Qwen2 | null
  }): void {
    const { model, optimizer, tokenizer, milestone, state, reference } = given
    const name = `step-${state.step}`
    writeCheckpoint(path.join(this.folder, name), model, optimizer, tokenizer, state, reference)
    const epoch = state.epoch === null ? {} : { epoch: Number(state.epoch.toFixed(6)) }
    this.report.event({ type: 'checkpoint', step: state.step, ...epoch, path: `checkpoints/${name}` })
    const figure = this.figures.reduce((sum, value) => sum + value, 0) / Math.max(1, this.figures.length)
    this.figures = []
    if (milestone) return
    this.inBetween.push({ step: state.step, figure })
    for (const old of surplus(this.inBetween, this.rules)) {
      this.inBetween = this.inBetween.filter((checkpoint) => checkpoint !== old)
      const { last, best } = this.rules
      this.report.note('info', `checkpoints/step-${old.step} removed: keep_last is ${last}, keep_best ${best}`)
      rmSync(path.join(this.folder, `step-${old.step}`), { recursive: true, force: true })
    }
  }
}
