/** Long readings one after the other, with other work in between. */

let last: Promise<void> = Promise.resolve()

/**
 * What this gives, once those who asked before have theirs and other requests had a turn: the first of several answers leaves, and is
 * drawn, while the next one is read.
 */
export async function inTurn<Value>(read: () => Value): Promise<Value> {
  const before = last
  const { promise, resolve } = Promise.withResolvers<void>()
  last = promise
  await before
  try {
    return read()
  } finally {
    setImmediate(resolve)
  }
}
