/**
 * lighteval's details (0.10 and newer): a Parquet file a task, a row a question with `doc` (query, choices, gold_index, id), `model_response`
 * (input, text, text_post_processed, logprobs) and `metric`, the metrics of that question by name.
 */
import { parquetMetadataAsync, parquetReadObjects, type AsyncBuffer } from 'hyparquet'
import { isRecord, keysOf, noOutcome, outcomeOf, textIn, type HarnessItem } from './harness.ts'

const columns = ['doc', 'metric', 'model_response']
/** As many as are read of any file of answers. */
const mostRows = 500_000
/** What a file says that it takes when it is unpacked. */
const mostBytes = 1n << 30n

/** The questions with their answers. `metric`: the one that counts; null: the only one. A sentence's end where there are none to be had. */
export async function readLightevalDetails(file: AsyncBuffer, metric: string | null): Promise<HarnessItem[] | string> {
  const metadata = await parquetMetadataAsync(file)
  const rowCount = Number(metadata.num_rows)
  const bytes = metadata.row_groups.reduce((sum, group) => sum + group.total_byte_size, 0n)
  if (rowCount > mostRows || bytes > mostBytes)
    return `has ${rowCount.toLocaleString('en-US')} rows of ${bytes.toLocaleString('en-US')} bytes; at most ${mostRows.toLocaleString('en-US')} of ${mostBytes.toLocaleString('en-US')} are read`
  const names = new Set(metadata.schema.map(({ name }) => name))
  const lacking = columns.filter((name) => !names.has(name))
  if (lacking.length > 0) return `has no ${lacking.join(' and no ')}: expected details of lighteval 0.10 or newer`
  const rows = await parquetReadObjects({ file, metadata, columns })
  const items: HarnessItem[] = []
  for (const [index, row] of rows.entries()) {
    const item = itemOf(row, metric)
    if (typeof item === 'string') return `row ${index + 1} ${item}`
    items.push(item)
  }
  return items
}

function itemOf({ doc, metric: metrics, model_response: response }: Record<string, unknown>, named: string | null) {
  if (!isRecord(doc) || !isRecord(metrics) || !isRecord(response)) return `holds ${keysOf(doc)} as its question`
  const known = Object.keys(metrics).filter((name) => metrics[name] !== null)
  if (named === null && known.length !== 1)
    return `has several metrics (${known.join('; ')}) and it is not said which counts`
  const name = named ?? known[0]!
  const value = withNumbers(metrics[name] ?? undefined)
  const correct = outcomeOf(value)
  if (correct === null) return noOutcome(value, name)
  const { query, choices, gold_index: gold, id } = doc
  const golds = (Array.isArray(gold) ? gold : [gold]).flatMap((place) =>
    Array.isArray(choices) && (typeof place === 'number' || typeof place === 'bigint') ? [choices[Number(place)]] : [],
  )
  const prompt = typeof response.input === 'string' ? response.input : (textOf(query) ?? '')
  return {
    // the number of the question among the task's; some tasks give none
    id: textOf(id) || prompt,
    prompt,
    response: textOf(firstOf(response.text)) ?? '',
    answer: golds.length === 0 ? null : golds.map((one) => textOf(one)).join(' or '),
    given: textOf(firstOf(response.text_post_processed)) ?? likeliest(choices, response.logprobs),
    correct,
  }
}

/** The choice that the model found most likely. */
function likeliest(choices: unknown, logprobs: unknown): string | null {
  if (!Array.isArray(choices) || !Array.isArray(logprobs) || logprobs.length !== choices.length) return null
  const best = logprobs.reduce((at: number, value, index) => (Number(value) > Number(logprobs[at]) ? index : at), 0)
  return logprobs.length === 0 ? null : textOf(choices[best])
}

const textOf = (value: unknown) => textIn(withNumbers(value))

/** Whole numbers of Parquet are of 64 bits, which JSON knows nothing of. */
function withNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(withNumbers)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withNumbers(part)]))
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value
}
