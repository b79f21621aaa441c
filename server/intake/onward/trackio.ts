/** Trackio's calls, passed on as they are: an entry has an id of its own, and counts once there as well. */
import { isObject } from '../protocol.ts'
import { ask, Refused, type Courier } from './courier.ts'
import type { Places } from '../../base/preparing/tracker-places.ts'

type Call = { name: string; text: string }

/** Passes on what is logged, not what is asked. */
export function trackioCourier({ address, token }: NonNullable<Places['trackio']>): Courier<Call> {
  const headers: Record<string, string> = token === null ? {} : { 'x-trackio-write-token': token }
  return {
    atOnce: 1,
    read({ path, text }) {
      const name = /^\/api\/(bulk_log|bulk_alert|bulk_log_system)$/.exec(path)?.[1]
      return name === undefined ? null : { name, text }
    },
    async send([call]) {
      const answer = await ask(`${address}/api/${call!.name}`, { headers, body: call!.text })
      const said = parsed(answer)
      if (isObject(said) && said.error) throw new Refused(JSON.stringify(said.error).slice(0, 300))
      return { count: 1 }
    },
  }
}

/** Throws Refused where something else than Trackio answers. */
function parsed(answer: string): unknown {
  try {
    return JSON.parse(answer || '{}')
  } catch {
    throw new Refused(`it answers with no JSON: ${answer.slice(0, 200)}`)
  }
}
