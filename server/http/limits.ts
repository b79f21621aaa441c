/** What one request, and all of them together, may take of the server. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** A sweep's definition may be a file with thousands of values; everything else that a page sends is small. */
const largeBodyBytes = 8 << 20
const smallBodyBytes = 1 << 20
const largeBodies = /^\/api\/trpc\/(?:[^?]*,)?sweeps\./
/** Pages that listen to changes, all together. Each is a connection and a little memory. */
export const mostStreams = 400

/** Bytes that the body of a request to this address may have. */
export function mostBodyBytes(pathname: string): number {
  return largeBodies.test(pathname) ? largeBodyBytes : smallBodyBytes
}

/** The largest of all, for what counts the bytes of bodies that do not say their length. */
export const mostBodyBytesOfAll = largeBodyBytes

/** Why a request is refused by its size, as a sentence; null: it is not. */
export function bodyRefusal(request: IncomingMessage, pathname: string): string | null {
  const most = mostBodyBytes(pathname)
  const length = Number(request.headers['content-length'] ?? 0)
  return length <= most
    ? null
    : `The body has ${length.toLocaleString('en-US')} bytes; at most ${most.toLocaleString('en-US')} are taken at ${pathname}.`
}

/** Ends a request whose body has not come within so many milliseconds. */
export function limitBodyTime(request: IncomingMessage, milliseconds = 60_000): void {
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy()
  }, milliseconds).unref()
  request.once('close', () => clearTimeout(timer))
}

/** Counts the streams that are open. `open` gives false, and counts nothing, where there are too many. */
export function countStreams(most = mostStreams): { open: (response: ServerResponse) => boolean; count: () => number } {
  let streams = 0
  return {
    open(response) {
      if (streams >= most) return false
      streams += 1
      response.on('close', () => (streams -= 1))
      return true
    },
    count: () => streams,
  }
}
