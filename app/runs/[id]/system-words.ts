/** How system metrics are told and grouped. Their names: server/executors/local/sample.awk. */
import type { SeriesView } from '../../../contract/api/runs.ts'

const titles: Record<string, string> = {
  cpu_percent: 'CPU, %',
  memory_gb: 'Memory, GB',
  memory_percent: 'Memory, %',
  disk_percent: 'Disk used, %',
  disk_read_mb_per_second: 'Read from disk, MB/s',
  disk_written_mb_per_second: 'Written to disk, MB/s',
  network_received_mb_per_second: 'Network received, MB/s',
  network_sent_mb_per_second: 'Network sent, MB/s',
  use_percent: 'Use, %',
  temperature_celsius: 'Temperature, °C',
  power_watts: 'Power, W',
}

export type SystemGroup = { key: string; title: string; note: string; series: SeriesView[] }

/** `attempt/cpu_percent` as a person says it: `CPU, %`. */
export function systemTitle(metric: string): string {
  const name = metric.slice(metric.indexOf('/') + 1)
  return Object.hasOwn(titles, name) ? titles[name]! : name
}

/** The attempt's own first, then each GPU by number, then the machine. */
export function systemGroups(series: readonly SeriesView[]): SystemGroup[] {
  const groups = Map.groupBy(series, ({ metric }) => metric.slice(0, metric.indexOf('/')))
  const place = (key: string) => (key === 'attempt' ? -1 : key === 'machine' ? Infinity : Number(key.slice(4)))
  return [...groups]
    .toSorted(([one], [other]) => place(one) - place(other))
    .map(([key, own]) => ({ key, ...wordsOf(key), series: own }))
}

function wordsOf(key: string): { title: string; note: string } {
  if (key === 'attempt')
    return { title: 'Its own processes', note: '100 % CPU is one core; memory that processes share counts for each' }
  if (key === 'machine') return { title: 'The whole machine', note: 'whoever uses it; 100 % CPU is all of its cores' }
  return { title: `GPU ${key.slice(4)}`, note: 'whoever uses it' }
}
