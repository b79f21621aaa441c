/** Edits that turn one text into the other, where swapping two neighbours is one edit (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, beforeLast[j - 2]! + 1)
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.length]!
}

function initials(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word[0] ?? '')
    .join('')
}

/**
 * The name that was probably meant: a slip of the keyboard away (`epcoh`), an abbreviation by initials (`lr` for
 * `learning_rate`), or a part of it (`batch` for `batch_size`). null where nothing comes near.
 */
export function nearestName(name: string, names: readonly string[]): string | null {
  // a very long name is no slip, and the distance would take its square
  if (name.length === 0 || name.length > 100) return null
  const wanted = name.toLowerCase()
  let best: { name: string; cost: number } | null = null
  for (const candidate of names) {
    const known = candidate.toLowerCase()
    const distance = editDistance(wanted, known)
    let cost = Infinity
    if (distance <= Math.max(1, Math.floor(Math.max(wanted.length, known.length) / 3))) cost = distance
    else if (wanted.length > 1 && initials(known) === wanted) cost = 3
    else if (wanted.length > 2 && (known.startsWith(wanted) || wanted.startsWith(known))) cost = 4
    else if (wanted.length > 2 && known.length > 2 && (known.includes(wanted) || wanted.includes(known))) cost = 5
    if (cost < (best?.cost ?? Infinity)) best = { name: candidate, cost }
  }
  return best?.name ?? null
}
