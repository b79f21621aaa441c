/** Ray's Jobs interface over HTTP. What a cluster answers is hostile until read: limited in time and size, and never followed elsewhere. */
import http from 'node:http'
import https from 'node:https'
import { z } from 'zod'

/** `sure`: Ray answered, and this is its answer. Otherwise nobody knows whether it did what it was asked. */
export type RayAnswer<Value> = { ok: true; value: Value } | { ok: false; sure: boolean; message: string }

const jobSchema = z.object({
  submission_id: z.string().max(500).nullish(),
  status: z.string().max(50),
  message: z.string().nullish(),
  error_type: z.string().max(200).nullish(),
  driver_node_id: z.string().max(200).nullish(),
})
export type RayJob = z.infer<typeof jobSchema>

export type RayJobs = {
  submit(address: string, body: object): Promise<RayAnswer<null>>
  /** Every job that was submitted there and is still known, by its id. */
  list(address: string): Promise<RayAnswer<ReadonlyMap<string, RayJob>>>
  stop(address: string, id: string): Promise<RayAnswer<null>>
}

const answerSeconds = 20
const mostBytes = 64 << 20
/** Words of a cluster that stand on a page. */
const mostWords = 600

/** Refusals of what was asked: trying again would not help. */
const refusals = [400, 401, 403, 404, 405, 413, 422]

export function rayJobs(): RayJobs {
  async function ask(address: string, path: string, method: 'GET' | 'POST', body?: object): Promise<RayAnswer<string>> {
    try {
      const { status, text } = await request(`${address}/api/jobs/${path}`, method, body)
      if (text === null) return { ok: false, sure: false, message: `its answer is longer than ${mostBytes >> 20} MB` }
      if (status === 200) return { ok: true, value: text }
      return { ok: false, sure: refusals.includes(status), message: `${status}: ${lastWords(text)}` }
    } catch (error) {
      return { ok: false, sure: false, message: (error as Error).message.slice(0, mostWords) }
    }
  }

  return {
    async submit(address, body) {
      const answer = await ask(address, '', 'POST', body)
      // it is ours: an answer before this one was lost
      if (answer.ok || /submission_id \S+ already exists/.test(answer.message)) return { ok: true, value: null }
      return answer
    },
    async list(address) {
      const answer = await ask(address, '', 'GET')
      if (!answer.ok) return answer
      try {
        const jobs = z.array(jobSchema).parse(JSON.parse(answer.value))
        return {
          ok: true,
          value: new Map(jobs.flatMap((job) => (job.submission_id ? [[job.submission_id, job]] : []))),
        }
      } catch {
        return { ok: false, sure: false, message: `what answers there is no Ray: ${lastWords(answer.value)}` }
      }
    },
    async stop(address, id) {
      const answer = await ask(address, `${encodeURIComponent(id)}/stop`, 'POST')
      return answer.ok ? { ok: true, value: null } : answer
    },
  }
}

/** An address is only what the file says: nothing is followed elsewhere. Not `fetch`, which Ray takes for a browser and refuses. */
function request(url: string, method: 'GET' | 'POST', body?: object): Promise<{ status: number; text: string | null }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(answerSeconds * 1000)
    const fail = (error: Error) =>
      reject(signal.aborted ? new Error(`no answer in ${answerSeconds} s`, { cause: error }) : error)
    const headers = method === 'POST' ? { 'content-type': 'application/json' } : {}
    const call = (url.startsWith('https:') ? https : http).request(url, { method, headers, signal }, (response) => {
      const parts: Buffer[] = []
      let bytes = 0
      const end = (text: string | null) => resolve({ status: response.statusCode ?? 0, text })
      response.on('data', (part: Buffer) => {
        bytes += part.byteLength
        parts.push(part)
        if (bytes <= mostBytes) return
        end(null)
        response.destroy()
      })
      response.on('end', () => end(Buffer.concat(parts).toString('utf8')))
      response.on('error', fail)
    })
    call.on('error', fail)
    call.end(method === 'POST' ? JSON.stringify(body ?? {}) : undefined)
  })
}

/** The end of a longer text: of a traceback, what it comes to. */
export function lastWords(text: string): string {
  const lines = text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .replace(/\W*$/, '')
  return lines.length > mostWords ? `… ${lines.slice(-mostWords)}` : lines
}
