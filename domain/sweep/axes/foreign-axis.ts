/** An axis as W&B, Optuna or a hurry would write it: what to write here instead. */

type Parameter = {
  values?: unknown
  value?: unknown
  min?: unknown
  max?: unknown
  low?: unknown
  high?: unknown
  choices?: unknown
  distribution?: unknown
}

/** `learning_rate: { values: [1, 2] }` → "write learning_rate: [1, 2]"; null for what is no such thing. */
export function foreignAxisFix(name: string, axis: unknown): string | null {
  if (['string', 'number', 'boolean'].includes(typeof axis)) return `write ${name}: [${String(axis)}] for one value`
  if (typeof axis !== 'object' || axis === null || Array.isArray(axis)) return null
  const { values, value, choices, distribution, min, max, low = min, high = max } = axis as Parameter
  const list = values ?? choices
  if (Array.isArray(list))
    return `write ${name}: [${list.slice(0, 8).map(String).join(', ')}${list.length > 8 ? ', …' : ''}]`
  if (value !== undefined && typeof value !== 'object') return `write ${name}: [${String(value)}] for one value`
  if (low === undefined || high === undefined) return null
  const isLog = typeof distribution === 'string' && distribution.includes('log')
  const isWhole = [low, high].every((end) => /^-?\d+$/.test(String(end)))
  const ends = `${String(low)}, ${String(high)}, 5`
  return `write ${name}: { ${isLog ? 'log' : 'range'}: [${ends}]${isWhole ? ', integer: true' : ''} }, 5 being how many values it has`
}
