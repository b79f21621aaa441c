/**
 * How values travel between server, pages and commands: as JSON, and by superjson where JSON alone would change them. Names that
 * every object has by itself (`__proto__`, `constructor`) are names like others: superjson refuses them, so they are written
 * otherwise on the way.
 */
import { deserialize, serialize, type SuperJSONResult } from 'superjson'

/** Deeper values are left to superjson: they may hold themselves. */
const mostDepth = 30
/** Names that superjson refuses, and those names as they are written on the way. */
const refused = /^\0*(?:__proto__|constructor|prototype)$/

type Sent = SuperJSONResult & { renamed?: true }

/**
 * What superjson gives, at a fraction of its time where a value is JSON as it stands: superjson visits each value three
 * times, and tens of thousands take a tenth of a second.
 */
export const transformer = {
  serialize(value: unknown): Sent {
    if (isJson(value, 0)) return { json: value as SuperJSONResult['json'] }
    return holdsRefused(value, 0)
      ? { ...serialize(rename(value, (name) => `\0${name}`)), renamed: true }
      : serialize(value)
  },
  deserialize(sent: unknown): unknown {
    const { json, meta, renamed } = sent as Sent
    // superjson would copy it, and lose names on the way
    if (meta === undefined && !renamed) return json
    const value = deserialize({ json, ...(meta && { meta }) })
    return renamed ? rename(value, (name) => name.slice(1)) : value
  },
}

/** Whether an object has, at any depth, a name that cannot be assigned like others (`copy[name] = …` would be lost). */
export function holdsRefused(value: unknown, depth: number): boolean {
  if (value === null || typeof value !== 'object' || depth > mostDepth) return false
  if (Array.isArray(value)) return value.some((one) => holdsRefused(one, depth + 1))
  if (!isPlain(value)) return false
  return Object.entries(value).some(([name, one]) => refused.test(name) || holdsRefused(one, depth + 1))
}

/** A copy with those names written otherwise; `fromEntries` makes any name an own one. */
function rename(value: unknown, to: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => rename(one, to))
  if (value === null || typeof value !== 'object' || !isPlain(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [refused.test(name) ? to(name) : name, rename(one, to)]),
  )
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Whether JSON says the value as it is: no `undefined`, no NaN, no dates, maps or objects of classes. */
function isJson(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      // −0 would become 0
      return Number.isFinite(value) && !Object.is(value, -0)
    case 'object':
      break
    default:
      return false
  }
  if (value === null) return true
  if (depth > mostDepth) return false
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) if (!isJson(value[at], depth + 1)) return false
    return true
  }
  if (!isPlain(value)) return false
  for (const key in value) if (!isJson((value as Record<string, unknown>)[key], depth + 1)) return false
  return true
}
