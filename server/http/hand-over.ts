/**
 * Connections of trackers' clients, which ask often and say much, are handed whole to the program that takes them in: what passes through
 * here costs as much again as the answer.
 */
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Tracker } from '../act/own-runs/tracker.ts'
import { parseAddress } from '../base/process/guard.ts'
import { isTrackerAddress } from '../intake/own/clients.ts'

/** What this process itself does with a connection: taken from the server, for which `listen` comes first. */
export function takeListeners(server: Server): (socket: Socket) => void {
  const own = server.listeners('connection') as ((this: Server, socket: Socket) => void)[]
  server.removeAllListeners('connection')
  return (socket) => own.forEach((listener) => listener.call(server, socket))
}

/** Looks at what comes first of a connection: a client's is handed over, any other goes to `accept`, with all that was read. */
export function handClient(
  socket: Socket,
  tracker: Tracker,
  milliseconds: number,
  accept: (socket: Socket) => void,
): void {
  const ignore = () => {}
  const leave = () => void socket.destroy()
  // what does not come is not waited for
  socket.setTimeout(milliseconds, leave)
  socket.on('error', ignore)
  const keep = (head: Buffer | null) => {
    socket.off('timeout', leave)
    socket.off('error', ignore)
    if (head !== null) socket.unshift(head)
    accept(socket)
  }
  socket.once('readable', () => {
    const head = socket.read() as Buffer | null
    if (head === null || !isOfClient(head) || !stopReading(socket)) return keep(head)
    tracker.take(socket, head).catch(() => keep(head))
  })
}

/** Whether a request begins so that a tracker's client makes. */
function isOfClient(head: Buffer): boolean {
  const [, method, url] = /^([A-Z]+) (\S+) HTTP\/1\.1\r\n/.exec(head.toString('latin1', 0, mostLineBytes)) ?? []
  const address = parseAddress(url)
  return address !== null && isTrackerAddress(method, address.pathname)
}

const mostLineBytes = 2048

type Handle = { reading: boolean; readStop: () => number }

/** From here on this process reads nothing more of it: what comes waits for whoever does. False where a socket cannot be told so. */
function stopReading(socket: Socket): boolean {
  const { _handle: handle } = socket as unknown as { _handle?: Partial<Handle> | null }
  if (typeof handle?.readStop !== 'function') return false
  handle.reading = false
  return handle.readStop() === 0
}
