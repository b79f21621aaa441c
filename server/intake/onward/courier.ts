/** What passes calls on in one protocol. */
import type { Reply } from '../protocol.ts'

/** A call of a client that was taken here, and what it was answered. */
export type Taken = { method: string; path: string; text: string; reply: Reply }

/** How many of the calls are done with, and why the first of them never will be, where theirs does not take it. */
export type Sent = { count: number; refused?: string }

export type Courier<Call> = {
  /** So many calls may go together. */
  atOnce: number
  /** What is to be passed on of a call; null: nothing. */
  read(taken: Taken): Call | null
  /** Passes on the first of these, or as many as go together. `names` is kept between calls and processes. Throws NotNow or Refused. */
  send(calls: Call[], names: Record<string, string>): Promise<Sent>
}

const patienceMilliseconds = 30_000

export class NotNow extends Error {}
export class Refused extends Error {}

/** Asks theirs; gives the answer's text. Throws NotNow where it may be asked again, Refused with what theirs said where not. */
export async function ask(
  address: string,
  { method = 'POST', body, headers }: { method?: string; body?: string; headers: Record<string, string> },
): Promise<string> {
  let status: number
  let text: string
  try {
    const answer = await fetch(address, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMilliseconds),
      ...(body === undefined ? {} : { body }),
    })
    status = answer.status
    text = await answer.text()
  } catch (error) {
    const { cause, message } = error as Error
    throw new NotNow(cause instanceof Error ? cause.message : message)
  }
  if (status >= 500 || status === 408 || status === 429) throw new NotNow(`it answers ${status}`)
  if (status >= 400) throw new Refused(`${status} ${text.slice(0, 300)}`)
  return text
}
