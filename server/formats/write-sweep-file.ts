/** A sweep as the text of a sweep file, laid out as a person would write it. Reading it back gives the same sweep. */
import { type Sweep, type SweepInput, sweepSchema } from '../../domain/sweep/sweep.ts'

const widest = 110

/**
 * The sweep as YAML; what it leaves to the defaults is left out. Throws where the definition is none.
 */
export function writeSweepText(definition: Sweep | SweepInput): string {
  const sweep = sweepSchema.parse(definition)
  const { train, evaluate, score } = sweep
  const lines = [
    `name: ${text(sweep.name)}`,
    `search: ${sweep.search}`,
    'axes:',
    ...Object.entries(sweep.axes).flatMap(([name, axis]) => entry(name, axisNode(axis), 1)),
  ]
  if (sweep.trainer !== undefined) lines.push(`trainer: ${sweep.trainer}`)
  if (sweep.config !== undefined) lines.push(...entry('config', valueNode(sweep.config), 0))
  if (sweep.init !== undefined) lines.push(`init: ${text(sweep.init)}`)
  if (train !== undefined) {
    lines.push('train:', ...processLines(train), ...(train.retries > 0 ? [`  retries: ${train.retries}`] : []))
  }
  if (sweep.checkpoint !== undefined) lines.push(`checkpoint: ${text(sweep.checkpoint)}`)
  if (evaluate !== undefined) {
    lines.push('evaluate:', ...processLines(evaluate))
    if (evaluate.retries !== undefined) lines.push(`  retries: ${evaluate.retries}`)
    const { file, ...others } = evaluate.report
    const rest = valueNode(others)
    if (file !== '${report}' || Object.values(others).some((value) => value !== undefined)) {
      const under = typeof rest === 'object' && 'map' in rest ? rest.map : []
      lines.push(...entry('report', mapNode([['file', valueNode(file)], ...under]), 1))
    }
  }
  lines.push('score:', `  aggregate: ${score.aggregate}`)
  lines.push(
    ...entry('baseline', typeof score.baseline === 'string' ? text(score.baseline) : valueNode(score.baseline), 1),
  )
  if (score.scale !== undefined) lines.push(`  scale: ${score.scale}`)
  if (Object.keys(score.questions).length > 0) lines.push(...entry('questions', valueNode(score.questions), 1))
  if (sweep.track !== undefined) lines.push(...entry('track', valueNode(sweep.track), 0))
  if (sweep.concurrency !== undefined) lines.push(`concurrency: ${sweep.concurrency}`)
  if (sweep.max_slots !== undefined) lines.push(`max_slots: ${sweep.max_slots}`)
  return `${lines.join('\n')}\n`
}

function processLines(process: NonNullable<Sweep['train'] | Sweep['evaluate']>): string[] {
  const lines: string[] = []
  if (process.command !== undefined) lines.push(...entry('command', listNode(process.command.map(text)), 1))
  lines.push(`  gpus: ${process.gpus}`)
  const variables = Object.entries(process.env)
  if (variables.length > 0)
    lines.push(...entry('env', mapNode(variables.map(([name, value]) => [name, text(value)])), 1))
  if (process.timeout_seconds !== undefined) lines.push(`  timeout_seconds: ${process.timeout_seconds}`)
  return lines
}

function axisNode(axis: Sweep['axes'][string]): Node {
  if (Array.isArray(axis)) return listNode(axis.map(text))
  if ('milestones' in axis) return mapNode([['milestones', listNode(axis.milestones.map(text))]])
  const [kind, [low, high, count]] = 'range' in axis ? (['range', axis.range] as const) : (['log', axis.log] as const)
  return mapNode([[kind, listNode([text(low), text(high), String(count)])]])
}

/** A scalar as it is written, or a collection of such. */
type Node = string | { list: Node[] } | { map: (readonly [string, Node])[] }

const listNode = (list: Node[]): Node => ({ list })
const mapNode = (map: (readonly [string, Node])[]): Node => ({ map })

/** Any JSON value: texts are quoted where they would read as something else. */
function valueNode(value: unknown): Node {
  if (Array.isArray(value)) return listNode(value.map(valueNode))
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    return mapNode(entries.map(([key, item]) => [key, valueNode(item)]))
  }
  if (typeof value === 'string') return readsAsText(value) ? text(value) : quoted(value)
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf'
  }
  return Object.is(value, -0) ? '-0.0' : String(value)
}

/** `key: value` on one line in flow style where it fits, else over several. */
function entry(key: string, node: Node, depth: number): string[] {
  const indent = '  '.repeat(depth)
  const start = `${indent}${text(key)}:`
  const inline = flow(node)
  if (typeof node === 'string' || start.length + 1 + inline.length <= widest) return [`${start} ${inline}`]
  if ('map' in node) return [start, ...node.map.flatMap(([name, value]) => entry(name, value, depth + 1))]
  return [`${start} [`, ...wrapped(node.list.map(flow), `${indent}  `), `${indent}  ]`]
}

function flow(node: Node): string {
  if (typeof node === 'string') return node
  if ('list' in node) return `[${node.list.map(flow).join(', ')}]`
  return node.map.length === 0
    ? '{}'
    : `{ ${node.map.map(([key, value]) => `${text(key)}: ${flow(value)}`).join(', ')} }`
}

function wrapped(items: string[], indent: string): string[] {
  const lines: string[] = []
  let line = indent
  for (const item of items) {
    if (line.length > indent.length && line.length + item.length + 2 > widest) {
      lines.push(line.trimEnd())
      line = indent
    }
    line += `${item}, `
  }
  return [...lines, line.trimEnd()]
}

const nulls = ['', '~', 'null', 'Null', 'NULL']

/** A text that needs no quotes wherever a sweep file may hold it. */
const plain = /^(?!-+$|\.+$)[A-Za-z0-9_./+-]([A-Za-z0-9_./+=@%() -]*[A-Za-z0-9_./+=@%()-])?$/

function text(value: string): string {
  return plain.test(value) && !nulls.includes(value) && !value.startsWith('- ') ? value : quoted(value)
}

/** Whether a plain scalar is a text to YAML: not a number, true, false or null. */
function readsAsText(value: string): boolean {
  if (nulls.includes(value) || /^(true|True|TRUE|false|False|FALSE)$/.test(value)) return false
  return !/^([-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?|0x[0-9a-fA-F]+|0o[0-7]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$/.test(
    value,
  )
}

/** A JSON string is a YAML one, once what YAML calls unprintable is written as an escape. */
function quoted(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
