/** Who may ask: this machine's own pages and commands, or whoever has the token. Checked before anything else is looked at. */
import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isLoopback, type Config } from './config.ts'

/** Whose process is at the other end of a connection. `allowed`: this user's, or root's. `unknown`: it is not of this machine, or gone already. */
export type ConnectionOwner = 'allowed' | 'other' | 'unknown'

export type Judgement = { allowed: true; setCookie?: string } | { allowed: false; status: 401 | 403; reason: string }

/** What every answer says to a browser, whatever it holds. */
export function setSafeHeaders(response: ServerResponse): void {
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('x-frame-options', 'DENY')
  response.setHeader('referrer-policy', 'same-origin')
}

/** The path and search of an address; null where it is none. */
export function parseAddress(url: string | undefined): URL | null {
  if (!url?.startsWith('/') || url.startsWith('//') || url.includes('\0')) return null
  try {
    return new URL(url, 'http://localhost')
  } catch {
    return null
  }
}

const cookieName = 'sweepboard_token'

/**
 * Whether the request may go on. Without a token the server is on loopback: a Host that is not its own (a page of another
 * site whose name was pointed here) is refused, and so are a state-changing request from another origin and whatever comes
 * from a process of another user of this machine. With a token, every request must bring it: as `Authorization: Bearer`, as a
 * cookie, or once as `?token=`, which sets the cookie. `spareToken`: asked for where it is not known whose the process is.
 */
export function judgeRequest(
  request: IncomingMessage,
  config: Pick<Config, 'host' | 'token' | 'spareToken'>,
  { port, owner, address }: { port: number; owner: ConnectionOwner; address: URL },
): Judgement {
  const { headers } = request
  const host = headers.host ?? ''
  if (isLoopback(config.host) && !ownHosts(config.host, port).has(host.toLowerCase())) {
    return refuse(`The Host ${JSON.stringify(host)} is not this server's; open http://127.0.0.1:${port}/.`)
  }
  const { origin } = headers
  const changes = request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'OPTIONS'
  if (
    changes &&
    origin !== undefined &&
    origin.toLowerCase() !== `http://${host.toLowerCase()}` &&
    origin.toLowerCase() !== `https://${host.toLowerCase()}`
  ) {
    return refuse(`The Origin ${JSON.stringify(origin)} is another site's.`)
  }
  if (changes && headers['sec-fetch-site'] === 'cross-site') return refuse('The request comes from another site.')
  if (config.token !== null) return judgeToken(request, config.token, address)
  if (owner === 'allowed') return { allowed: true }
  if (owner === 'other')
    return refuse('The request comes from a process of another user; this server is its own user’s.')
  const verdict = judgeToken(request, config.spareToken, address)
  if (verdict.allowed) return verdict
  return {
    ...verdict,
    reason:
      'This server cannot tell whose process asks. Open it once as http://HOST:PORT/?token=TOKEN, with the token in server.json of its data folder.',
  }
}

function judgeToken(request: IncomingMessage, token: string, address: URL): Judgement {
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  const cookie = new RegExp(`(?:^|;\\s*)${cookieName}=([^;]+)`).exec(request.headers.cookie ?? '')?.[1]
  if (isSame(bearer, token) || isSame(cookie, token)) return { allowed: true }
  const asked = address.searchParams.get('token') ?? undefined
  if (isSame(asked, token)) {
    return { allowed: true, setCookie: `${cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/; Max-Age=31536000` }
  }
  return {
    allowed: false,
    status: 401,
    reason: 'This server asks for its token: open it once as http://HOST:PORT/?token=TOKEN.',
  }
}

function refuse(reason: string): Judgement {
  return { allowed: false, status: 403, reason }
}

/** Each request asks, and a server has one address. */
let known = { host: '', port: -1, hosts: new Set<string>() }

function ownHosts(host: string, port: number): Set<string> {
  if (known.host === host && known.port === port) return known.hosts
  const names = ['127.0.0.1', 'localhost', '[::1]', host.includes(':') ? `[${host}]` : host.toLowerCase()]
  known = {
    host,
    port,
    hosts: new Set(names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]))),
  }
  return known.hosts
}

function isSame(given: string | undefined, token: string): boolean {
  if (given === undefined) return false
  const left = Buffer.from(given)
  const right = Buffer.from(token)
  return left.length === right.length && timingSafeEqual(left, right)
}
