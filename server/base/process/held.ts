/**
 * Values held in memory, by key, for as long as what they belong to is held (a database, columns). Beyond a size those unused
 * for longest are let go, never the one that was just used.
 */

export type Held<Key, Value> = {
  /** The value as it is held; asking does not count as use. */
  peek(key: Key): Value | undefined
  /** The value, which is now the one used last; where none is held, or `isCurrent` says no, a new one from `make`. */
  take(key: Key, make: () => Value, isCurrent?: (value: Value) => boolean): Value
  /** Holds the value as the one used last. */
  put(key: Key, value: Value): Value
  drop(key: Key): void
  values(): Iterable<Value>
}

/**
 * A holder for each owner, made when it is first asked for. `most`: what the values of one owner may take together, in the
 * unit of `sizeOf` (absent: their number), asked afresh each time as values may grow. `onLetGo` is told what no longer fits.
 */
export function heldBy<Owner extends object, Key, Value>(
  most: number,
  { sizeOf, onLetGo }: { sizeOf?: (value: Value) => number; onLetGo?: (owner: Owner, key: Key) => void } = {},
): (owner: Owner) => Held<Key, Value> {
  const byOwner = new WeakMap<Owner, Map<Key, Value>>()

  function letGo(owner: Owner, values: Map<Key, Value>): void {
    let size = sizeOf === undefined ? values.size : values.values().reduce((sum, value) => sum + sizeOf(value), 0)
    for (const [key, value] of values) {
      if (size <= most || values.size === 1) return
      values.delete(key)
      size -= sizeOf?.(value) ?? 1
      onLetGo?.(owner, key)
    }
  }

  return (owner) => {
    const values = byOwner.get(owner) ?? new Map<Key, Value>()
    byOwner.set(owner, values)
    const held: Held<Key, Value> = {
      peek: (key) => values.get(key),
      take(key, make, isCurrent = () => true) {
        const before = values.get(key)
        return held.put(key, before !== undefined && isCurrent(before) ? before : make())
      },
      put(key, value) {
        // a map keeps the order in which keys came: the one used last stands last
        values.delete(key)
        values.set(key, value)
        letGo(owner, values)
        return value
      },
      drop: (key) => void values.delete(key),
      values: () => values.values(),
    }
    return held
  }
}
