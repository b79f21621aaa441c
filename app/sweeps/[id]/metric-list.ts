/** A line of the chooser: a metric, or the head of those that share what stands before the first `/`. */
export type ListRow = { name: string; label: string } | { name: null; group: string }

/**
 * The metrics whose names hold every word of the search, those shown already first, then the ones without a group, then group
 * by group. `names` in the order of the alphabet.
 */
export function listRows(names: readonly string[], shown: readonly string[], search: string): ListRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = words.length === 0 ? names : names.filter((name) => holdsAll(name.toLowerCase(), words))
  const first = found.filter((name) => shown.includes(name)).map((name) => ({ name, label: name }))
  const groups = Map.groupBy(
    found.filter((name) => !shown.includes(name)),
    (name) => name.slice(0, Math.max(0, name.indexOf('/'))),
  )
  const alone = (groups.get('') ?? []).map((name) => ({ name, label: name }))
  groups.delete('')
  return [
    ...first,
    ...alone,
    ...[...groups].flatMap(([group, members]): ListRow[] => [
      { name: null, group },
      ...members.map((name) => ({ name, label: name.slice(group.length + 1) })),
    ]),
  ]
}

function holdsAll(name: string, words: string[]): boolean {
  return words.every((word) => name.includes(word))
}
