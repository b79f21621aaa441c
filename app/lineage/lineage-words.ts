/** Short words for the lineage's boxes and lines. */
import { differenceWords } from '../../domain/sweep/settings/definition-differences.ts'
import type { LineageNode, LineageRunView, LineageGraph } from '../../contract/api/lineage.ts'
import { clientTitles } from '../../domain/sweep/track.ts'
import type { RunHome } from '../../contract/api/runs.ts'
import type { JobStatus } from '../../domain/life/run-status.ts'
import { formatCount } from '../_words/format.ts'

const trainerNames: Record<LineageRunView['trainer'], string> = {
  sft: 'SFT',
  grpo: 'GRPO',
  dpo: 'DPO',
  best_of_n: 'best of n',
  pretrain: 'pretraining',
  command: 'training',
  import: 'import',
  ...clientTitles,
}

export function trainerName(trainer: LineageRunView['trainer']): string {
  return trainerNames[trainer]
}

/** `step 120`, `epoch 3`, else `checkpoint`. */
export function placeOfCheckpoint({ step, epoch }: { step?: number | null; epoch?: number | null }): string {
  if (step != null) return `step ${formatCount(step)}`
  return epoch == null ? 'checkpoint' : `epoch ${epoch}`
}

type Changed = Pick<LineageRunView, 'trainer' | 'changes' | 'home'>

/**
 * What stands on the line to a run: a head, and below it, in bold, what changed; `change` is null where nothing did.
 * `all`: every change, for whoever asks.
 */
export function edgeWords(
  run: Changed,
  parent: Pick<Changed, 'trainer' | 'home'> | null,
): { head: string; change: string | null; all: string } {
  if (parent === null) return { head: `${trainerName(run.trainer)} starts`, change: null, all: '' }
  const isSame = parent.home.kind === run.home.kind
  if (run.changes.length === 0 && isSame)
    return { head: 'same settings', change: null, all: 'The same settings as before' }
  const all = run.changes.map(differenceWords).join('\n') || 'Nothing that both name differs'
  if (run.trainer !== parent.trainer) {
    return { head: 'trainer', change: `${trainerName(parent.trainer)} → ${trainerName(run.trainer)}`, all }
  }
  // what became something else says more than what was written out for the first time
  const changed = run.changes.find(({ before, after }) => before !== null && after !== null)
  const shown = changed ?? run.changes[0]!
  const more = run.changes.length - 1
  const head = more === 0 ? shown.key : `${shown.key}, ${more} more`
  return { head, change: `${shorten(shown.before)} → ${shorten(shown.after)}`, all }
}

function shorten(value: string | null): string {
  if (value === null) return 'not set'
  return value.length > 14 ? `${value.slice(0, 13)}…` : value
}

export type TreeRun = Omit<LineageNode, 'changes' | 'home'> & {
  status: JobStatus
  others: number
  home: RunHome
  imported: boolean
} & Changed

/** The runs of a graph, each with what it is of. */

export function treeRuns({ homes, settings, runs }: LineageGraph): TreeRun[] {
  return runs.map((run) => {
    const { imported = false, ...home } = homes[run.home]!
    const changes = run.changes.map(([setting, before, after]) => ({ key: settings[setting]!, before, after }))
    const { status = 'done', others = 0 } = run
    return { ...run, status, others, home, imported, changes }
  })
}
