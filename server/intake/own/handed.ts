/**
 * Connections that the server handed over whole: it saw that a tracker's client speaks, and has nothing more to do with them. Each
 * request is judged as the server would; what is no client's goes back to it.
 */
import { request as send, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { judgeRequest, parseAddress, setSafeHeaders } from '../../base/process/guard.ts'
import { isTrackerAddress, judgeClient, refuseClient } from './clients.ts'

export class HandedConnections {
  private readonly sockets = new WeakSet<Socket>()
  private readonly server: Server

  constructor(server: Server) {
    this.server = server
  }

  /** Takes a connection of which the server has read `head` (base64). */
  take(socket: Socket, head: string): void {
    this.sockets.add(socket)
    socket.unshift(Buffer.from(head, 'base64'))
    this.server.emit('connection', socket)
  }

  has({ socket }: IncomingMessage): boolean {
    return this.sockets.has(socket)
  }
}

/**
 * Lets a request of such a connection go on to `answer`, refuses it, or passes it back. The server hands over no connection where a
 * token is asked for, and none of another user's: whoever has the connection is `allowed`.
 */
export function judgeHanded(
  request: IncomingMessage,
  response: ServerResponse,
  { host, key }: { host: string; key: string },
  answer: () => void,
): void {
  const address = parseAddress(request.url)
  if (address === null || !isTrackerAddress(request.method, address.pathname)) return passBack(request, response)
  setSafeHeaders(response)
  const port = request.socket.localPort ?? 0
  const judged = judgeRequest(request, { host, token: null, spareToken: '' }, { port, owner: 'allowed', address })
  const verdict = judgeClient(request, address, judged, { key, token: null })
  if (verdict.allowed) answer()
  else refuseClient(response, verdict)
}

/** Asks the server, which judges for itself: this process is of the same user as the client. */
function passBack(request: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers, socket } = request
  const { localAddress: host, localPort: port } = socket
  const fail = () => response.destroy()
  try {
    const passed = send({ host, port, method, path: url, headers, setHost: false, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.on('error', fail)
      answer.pipe(response)
    })
    passed.on('error', fail)
    request.on('error', fail)
    response.on('close', () => {
      if (!response.writableFinished) passed.destroy()
    })
    request.pipe(passed)
  } catch {
    // an address that nobody may send
    fail()
  }
}
