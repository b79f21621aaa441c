/** Reading that takes long, in a thread of its own: the main loop goes on meanwhile, and memory that it takes is the thread's. */
import { statSync, type Stats } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { UnreadableFile } from './open-file.ts'

/** Thrown in place of a result that is not there yet; `done` resolves when it is worth asking again. */
export class StillReading extends Error {
  readonly done: Promise<void>
  constructor(file: string, done: Promise<void>) {
    super(`${file} is still being read`)
    this.done = done
  }
}

/** What a thread does: calls an exported function of a module. Arguments and results are copied. */
export type Order = { module: string; name: string; given: unknown[] }
/** What it answers. */
export type AsideAnswer = { result: unknown } | { unreadable: string } | { failed: string }

/** What is smaller is read at once: a thread takes longer to start. */
const smallBytes = 1 << 18
/** A thread that takes more memory ends, and the file with it. */
const mostMegabytes = 1024
/** Results that are kept until they are asked for again. */
const mostKept = 32

const readings = new Map<string, { done: Promise<void>; answer: AsideAnswer | null }>()

/**
 * What an exported function of a module gives for these arguments, of which one is `file`: at once where that is small, else
 * from a thread, and StillReading is thrown until it is there. The answer holds while the file is the same.
 * Throws what the function throws, as UnreadableFile or Error.
 */
export function readAside<Given extends unknown[], Result>(
  file: string,
  read: (...given: Given) => Result,
  { module, given }: { module: URL; given: Given },
): Result {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats === undefined || !stats.isFile() || stats.size <= smallBytes) return read(...given)
  return readInThread(file, stats, read.name, { module, given }) as Result
}

/** The same of a function that takes its time, however small the file is: always in a thread. undefined where there is no plain file. */
export function readSlowly<Given extends unknown[], Result>(
  file: string,
  read: (...given: Given) => Promise<Result>,
  { module, given }: { module: URL; given: Given },
): Result | undefined {
  const stats = statSync(file, { throwIfNoEntry: false })
  if (!stats?.isFile()) return undefined
  return readInThread(file, stats, read.name, { module, given }) as Result
}

function readInThread(
  file: string,
  stats: Stats,
  name: string,
  { module, given }: { module: URL; given: unknown[] },
): unknown {
  const key = JSON.stringify([module.href, name, given, stats.dev, stats.ino, stats.size, stats.mtimeMs])
  const known = readings.get(key)
  if (known?.answer) return resultOf(known.answer)
  const reading = known ?? begin({ module: module.href, name, given })
  readings.set(key, reading)
  for (const oldest of readings.keys()) {
    if (readings.size <= mostKept) break
    readings.delete(oldest)
  }
  throw new StillReading(file, reading.done)
}

function begin(order: Order): { done: Promise<void>; answer: AsideAnswer | null } {
  const reading: { done: Promise<void>; answer: AsideAnswer | null } = { done: Promise.resolve(), answer: null }
  const thread = new Worker(new URL('./aside-thread.ts', import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
  })
  thread.unref()
  reading.done = new Promise((resolve) => {
    thread.once('message', (answer: AsideAnswer) => (reading.answer ??= answer))
    thread.once('error', (error: NodeJS.ErrnoException) => {
      reading.answer ??=
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? { unreadable: `it takes more than ${mostMegabytes} MB of memory to read` }
          : { failed: error.message }
    })
    thread.once('exit', () => {
      reading.answer ??= { failed: 'the thread that read it ended without an answer' }
      resolve()
    })
  })
  return reading
}

function resultOf(answer: AsideAnswer): unknown {
  if ('result' in answer) return answer.result
  if ('unreadable' in answer) throw new UnreadableFile(answer.unreadable)
  throw new Error(answer.failed)
}
