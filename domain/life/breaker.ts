/** When runs fail at once, one after the other, the script is broken: better to stop than to burn the grid. */

const runsInARow = 3
const quickSeconds = 10

/**
 * Given the newest ended runs, newest first: a sentence that says why the sweep pauses, or null when it goes on.
 */
export function isTripped(
  newest: { number: number; status: string; milliseconds: number; error: string | null }[],
): string | null {
  const quick = newest
    .slice(0, runsInARow)
    .filter((run) => run.status === 'failed' && run.milliseconds < quickSeconds * 1000)
  if (quick.length < runsInARow) return null
  const last = quick[0]!.error
  return `${runsInARow} runs in a row failed within ${quickSeconds} seconds.${last ? ` The last one, run ${quick[0]!.number}: ${last}` : ''}`
}
