/** Lines of an attempt's system.jsonl, as its wrapper's side wrote them, to rows by second. */
import type { MetricRow } from '../../db/series/index.ts'

const knownName = /^system\/(attempt|machine|gpu\.\d{1,3})\/[a-z_]{1,60}$/
/** Eight figures of each of 64 GPUs. */
const mostValues = 512
/** The year 5138: what is later, or before 1970, is no time of a sample. */
const latestSeconds = 1e11

/** Whole samples among the lines; whatever else stands there (a torn line, a name of somebody else's) is left out. */
export function parseSystemSamples(text: string): MetricRow[] {
  return text.split('\n').flatMap((line) => {
    try {
      const { time, values } = JSON.parse(line) as { time?: unknown; values?: unknown }
      if (typeof time !== 'number' || !(time >= 0 && time < latestSeconds)) return []
      const known = Object.entries(values as object)
        .filter(([name, value]) => knownName.test(name) && Number.isFinite(value))
        .slice(0, mostValues)
      return known.length === 0 ? [] : [{ step: Math.floor(time), time, values: Object.fromEntries(known) }]
    } catch {
      return []
    }
  })
}
