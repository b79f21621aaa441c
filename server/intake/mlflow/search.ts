/** MLflow's filter language for runs: comparisons joined by `and`. */
import { Refusal } from '../protocol.ts'
import type { SearchedRun } from './store.ts'

type Entity = 'metric' | 'param' | 'tag' | 'attribute'
type Value = string | number | string[] | null
type Comparison = { entity: Entity; key: string; operator: string; value: Value }

const entities: Record<string, Entity> = {
  metric: 'metric',
  metrics: 'metric',
  param: 'param',
  params: 'param',
  parameter: 'param',
  parameters: 'param',
  tag: 'tag',
  tags: 'tag',
  attribute: 'attribute',
  attributes: 'attribute',
  attr: 'attribute',
  run: 'attribute',
}

// operators that are words stand between spaces: `tags.missing` holds none
const comparison =
  /\s*(?:([A-Za-z]+)\.)?(?:"([^"]+)"|`([^`]+)`|([\w./-]+?))(?:\s+(IS\s+NOT\s+NULL|IS\s+NULL|NOT\s+IN|IN|ILIKE|LIKE)(?!\w)|\s*(>=|<=|!=|=|>|<))\s*('(?:[^']|'')*'|"[^"]*"|\([^)]*\)|[-+]?[\d.]+(?:[eE][-+]?\d+)?)?\s*/iy

/** Reads a filter. Throws a Refusal that quotes what could not be read. */
export function readFilter(text: string): Comparison[] {
  const found: Comparison[] = []
  comparison.lastIndex = 0
  for (let at = 0; at < text.trimEnd().length;) {
    comparison.lastIndex = at
    const match = comparison.exec(text)
    if (!match) throw invalid(text, at)
    found.push(readComparison(match, text))
    at = comparison.lastIndex
    if (at >= text.trimEnd().length) break
    const and = /\s*and\b/iy
    and.lastIndex = at
    if (!and.test(text)) throw invalid(text, at)
    at = and.lastIndex
  }
  return found
}

function invalid(text: string, at: number): Refusal {
  return new Refusal(400, `Invalid clause(s) in filter string: ${JSON.stringify(text.slice(at, at + 80))}`)
}

function readComparison(match: RegExpExecArray, text: string): Comparison {
  const [, given, double, tick, bare, word, sign, literal] = match
  const entity = given === undefined ? 'attribute' : entities[given.toLowerCase()]
  if (entity === undefined)
    throw new Refusal(400, `Invalid entity type '${given}' in filter string ${JSON.stringify(text)}`)
  const key = (double ?? tick ?? bare)!
  const operator = (word ?? sign)!.toUpperCase().replaceAll(/\s+/g, ' ')
  if (operator.startsWith('IS')) return { entity, key, operator, value: null }
  if (literal === undefined) throw new Refusal(400, `Invalid clause(s) in filter string: ${JSON.stringify(text)}`)
  const quoted = /^['"]/.test(literal)
  if (entity === 'metric' && (quoted || literal.startsWith('(')))
    throw new Refusal(400, `Expected numeric value type for metric. Found ${literal}`)
  if ((entity === 'param' || entity === 'tag') && !quoted && !literal.startsWith('('))
    throw new Refusal(400, `Expected a quoted string value for ${entity} (e.g. 'my-value'). Got value ${literal}`)
  if (literal.startsWith('('))
    return {
      entity,
      key,
      operator,
      value: [...literal.matchAll(/'([^']*)'|"([^"]*)"/g)].map((part) => part[1] ?? part[2]!),
    }
  return { entity, key, operator, value: quoted ? literal.slice(1, -1).replaceAll("''", "'") : Number(literal) }
}

/** Whether the run fits every comparison; what it does not have fits only IS NULL. */
export function fits(run: SearchedRun, comparisons: Comparison[]): boolean {
  return comparisons.every(({ entity, key, operator, value }) => {
    const own = valueOf(run, entity, key)
    if (operator === 'IS NULL') return own === null
    if (operator === 'IS NOT NULL') return own !== null
    if (own === null) return false
    return compare(own, operator, value)
  })
}

function compare(own: string | number, operator: string, value: Value): boolean {
  if (Array.isArray(value)) return value.includes(String(own)) === (operator === 'IN')
  const other = typeof own === 'number' ? Number(value) : String(value)
  switch (operator) {
    case '=':
      return own === other
    case '!=':
      return own !== other
    case '>':
      return own > other
    case '>=':
      return own >= other
    case '<':
      return own < other
    case '<=':
      return own <= other
    default:
      return like(String(own), String(other), operator === 'ILIKE')
  }
}

/** `%` stands for any text, `_` for one character. */
function like(own: string, pattern: string, anyCase: boolean): boolean {
  const source = pattern
    .replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replaceAll(/%+/g, '[^]*')
    .replaceAll('_', '[^]')
  return new RegExp(`^${source}$`, anyCase ? 'iu' : 'u').test(own)
}

const attributeNames: Record<string, string> = {
  'run id': 'run_id',
  'run name': 'run_name',
  Created: 'start_time',
  created: 'start_time',
  'start time': 'start_time',
}

function valueOf(run: SearchedRun, entity: Entity, key: string): string | number | null {
  if (entity === 'metric') return run.metrics.get(key)?.last?.value ?? null
  if (entity === 'param') return run.params.get(key) ?? null
  if (entity === 'tag') return run.tags.get(key) ?? null
  const name = attributeNames[key] ?? key
  const info: Record<string, string | number | null> = run.info
  if (!Object.hasOwn(info, name)) throw new Refusal(400, `Invalid attribute key '${key}' specified.`)
  return info[name] ?? null
}

/** Runs in the order asked for, else the newest first. Throws a Refusal that quotes what could not be read. */
export function inOrder(runs: SearchedRun[], orderBy: string[]): SearchedRun[] {
  const keys = orderBy.map((text) => {
    const match = /^\s*(?:([A-Za-z]+)\.)?(?:"([^"]+)"|`([^`]+)`|([^\s]+))(?:\s+(asc|desc))?\s*$/i.exec(text)
    const entity = match?.[1] === undefined ? 'attribute' : entities[match[1].toLowerCase()]
    if (!match || entity === undefined) throw new Refusal(400, `Invalid order_by clause ${JSON.stringify(text)}`)
    return { entity, key: (match[2] ?? match[3] ?? match[4])!, sign: match[5]?.toLowerCase() === 'desc' ? -1 : 1 }
  })
  return runs.toSorted((a, b) => {
    for (const { entity, key, sign } of keys) {
      const [left, right] = [valueOf(a, entity, key), valueOf(b, entity, key)]
      // what a run does not have stands last, whichever the direction
      if (left === null || right === null) {
        if (left !== right) return left === null ? 1 : -1
      } else if (left !== right) return (left < right ? -1 : 1) * sign
    }
    return b.info.start_time - a.info.start_time || (a.info.run_id < b.info.run_id ? -1 : 1)
  })
}
