/** A run's samples as a file: streamed, however many there are. */
import type { ServerResponse } from 'node:http'
import type { AnyJobRow } from '../../db/queries/jobs.ts'
import { listSamples, newestEvent } from '../../db/queries/samples.ts'
import type { Context } from '../base/context.ts'
import { sendLines } from './export-metrics.ts'

const rowsAtOnce = 200

/** Sends every sample of the run, those of every attempt, by step: an object a line, as trainers report them. */
export function sendSamples(context: Context, response: ServerResponse, run: AnyJobRow, name: string): void {
  sendLines(response, `${name}-samples.jsonl`, 'application/jsonl', sampleLines(context, run))
}

function* sampleLines(context: Context, run: AnyJobRow): Generator<string> {
  // what arrives meanwhile is for the next download
  const upTo = newestEvent(context.database)
  let after: { step: number; id: number } | null = null
  for (;;) {
    const rows = listSamples(context.database, run.id, { above: 0, upTo, after, limit: rowsAtOnce })
    for (const { attempt, body } of rows) yield `${JSON.stringify({ run: run.number, attempt, ...body })}\n`
    const last = rows.at(-1)
    if (rows.length < rowsAtOnce || last === undefined) return
    after = { step: last.step, id: last.id }
  }
}
