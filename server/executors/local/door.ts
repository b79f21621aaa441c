/**
 * The door of an attempt: a listening address that its clients find in their environment before anything listens behind it.
 * A Node process for each attempt would cost more than a short training takes, and most attempts log to nobody; so the
 * launcher holds the door, and starts the intake when somebody knocks. The wrapper holds the same socket: when the launcher
 * is gone, with the server or killed, the wrapper sees the end of its pipe and starts the intake itself, and who knocked
 * meanwhile is answered then.
 */
import { existsSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { Launch } from '../executor.ts'

const lookMilliseconds = 1000

export type Door = {
  /** What clients find, with the port in its place. */
  variables: Record<string, string>
  /** The listening socket, for the wrapper. */
  descriptor: number
  /** From here on a line to `knocker` starts the intake. */
  keep: (knocker: Writable) => void
  /** The attempt is over, or never began. */
  close: () => void
}

/** Opens a door on a free port of this machine. */
export async function openDoor({ variables, tensorBoard, atOnce }: NonNullable<Launch['door']>): Promise<Door> {
  let knocker: Writable | null = null
  let wanted = atOnce
  let looking: NodeJS.Timeout | undefined
  const knock = () => {
    wanted = true
    clearInterval(looking)
    // the intake listens on the wrapper's copy
    server.close()
    knocker?.on('error', () => {}).end('knock\n')
  }
  const server = createServer((socket) => {
    if (!wanted) knock()
    // whoever knocked first is led on to the intake, which answers as soon as it is there
    const onward = connect(port, '127.0.0.1')
    socket.on('error', () => onward.destroy())
    onward.on('error', () => socket.destroy())
    socket.pipe(onward).pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    variables: Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, value.replaceAll('{port}', String(port))]),
    ),
    descriptor: descriptorOf(server),
    keep(given) {
      knocker = given
      if (wanted) knock()
      else looking = setInterval(() => existsSync(tensorBoard) && knock(), lookMilliseconds)
    },
    close() {
      clearInterval(looking)
      server.close()
      knocker?.destroy()
    },
  }
}

/** Node hands sockets to the processes that it starts by their descriptor, which it has no public name for. */
function descriptorOf(server: Server): number {
  const { fd } = (server as Server & { _handle: { fd: number } })._handle
  if (!(fd >= 0)) throw new Error('the door of its intake has no descriptor')
  return fd
}
