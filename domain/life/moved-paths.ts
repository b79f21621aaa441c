/** Paths that were written down while a folder stood elsewhere, as they are now. */

/** A folder that is reached by another path now. */
export type Move = { from: string; to: string }

/**
 * A function that writes what stands in a text for `from`, or for what is below it, as `to`. Paths are known where they stand alone or
 * after what no path has before itself (a quote, an equals sign, a space), and each is changed once. `json`: the text is JSON.
 * Gives the text itself where nothing is to change.
 */
export function movedPaths(moves: readonly Move[], json: boolean): (text: string) => string {
  const written = (path: string) => (json ? JSON.stringify(path).slice(1, -1) : path)
  const known = new Map(moves.filter(({ from, to }) => from !== to).map(({ from, to }) => [written(from), written(to)]))
  if (known.size === 0) return (text) => text
  // the longest first: of /data and /data/old it is the second that /data/old/runs is below
  const paths = [...known.keys()].toSorted((a, b) => b.length - a.length).map(escaped)
  const pattern = new RegExp(`(?<=^|["'=:,;\\s([{])(?:${paths.join('|')})(?=$|["'/,;:\\s)\\]}\\\\])`, 'g')
  return (text) => text.replace(pattern, (path) => known.get(path)!)
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
