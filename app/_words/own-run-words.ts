import type { OwnRunView } from '../../contract/api/own-runs.ts'
import { formatAgo } from './format.ts'

/** After so long without a word nobody can say that a run goes on: its client sends something each half minute, if it is W&B's. */
const quietMilliseconds = 120_000

/** How a run of its own stands, and when it was last heard: nobody watches its process, so silence is told as silence. */
export function ownStatusWords(
  { status, heardAt }: Pick<OwnRunView, 'status' | 'heardAt'>,
  now: number,
): string | undefined {
  if (status === 'stopped') return 'Marked as ended'
  if (status !== 'running' || now - heardAt < quietMilliseconds) return undefined
  return `Last heard ${formatAgo(heardAt, now)}`
}

/** Whether a run that has not ended has been silent for long. */
export function isQuiet({ status, heardAt }: Pick<OwnRunView, 'status' | 'heardAt'>, now: number): boolean {
  return status === 'running' && now - heardAt >= quietMilliseconds
}
