/** The points of one run of MLflow's: each once, those of one step and time in one event. */
import type { TrainerEvent } from '../../../contract/trainer.ts'
import { emptyValues } from '../../formats/plain-values.ts'

/** Events that are given at once. */
const together = 1000

export class MlflowPoints {
  private readonly names: string[] = []
  private readonly numbers = new Map<string, number>()
  // columns: a run may have millions of points
  private readonly name: number[] = []
  private readonly time: number[] = []
  private readonly step: number[] = []
  private readonly value: number[] = []

  /** `time`: milliseconds. */
  add(name: string, { time, step, value }: { time: number; step: number; value: number }): void {
    let number = this.numbers.get(name)
    if (number === undefined) {
      number = this.names.push(name) - 1
      this.numbers.set(name, number)
    }
    this.name.push(number)
    this.time.push(time)
    this.step.push(step)
    this.value.push(value)
  }

  /** The highest step that was logged until then, 0 where none was. */
  stepAt(time: number): number {
    let most = 0
    for (let at = 0; at < this.step.length; at++) if (this.time[at]! <= time) most = Math.max(most, this.step[at]!)
    return most
  }

  /** In the order in which they were logged, some at a time. */
  *events(): Generator<TrainerEvent[]> {
    const { time, step } = this
    const order = Uint32Array.from(step.keys()).sort((a, b) => time[a]! - time[b]! || step[a]! - step[b]! || a - b)
    let events: TrainerEvent[] = []
    for (let from = 0; from < order.length;) {
      const first = order[from]!
      let to = from + 1
      while (to < order.length && time[order[to]!] === time[first] && step[order[to]!] === step[first]) to++
      for (const values of this.valuesOf(order.subarray(from, to)))
        events.push({ type: 'metrics', step: step[first]!, time: time[first]! / 1000, values })
      if (events.length >= together) {
        yield events
        events = []
      }
      from = to
    }
    if (events.length > 0) yield events
  }

  /** Another value of a name at the same step and time stands in values of its own. */
  private valuesOf(points: Uint32Array): Record<string, number>[] {
    const all = [emptyValues()]
    for (const point of points) {
      const name = this.names[this.name[point]!]!
      const value = this.value[point]!
      for (let at = 0; ; at++) {
        const values = (all[at] ??= emptyValues())
        if (name in values && !Object.is(values[name], value)) continue
        values[name] = value
        break
      }
    }
    return all
  }
}
