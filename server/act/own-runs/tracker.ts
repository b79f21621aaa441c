/**
 * What the server does for runs of their own: it starts the program that clients speak to, makes the rows that this asks for, and
 * reads what it writes. It starts with the first request, so that nobody pays for it who logs elsewhere.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import path from 'node:path'
import { transaction } from '../../../db/client.ts'
import { findAnyJob } from '../../../db/queries/jobs.ts'
import {
  findOrInsertOwnRun,
  findOwnRun,
  listOwnOffsets,
  listOwnRunKeys,
  listProjects,
  markOwnRuns,
  projectNamed,
  setOwnStatus,
  updateOwnRun,
  updateProject,
} from '../../../db/queries/own-runs.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { attemptFolder, notify, type Context, type OwnDeleted } from '../../base/context.ts'
import { compiledFolder } from '../../base/process/compiled.ts'
import { logger } from '../../base/process/log.ts'
import type { IntakeQuestion, FromIntake, FromServer } from '../../intake/own/messages.ts'
import { intakeFiles } from '../../intake/run-intake.ts'
import { checkHost, describeForAgent, makeAgentsSweep, steerAgentsSweep } from '../agents/agents-sweep.ts'
import { hearAgent } from '../agents/hear-agent.ts'
import { tailAttempt } from '../runs/tail-attempt.ts'
import { findArtifact, startFromModel, startFromPath } from './own-models.ts'
import { trackerKey } from './tracker-key.ts'

const log = logger('intake')
const program = path.join(import.meta.dirname, '../../intake/own/main.ts')
/** What the program may hold in memory; beyond, it ends alone, and is started again. */
const mostMegabytes = 2048
/** The server does other work after so long, at least and at most: who makes a run waits for no more. */
const leastMilliseconds = 4
const mostMilliseconds = 20
/** How often a run is said to have been heard, where it says nothing new. */
const heardMilliseconds = 5000

export type TrackerDoor = { port: number; secret: string }
export type Tracker = {
  /** What clients have to know. */
  key: string
  /** Where the program listens, started where it is not. */
  door(): Promise<TrackerDoor>
  /** Hands it a connection, of which `head` was read, and nothing more will be. Rejects where there is no program to take it. */
  take(socket: Socket, head: Buffer): Promise<void>
  close(): void
}

/** Opens the tracker of a data folder; what was written before, and not read, is read. */
export function openTracker(context: Context): Tracker {
  const key = trackerKey(context.config.dataFolder)
  const reader = readOwnRuns(context)
  let child: ChildProcess | null = null
  let opening: Promise<TrackerDoor> | null = null
  let closed = false

  function start(): Promise<TrackerDoor> {
    const secret = randomBytes(24).toString('base64url')
    const started = fork(program, [], {
      execArgv: [`--max-old-space-size=${mostMegabytes}`],
      env: { ...process.env, NODE_COMPILE_CACHE: compiledFolder },
    })
    child = started
    const tell = (message: FromServer) => started.connected && started.send(message)
    const opened = new Promise<TrackerDoor>((resolve, reject) => {
      started.on('message', (message: FromIntake) => {
        if (message.type === 'ready') resolve({ port: message.port, secret })
        else if (message.type === 'heard') reader.heard(message.ids)
        else
          void answer(context, reader, message.asked).then((answered) =>
            tell({ type: 'answer', number: message.number, ...answered }),
          )
      })
      started.on('error', reject)
      started.on('exit', (code, signal) => {
        if (child === started) [child, opening] = [null, null]
        if (!closed) log.warning(`The intake of runs of their own ended (${signal ?? code}); it is started again.`)
        reject(new Error('the intake ended before it was ready'))
      })
    })
    const { database, config } = context
    tell({
      type: 'begin',
      dataFolder: config.dataFolder,
      host: config.host,
      key,
      secret,
      projects: listProjects(database),
      runs: listOwnRunKeys(database),
    })
    return opened
  }

  const onDeleted = (message: OwnDeleted) => {
    if (child?.connected) child.send({ type: 'deleted', ...message } satisfies FromServer)
  }
  context.signals.on('own deleted', onDeleted)
  const tracker: Tracker = {
    key,
    door: () => {
      opening ??= start().catch((error: unknown) => {
        opening = null
        throw error
      })
      return opening
    },
    async take(socket, head) {
      await tracker.door()
      if (!child?.connected) throw new Error('the intake has ended')
      child.send({ type: 'connection', head: head.toString('base64') } satisfies FromServer, socket)
    },
    close() {
      closed = true
      context.signals.off('own deleted', onDeleted)
      if (child?.connected) child.disconnect()
    },
  }
  if (reader.readAll()) void tracker.door().catch((error: unknown) => log.error('The intake does not start', error))
  return tracker
}

/** Does what the intake asks for. */
async function answer(
  context: Context,
  reader: ReturnType<typeof readOwnRuns>,
  asked: IntakeQuestion,
): Promise<Omit<Extract<FromServer, { type: 'answer' }>, 'type' | 'number'>> {
  const { database } = context
  try {
    switch (asked.do) {
      case 'open project': {
        const project = projectNamed(database, asked.name)
        if (Object.keys(asked.tags).length > 0) updateProject(database, project.id, { tags: asked.tags })
        return { project: { ...project, tags: { ...project.tags, ...asked.tags } } }
      }
      case 'change project': {
        const { do: _do, id, ...changes } = asked
        updateProject(database, id, changes)
        return { project: listProjects(database).find((project) => project.id === id)! }
      }
      case 'open run': {
        const { do: _do, ...values } = asked
        const at = Date.now()
        const { id, inserted } = findOrInsertOwnRun(database, { ...values, at })
        if (inserted) reader.made(id, at)
        notify(context, null, id)
        return { id }
      }
      case 'delete runs':
        for (const id of markOwnRuns(database, asked.ids, asked.deletedAt)) notify(context, null, id)
        return {}
      case 'find artifact':
        await reader.settled()
        return { told: findArtifact(context, asked.projectId, asked.name, asked.version) }
      case 'use model':
        startFromModel(context, asked.runId, asked.checkpointId)
        return {}
      case 'use checkpoint':
        await reader.settled()
        startFromPath(context, asked)
        return {}
      case 'make sweep':
        return { told: makeAgentsSweep(context, asked) }
      case 'steer sweep':
        steerAgentsSweep(context, asked.id, asked.state)
        return {}
      case 'describe sweep':
        if (asked.host !== null) checkHost(asked.host)
        return { told: describeForAgent(context, asked.id) }
      case 'hear agent':
        return { told: await hearAgent(context, asked) }
    }
  } catch (error) {
    if (error instanceof SweepboardError) return { refused: sentencesOf(error) }
    log.error('What a client asked for could not be stored', error)
    return { error: (error as Error).message }
  }
}

const sentencesOf = ({ message, issues }: SweepboardError) =>
  [message, ...issues.map((issue) => issue.message)].filter((text, at, all) => all.indexOf(text) === at).join(' ')

/** Reads the events of runs whose clients spoke, a little at a time. */
function readOwnRuns(context: Context) {
  const { database } = context
  const waiting = new Set<number>()
  const heard = new Set<number>()
  const heardAt = new Map<number, number>()
  let isReading = false
  let sliceMilliseconds = mostMilliseconds
  const settling: (() => void)[] = []

  function read(): void {
    try {
      // one transaction for all of them: on a busy disk each takes longer than what it holds
      const readAt = transaction(database, () => {
        readSome()
        return performance.now()
      })
      const tookToKeep = performance.now() - readAt
      sliceMilliseconds = Math.min(mostMilliseconds, Math.max(leastMilliseconds, 4 * tookToKeep))
    } catch (error) {
      log.error('The events of runs of their own could not be read', error)
    }
    isReading = waiting.size > 0
    if (isReading) setImmediate(read)
    else for (const resolve of settling.splice(0)) resolve()
  }

  function readSome(): void {
    const until = performance.now() + sliceMilliseconds
    const now = Date.now()
    for (const id of heard) hear(id, now)
    heard.clear()
    for (const id of waiting) {
      waiting.delete(id)
      try {
        const job = findAnyJob(database, id)
        if (!job) continue
        const whole = tailAttempt(context, job, { ended: false, until })
        if (!whole) waiting.add(id)
        else if (findAnyJob(database, id)!.finishedAt !== null) context.series.finish(id, 1)
      } catch (error) {
        log.error(`The events of run ${id} could not be read`, error)
      }
      if (performance.now() >= until) break
    }
  }

  function hear(id: number, now: number): void {
    if (now - (heardAt.get(id) ?? 0) < heardMilliseconds) return
    heardAt.set(id, now)
    updateOwnRun(database, id, { heardAt: now })
    // a person took it for ended, and it was not
    if (findOwnRun(database, id)?.job.status === 'stopped')
      setOwnStatus(database, id, { status: 'running', at: now, exitCode: null })
    notify(context, null, id)
  }

  function add(ids: number[]): void {
    for (const id of ids) waiting.add(id)
    if (isReading) return
    isReading = true
    setImmediate(read)
  }

  return {
    /** The row of a run says when it was made, and so when its client was heard. */
    made: (id: number, at: number) => void heardAt.set(id, at),
    heard(ids: number[]): void {
      for (const id of ids) heard.add(id)
      add(ids)
    },
    /** Resolves when all that was heard so far is read. */
    settled: () => (isReading ? new Promise<void>((resolve) => settling.push(resolve)) : Promise.resolve()),
    /** Reads what was written while nobody read; gives whether the intake must be started for what waits in it. */
    readAll(): boolean {
      let waits = false
      const behind = listOwnOffsets(database).flatMap(({ id, offset }) => {
        const folder = attemptFolder(context, id, 1)
        waits ||= existsSync(path.join(folder, intakeFiles.held))
        const size = statSync(path.join(folder, 'events.jsonl'), { throwIfNoEntry: false })?.size ?? 0
        return size > offset ? [id] : []
      })
      if (behind.length > 0) add(behind)
      return waits
    },
  }
}
