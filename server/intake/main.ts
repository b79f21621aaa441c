/**
 * The intake of one attempt, a program of its own beside it: `node main.ts FOLDER LEADER`. The wrapper (process LEADER) starts
 * it when a client of the command knocks, and again if it is killed; it outlives the server, needs none, and ends with the attempt.
 */
import { existsSync, mkdirSync, watch } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { logger } from '../base/process/log.ts'
import { readWholeFile } from '../attempt-files/open-file.ts'
import { replaceFile } from '../attempt-files/write-file.ts'
import type { Places } from '../base/preparing/tracker-places.ts'
import { RunIntake, intakeFiles } from './run-intake.ts'
import { isProcessThere, othersOfGroup } from './own-group.ts'
import { followedPatterns, readAttemptJob, runIds } from './run-ids.ts'
import { answerClient } from './serve.ts'

const log = logger('intake')

/** After the command's end: as long as a client that it left behind may take to send the rest. */
const graceMilliseconds = 3000
/** After that: as long as a person's own tracker may take to hear the rest. */
const onwardMilliseconds = 8000
const lookMilliseconds = 250
const followMilliseconds = 500

const [folder, leader] = [process.argv[2]!, Number(process.argv[3])]
const key = process.env.SWEEPBOARD_INTAKE_KEY ?? ''
const places = JSON.parse(process.env.SWEEPBOARD_INTAKE_ONWARD || '{}') as Places
const within = (name: string) => path.join(folder, name)

// Signals to the attempt are for its command: what that saves on its way out must still be taken.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => {})

mkdirSync(within(intakeFiles.folder), { recursive: true })
const portFile = within(intakeFiles.port)
const hasOthers = othersOfGroup(leader)
/** The wrapper's socket, which clients know since before the command began; on a node of a cluster a port that it keeps when it is started again. */
const door =
  process.env.SWEEPBOARD_INTAKE_VARIABLES === undefined
    ? { fd: 7 }
    : { host: '127.0.0.1', port: Number(readWholeFile(portFile, [folder], 64) ?? 0) }

const server = createServer((request, response) => void answerClient(intake, key, request, response))
server.keepAliveTimeout = 60_000
// a model may take long
server.requestTimeout = 0
let intake: RunIntake
server.listen(door, () => {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ids = runIds(process.env.SWEEPBOARD_RUN ?? '0', process.env.SWEEPBOARD_ATTEMPT ?? '1')
  const { track } = readAttemptJob(folder)
  intake = new RunIntake(
    folder,
    { ...ids, key, uploads: () => `${address}/wandb/upload`, ofItsOwn: false },
    followedPatterns(folder, track),
    places,
  )
  const first = !existsSync(portFile)
  replaceFile(portFile, `${(server.address() as AddressInfo).port}\n`)
  replaceFile(within(intakeFiles.pid), `${process.pid}\n`)
  if (first) intake.write((track?.said ?? []).map((text) => ({ type: 'note', level: 'info', text })))
  watch(within(intakeFiles.folder), look)
  setInterval(look, lookMilliseconds)
})

let endedAt: number | null = null
let followedAt = 0

function look(): void {
  const now = Date.now()
  try {
    intake.releaseDue(now)
    if (now - followedAt >= followMilliseconds) intake.follow()
    if (now - followedAt >= followMilliseconds) followedAt = now
  } catch (error) {
    // a full disk passes: it is tried again at the next look
    log.error('Something that a client sent, or a file says, could not be written', error)
  }
  if (!existsSync(within(intakeFiles.ended)) && (isProcessThere(leader) || hasOthers())) return
  endedAt ??= now
  const mayCome = intake.isOpen() && now - endedAt < graceMilliseconds && hasOthers()
  if (mayCome || (intake.toPassOn > 0 && now - endedAt < graceMilliseconds + onwardMilliseconds)) return
  server.closeAllConnections()
  // where it fails (a full disk), the server does it when there is room again
  try {
    intake.end()
  } catch (error) {
    log.error('Something that a client sent, or a file says, could not be written', error)
  }
  process.exit(0)
}
