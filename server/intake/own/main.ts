/**
 * The intake of runs of their own, a program beside the server, which hands it the connections of clients: whatever they send, pages and
 * trainings do not wait for it. It ends with the server, and writes all that it knows into the folders of the runs before it answers.
 */
import { createServer, type IncomingMessage } from 'node:http'
import { Socket, type AddressInfo } from 'node:net'
import { logger } from '../../base/process/log.ts'
import { isSame } from '../kept-files.ts'
import { Refusal } from '../protocol.ts'
import { respond, type Answered } from '../serve.ts'
import { HandedConnections, judgeHanded } from './handed.ts'
import { doorHeader, type FromIntake, type FromServer } from './messages.ts'
import { OwnRuns, type Asks } from './own-runs.ts'
import { route } from './route.ts'

const log = logger('intake')
const lookMilliseconds = 100

// the server decides when it is time to leave
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})

let runs: OwnRuns | null = null
let begun: Extract<FromServer, { type: 'begin' }> | null = null
let asked = 0
const waiting = new Map<number, (answer: Extract<FromServer, { type: 'answer' }>) => void>()

const tell = (message: FromIntake) => {
  if (process.connected) process.send!(message)
}

const ask: Asks = async (what) => {
  const number = ++asked
  const answer = await new Promise<Extract<FromServer, { type: 'answer' }>>((resolve) => {
    waiting.set(number, resolve)
    tell({ type: 'ask', number, asked: what })
  })
  if (answer.refused !== undefined) throw new Refusal(400, answer.refused)
  if (answer.error !== undefined) throw new Refusal(503, answer.error, 'TEMPORARILY_UNAVAILABLE')
  return answer
}

const server = createServer((request, response) => {
  if (handed.has(request))
    return judgeHanded(request, response, begun!, () => void respond(request, response, (url) => take(request, url)))
  void respond(request, response, async (url) => {
    if (begun === null || !isSame(begun.secret, String(request.headers[doorHeader] ?? '')))
      throw new Refusal(403, 'Only the server that started this is answered.')
    return take(request, url)
  })
})
server.headersTimeout = 10_000
server.keepAliveTimeout = 60_000
// a model may take long: whoever is handed over is of the server's own user, and the server has a limit for the others
server.requestTimeout = 0
server.timeout = 600_000
const handed = new HandedConnections(server)

async function take(request: IncomingMessage, url: URL): Promise<Answered> {
  runs!.address = `http://${request.headers.host ?? ''}`
  return route(runs!, request, url)
}

process.on('message', (message: FromServer, socket: unknown) => {
  if (message.type === 'answer') {
    waiting.get(message.number)?.(message)
    waiting.delete(message.number)
  } else if (message.type === 'deleted') runs?.markDeleted(message.ids, message.deletedAt)
  else if (message.type === 'connection') {
    // its client may have left meanwhile
    if (socket instanceof Socket) handed.take(socket, message.head)
  } else {
    runs = new OwnRuns(message, ask, tell)
    begun = message
    server.listen(0, '127.0.0.1', () => tell({ type: 'ready', port: (server.address() as AddressInfo).port }))
    setInterval(look, lookMilliseconds)
  }
})
process.on('disconnect', () => {
  try {
    runs?.closeAll()
  } finally {
    process.exit(0)
  }
})

function look(): void {
  try {
    runs!.look(Date.now())
  } catch (error) {
    // a full disk passes: it is tried again at the next look
    log.error('Something that a client sent could not be written', error)
  }
}
