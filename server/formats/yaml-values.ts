/** From the nodes of parsed YAML to plain values, and back to where a value stands. */
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, Scalar, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Issue } from '../../domain/errors.ts'
import { Texts } from '../../domain/sweep/files/written.ts'
import { isText } from './texts-of-sweep.ts'

/** Aliases may repeat parts; what they unfold to is bounded by this. */
const maximumNodes = 300_000

/** What kind of file it is, as far as its values depend on that. */
export type YamlFileKind = {
  noun: string
  /** A path of the file as a path of the sweep that stands there. */
  inSweep: (path: Issue['path']) => Issue['path']
}

type PlacedIssue = Issue & { offset: number }

/** From the parsed nodes to plain values. What YAML allows and a sweep file has no use for is refused here. */
export class YamlValues {
  readonly issues: PlacedIssue[] = []
  /** How numbers are written. */
  readonly texts = new Texts()
  readonly #kind: YamlFileKind
  readonly #anchors = new Map<string, Node>()
  /** Lists and maps that are being read: an alias to one of them would never end. */
  readonly #open = new Set<Node>()
  #aliasDepth = 0
  #nodes = 0

  constructor(kind: YamlFileKind) {
    this.#kind = kind
  }

  valueOf(node: Node | null, path: Issue['path']): unknown {
    if (node === null || this.#isTooMuch(node, path)) return null
    if (isAlias(node)) return this.#targetOf(node, path)
    // an alias means the anchor before it, not one that its own target repeats
    if (node.anchor !== undefined && this.#aliasDepth === 0) this.#anchors.set(node.anchor, node)
    if (node.tag !== undefined) {
      const tag = node.tag.replace(/^tag:yaml\.org,2002:/, '!!')
      this.#refuse(
        node,
        path,
        `The tag ${tag} has no meaning in a ${this.#kind.noun} file; expected the value without it.`,
      )
      return null
    }
    if (isScalar(node)) return scalarValue(node, this.#kind.inSweep(path))
    this.#open.add(node)
    const value = isMap(node) ? this.#entriesOf(node, path) : isSeq(node) ? this.#itemsOf(node, path) : null
    this.#open.delete(node)
    return value
  }

  #targetOf(alias: Alias, path: Issue['path']): unknown {
    const target = this.#anchors.get(alias.source)
    if (target === undefined || this.#open.has(target)) {
      const what = target ? `stands inside &${alias.source} itself` : 'has no anchor before it'
      this.#refuse(alias, path, `The alias *${alias.source} ${what}; expected a value.`)
      return null
    }
    this.#aliasDepth += 1
    const value = this.valueOf(target, path)
    this.#aliasDepth -= 1
    return value
  }

  #itemsOf(list: YAMLSeq, path: Issue['path']): unknown[] {
    const items = list.items.map((item, index) => this.valueOf(item as Node, [...path, index]))
    for (const [index, item] of list.items.entries()) this.#keepText(items, index, item as Node | null)
    return items
  }

  #keepText(holder: Record<string, unknown> | unknown[], key: string | number, node: Node | null): void {
    const scalar = isAlias(node) ? this.#anchors.get(node.source) : node
    if (isScalar(scalar) && typeof scalar.value === 'number' && scalar.source !== undefined)
      this.texts.set(holder, key, scalar.source)
  }

  #entriesOf(map: YAMLMap, path: Issue['path']): Record<string, unknown> {
    const entries: Record<string, unknown> = {}
    const merged: Record<string, unknown>[] = []
    for (const { key, value } of map.items) {
      const name = keyText(key)
      if (name === '<<' && isScalar(key) && key.type === Scalar.PLAIN) {
        merged.push(...this.#mergedInto(value as Node | null, path))
        continue
      }
      if (name === null) {
        this.#refuse(key as Node | null, path, 'A key must be a plain name; expected e.g. batch_size: [128, 256].', map)
        continue
      }
      const at = [...path, name]
      if (Object.hasOwn(entries, name)) {
        this.#refuse(key as Node, at, `The key ${name} stands twice here; expected it once.`)
        continue
      }
      // a plain assignment to `__proto__` would vanish
      Object.defineProperty(entries, name, {
        value: this.valueOf(value as Node | null, at),
        enumerable: true,
        writable: true,
        configurable: true,
      })
      this.#keepText(entries, name, value as Node | null)
    }
    // what stands here goes before what is merged in, and of that the first before the others
    for (const one of merged)
      for (const [name, value] of Object.entries(one)) {
        if (Object.hasOwn(entries, name)) continue
        Object.defineProperty(entries, name, { value, enumerable: true, writable: true, configurable: true })
        const text = this.texts.get(one, name)
        if (text !== undefined) this.texts.set(entries, name, text)
      }
    return entries
  }

  /** The mappings that a merge key (`<<: *defaults`, or a list of such) brings in. */
  #mergedInto(value: Node | null, path: Issue['path']): Record<string, unknown>[] {
    const target = isAlias(value) ? this.#anchors.get(value.source) : value
    const parts = isSeq(target) ? (target.items as Node[]) : [value]
    return parts.flatMap((part) => {
      const found = this.valueOf(part, path)
      if (typeof found === 'object' && found !== null && !Array.isArray(found))
        return [found as Record<string, unknown>]
      this.#refuse(
        value,
        path,
        'The merge key << takes keys and values, e.g. <<: *defaults; expected an alias of such.',
      )
      return []
    })
  }

  #isTooMuch(node: Node, path: Issue['path']): boolean {
    this.#nodes += 1
    if (this.#nodes === maximumNodes + 1) {
      const limit = maximumNodes.toLocaleString('en')
      this.#refuse(
        node,
        path,
        `The file's aliases unfold to more than ${limit} values; expected a ${this.#kind.noun} file written out.`,
      )
    }
    return this.#nodes > maximumNodes
  }

  #refuse(node: Node | null, path: Issue['path'], message: string, around?: Node): void {
    this.issues.push({ path, message, offset: node?.range?.[0] ?? around?.range?.[0] ?? 0 })
  }
}

function keyText(key: unknown): string | null {
  if (!isScalar(key) || key.tag !== undefined) return null
  if (typeof key.value === 'string') return key.value
  return key.source ? key.source : null
}

function scalarValue(scalar: Scalar, path: Issue['path']): unknown {
  if (scalar.type !== Scalar.PLAIN || !isText(path)) return scalar.value
  const source = scalar.source ?? ''
  const reachesProgram = path.length > 2 && path[1] !== 'report'
  // nothing after the colon is an empty variable; `~` and null mean themselves to a program, and nothing elsewhere
  if (scalar.value === null) return reachesProgram && (source !== '' || path[1] === 'env') ? source : null
  return source
}

/** The offset of what a path names: a list's item, a scalar value, or the key of anything larger. */
export function offsetOf(contents: Node | null, path: Issue['path'], atKey: boolean): number {
  let node: Node | null = contents
  let offset = contents?.range?.[0] ?? 0
  for (const [index, key] of path.entries()) {
    const isLast = index === path.length - 1
    if (isMap(node)) {
      const pair: YAMLMap['items'][number] | undefined = node.items.find((item) => keyText(item.key) === String(key))
      if (!pair) return offset
      const value = pair.value as Node | null
      const isWhole = isLast && !atKey && isScalar(value) && (value.value !== null || value.source)
      offset = (isWhole ? value.range?.[0] : (pair.key as Node).range?.[0]) ?? offset
      node = value
    } else if (isSeq(node)) {
      const item = node.items[Number(key)] as Node | undefined
      if (!item) return offset
      offset = item.range?.[0] ?? offset
      node = item
    } else return offset
  }
  return offset
}
