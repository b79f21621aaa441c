/** What a try says in its `events.jsonl`, read as it is written and kept by nobody else. */
import { closeSync, readSync } from 'node:fs'
import type { EvaluationEvent } from '../../../contract/trainer.ts'
import { openFile, UnreadableFile } from '../../attempt-files/open-file.ts'
import { parseEvents } from '../../formats/parse-events.ts'

/** What is read at a look; the rest is for the next one. */
const mostBytes = 1 << 18
const mostMetrics = 8
const mostEvaluations = 200

export type Heard = {
  /** The newest value of each metric, the first few names. */
  metrics: { name: string; step: number; value: number }[]
  /** The path of the first checkpoint, as it was said. */
  checkpoint: string | null
  evaluations: EvaluationEvent[]
}

/** Follows a file of the attempt's folder. `look` reads what is new, and says whether there is more. Never throws for what is in it. */
export function followEvents(file: string, folder: string): { heard: Heard; look: () => boolean } {
  const heard: Heard = { metrics: [], checkpoint: null, evaluations: [] }
  let offset = 0

  function take(buffer: Buffer): void {
    const { metrics, others } = parseEvents(buffer, buffer.length, 1)
    for (const { step, values } of metrics) {
      for (const [name, value] of Object.entries(values)) {
        const known = heard.metrics.find((metric) => metric.name === name)
        if (known !== undefined) Object.assign(known, { step, value })
        else if (heard.metrics.length < mostMetrics) heard.metrics.push({ name, step, value })
      }
    }
    for (const { event } of others) {
      if (event.type === 'checkpoint') heard.checkpoint ??= event.path
      if (event.type === 'evaluation' && heard.evaluations.length < mostEvaluations) heard.evaluations.push(event)
    }
  }

  return {
    heard,
    look() {
      let opened
      try {
        opened = openFile(file, [folder])
      } catch (error) {
        if (error instanceof UnreadableFile) return false
        throw error
      }
      if (opened === null) return false
      try {
        const buffer = Buffer.alloc(Math.min(mostBytes, Math.max(0, opened.stats.size - offset)))
        const read = readSync(opened.descriptor, buffer, 0, buffer.length, offset)
        const end = buffer.lastIndexOf(10, read - 1) + 1
        // of a line that is longer than a look nothing is read
        offset += end === 0 && read === mostBytes ? read : end
        if (end > 0) take(buffer.subarray(0, end))
        return read === mostBytes
      } finally {
        closeSync(opened.descriptor)
      }
    },
  }
}
