import type { IncomingMessage } from 'node:http'
import type { Answered } from '../serve.ts'

/** A request of a client of runs of their own. */
export type OwnCall = { request: IncomingMessage; method: string; url: URL; path: string }

/** An answer that is of no run. */
export const plain = (body: unknown): Answered => ({ reply: { status: 200, body }, folder: '' })
