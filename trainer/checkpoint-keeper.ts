/** Saves a run's checkpoints, tells of them, and takes old in-between ones away where the run asked for that. */
import { rmSync } from 'node:fs'
import path from 'node:path'
import { type TrainerState, writeCheckpoint } from './checkpoint.ts'
import type { Qwen2 } from './model/qwen2.ts'
import type { AdamW } from './optimizer.ts'
import type { Reporter } from './report.ts'
import type { Tokenizer } from './tokenizer.ts'

export class CheckpointKeeper {
  private readonly folder: string
  private readonly report: Reporter
  private readonly keepLast: number
  /** Steps of in-between checkpoints that still stand, oldest first. */
  private inBetween: number[] = []

  /** `keepLast` 0 keeps all. Only checkpoints of this attempt are ever removed. */
  constructor(folder: string, report: Reporter, keepLast: number) {
    this.folder = folder
    this.report = report
    this.keepLast = keepLast
  }

  /** Saves `checkpoints/step-N`; a milestone is never removed. */
  save(given: { model: Qwen2; optimizer: AdamW; tokenizer: Tokenizer; milestone: boolean; state: TrainerState }): void {
    const { model, optimizer, tokenizer, milestone, state } = given
    const name = `step-${state.step}`
    writeCheckpoint(path.join(this.folder, name), model, optimizer, tokenizer, state)
    const epoch = state.epoch === null ? {} : { epoch: Number(state.epoch.toFixed(6)) }
    this.report.event({ type: 'checkpoint', step: state.step, ...epoch, path: `checkpoints/${name}` })
    if (milestone || this.keepLast === 0) return
    this.inBetween.push(state.step)
    while (this.inBetween.length > this.keepLast) {
      const old = this.inBetween.shift()!
      this.report.note('info', `checkpoints/step-${old} removed: keep_last is ${this.keepLast}`)
      rmSync(path.join(this.folder, `step-${old}`), { recursive: true, force: true })
    }
  }
}
