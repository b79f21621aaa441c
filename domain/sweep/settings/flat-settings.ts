/** More than this nobody compares runs by. */
export const mostSettings = 2000
const mostCharacters = 1000
const mostDepth = 8

/**
 * A script's configuration as settings of its run: `{ optimizer: { lr: 1e-5 } }` is `optimizer.lr`, each value as its literal.
 * Lists are one value; what is empty or too deep is left out, and so is what goes beyond `mostSettings`.
 */
export function flatSettings(config: Readonly<Record<string, unknown>>): Record<string, string> {
  const found = new Map<string, string>()
  gather(found, '', config, 0)
  // as own properties, whatever their names
  return Object.fromEntries(found)
}

function gather(found: Map<string, string>, prefix: string, values: Readonly<Record<string, unknown>>, depth: number) {
  for (const [key, value] of Object.entries(values)) {
    if (found.size >= mostSettings) return
    const name = (prefix === '' ? key : `${prefix}.${key}`).slice(0, 300)
    if (value === null || value === undefined) continue
    if (typeof value === 'object' && !Array.isArray(value)) {
      if (depth < mostDepth) gather(found, name, value as Record<string, unknown>, depth + 1)
    } else found.set(name, (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, mostCharacters))
  }
}
