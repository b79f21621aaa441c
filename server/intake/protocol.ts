/**
 * What a protocol is to the intake: requests in, a reply and events out, nothing else. Clients repeat themselves (a lost
 * answer, a restarted intake, a later `sync`), so every event carries a mark of its own, and one mark is written once.
 */
import type { Readable } from 'node:stream'
import type { TrainerEvent } from '../../contract/trainer.ts'

export { emptyValues, isObject, isStep, numberOf } from '../formats/plain-values.ts'

/** An event as it goes into `events.jsonl`; `from` says which client's call it is, and is what makes a repeat known. */
export type IntakeEvent = TrainerEvent & { from?: string }

export type IntakeRequest = {
  method: string
  /** Below the protocol's own prefix, decoded no further than the URL has it. */
  path: string
  query: URLSearchParams
  /** Unpacked, within the limits of read-body.ts. */
  body: Buffer
}

/** `file`, `stream`: what is answered in place of the body. */
export type Reply = { status: number; body: unknown; file?: string; stream?: { body: Readable; bytes: string | null } }

export type IntakeOutcome = {
  reply: Reply
  events: IntakeEvent[]
  /** What is taken and cannot be written as events yet: kept on disk as it is, and given back by `hold` after a kill. */
  held?: string[]
  /** Called once the events are written: only then may a repeat be passed over. */
  commit?: () => void
}

export type Protocol = {
  /** Gives what to answer and to write. Throws a Refusal for what it does not take. */
  handle(request: IntakeRequest): IntakeOutcome
  /** Reads an event that an earlier process of this intake wrote. */
  restore(event: IntakeEvent): void
  /** Takes back what an earlier process of this intake held. */
  hold(held: string): void
  /** What need not be held any longer; null when nothing. */
  due(now: number): Omit<IntakeOutcome, 'reply'> | null
  /** What it must know again after a kill, beside the events: plain data. */
  save(): unknown
  load(saved: unknown): void
  /** Where the body of this request goes as a file, or null: then `handle` is given it. */
  uploadOf(method: string, path: string, query: URLSearchParams): Upload | null
  /** What is still to be said when nothing more will come; all that was held is among it. */
  end(): IntakeEvent[]
  /** A client is in the middle of a run: what it has not sent yet may still come. */
  isOpen(): boolean
}

export type Upload = {
  /** Below the folder of kept files. */
  name: string
  /** Said when the file is whole; gives its events. */
  done(file: string): IntakeOutcome
}

/** The attempt, or the run of its own, that a client's calls belong to. */
export type IntakeRun = {
  /** The id that W&B's client is given. */
  id: string
  /** The id that MLflow's client is given: 32 hexadecimal digits. */
  hexId: string
  /** Where W&B's uploads are reached: what goes before the proof and the name. */
  uploads(): string
  /** A run that no sweep started: its client alone says when it ends. */
  ofItsOwn: boolean
  /** What proves that an upload was asked for here. */
  key: string
  /** The folder of kept files, absolute. */
  files: string
  /** The folder of files that a client sent and has not said yet what they are of, absolute. */
  waiting: string
  /** The kept files of all runs that share the names of Trackio's artifacts with this one; left out: its own alone. */
  siblings?: () => string[]
  /** Whether the run is to be stopped: told to clients whose protocol can say so. */
  isStopping(): boolean
}

/** A request that is not taken: the client is told why, and nothing else happens. */
export class Refusal extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, message: string, code = 'INVALID_PARAMETER_VALUE') {
    super(message)
    this.status = status
    this.code = code
  }
}

/** A part of an address as the client meant it. Throws a Refusal where it is no escaped text: a failure would be tried again for ever. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Refusal(400, `${part} is no escaped part of an address.`)
  }
}

/** What a client sent as a text, whatever it is: an object may have a `toString` that is none. */
export function worded(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}
