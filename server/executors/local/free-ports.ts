/** Free ports for attempts: torchrun and servers of models want one each. */
import { createServer } from 'node:net'

/**
 * Below the ports that systems hand out by themselves (from 32768 on Linux), so that no connection takes one between now
 * and the moment that the attempt listens on it.
 */
const first = 20_000
const last = 29_999

/**
 * That many ports on which nobody of this machine listens now, and none of `taken`. Throws when there are not so many.
 */
export async function freePorts(count: number, taken: ReadonlySet<number>): Promise<number[]> {
  const found: number[] = []
  const begin = first + Math.floor(Math.random() * (last - first + 1))
  for (let step = 0; found.length < count && step <= last - first; step++) {
    const port = first + ((begin - first + step) % (last - first + 1))
    if (!taken.has(port) && (await isFree(port))) found.push(port)
  }
  if (found.length < count) throw new Error(`no port from ${first} to ${last} is free`)
  return found
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    // on every address, as the attempt may
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
