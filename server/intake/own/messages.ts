/** What the server and the intake of runs of their own say to each other. Rows are the server's: it makes them, this asks for it. */
import type { IncomingMessage } from 'node:http'
import type { TrackedClient } from '../../../domain/sweep/track.ts'

export type Project = {
  id: number
  name: string
  tags: Record<string, string>
  createdAt: number
  deletedAt: number | null
}
export type RunKey = {
  id: number
  projectId: number
  client: TrackedClient
  clientId: string
  deletedAt: number | null
}

/** A model, or any other artifact, by the name that W&B's client has for it. */
export type OwnArtifact = {
  kind: string
  /** Of a model. */
  checkpointId: number | null
  runId: number
  name: string
  /** Its place among those of its name in the project, from 0. */
  version: number
  isLatest: boolean
  step: number | null
  createdAt: number
  /** The name of its folder below the files of its run. */
  folder: string
}

/** What the intake asks for, and waits for. */
export type IntakeQuestion =
  | { do: 'open project'; name: string; tags: Record<string, string> }
  | { do: 'change project'; id: number; name?: string; tags?: Record<string, string>; deletedAt?: number | null }
  | { do: 'open run'; projectId: number; client: TrackedClient; clientId: string; name: string; parent: string | null }
  | { do: 'delete runs'; ids: number[]; deletedAt: number | null }
  | { do: 'find artifact'; projectId: number; name: string; version: string }
  | { do: 'use model'; runId: number; checkpointId: number }
  /** The checkpoint of the run `of` in this folder. */
  | { do: 'use checkpoint'; runId: number; of: number; path: string }
  | { do: 'make sweep'; config: string; name: string | null }
  | { do: 'steer sweep'; id: number; state: string }
  | { do: 'describe sweep'; id: number; host: string | null }
  | { do: 'hear agent'; agent: string; sweepId: number; runs: string[] }

export type FromIntake =
  | { type: 'ready'; port: number }
  | { type: 'ask'; number: number; asked: IntakeQuestion }
  /** Clients of these runs said something. */
  | { type: 'heard'; ids: number[] }

export type FromServer =
  | {
      type: 'begin'
      dataFolder: string
      host: string
      key: string
      secret: string
      projects: Project[]
      runs: RunKey[]
    }
  /** With a connection: `head` (base64) was read of it. */
  | { type: 'connection'; head: string }
  | { type: 'answer'; number: number; project?: Project; id?: number; told?: unknown; refused?: string; error?: string }
  /** A person deleted runs, or took it back. */
  | { type: 'deleted'; ids: number[]; deletedAt: number | null }

/** The header in which an attempt's intake says which run of a sweep it asks for. */
export const attemptHeader = 'x-sweepboard-attempt-of'

/** The run of a sweep whose intake asks for its client; null where it is none. */
export function askingAttempt({ headers }: IncomingMessage): number | null {
  const given = String(headers[attemptHeader] ?? '')
  return /^\d{1,15}$/.test(given) ? Number(given) : null
}

/** The header by which the intake knows that the server let a request in. */
export const doorHeader = 'x-sweepboard-door'
