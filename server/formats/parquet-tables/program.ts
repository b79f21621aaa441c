/**
 * `node program.ts COUNT`: reads the Parquet files that it was given open, as descriptors from 3 on, and prints a line of JSON for each
 * (`ReadTable`). A process of its own: what a hostile file takes of memory and time ends with it.
 */
import { fstatSync, readSync, writeSync } from 'node:fs'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { parquetMetadataAsync, parquetReadObjects, type AsyncBuffer } from 'hyparquet'
import type { ReadTable } from './read-tables.ts'

const mostRows = 10_000
/** What a file says that it takes when it is unpacked. */
const mostBytes = 1n << 28n

async function readTable(descriptor: number): Promise<ReadTable> {
  const file = buffered(descriptor)
  const metadata = await parquetMetadataAsync(file)
  const bytes = metadata.row_groups.reduce((sum, group) => sum + group.total_byte_size, 0n)
  if (metadata.num_rows > mostRows || bytes > mostBytes)
    return {
      problem: `has ${metadata.num_rows.toLocaleString('en-US')} rows of ${bytes.toLocaleString('en-US')} bytes; at most ${mostRows.toLocaleString('en-US')} of ${mostBytes.toLocaleString('en-US')} are read`,
    }
  const compressors = {
    GZIP: unpack(gunzipSync),
    ZSTD: unpack(zstdDecompressSync),
    BROTLI: unpack(brotliDecompressSync),
  }
  const rows = await parquetReadObjects({ file, metadata, compressors })
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return { columns, rows: rows.map((row) => columns.map((name) => plain(row[name]))) }
}

const unpack =
  (method: (packed: Uint8Array, options: { maxOutputLength: number }) => Uint8Array) =>
  (packed: Uint8Array, length: number) =>
    method(packed, { maxOutputLength: Math.max(1, length) })

function buffered(descriptor: number): AsyncBuffer {
  const byteLength = fstatSync(descriptor).size
  return {
    byteLength,
    slice(start, end = byteLength) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, byteLength) - start))
      readSync(descriptor, bytes, 0, bytes.length, start)
      return bytes.buffer
    },
  }
}

/** Whole numbers of Parquet are of 64 bits, and its numbers may be none, which JSON both does not know. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Uint8Array || value instanceof Date || typeof value !== 'object' || value === null)
    return value instanceof Uint8Array ? null : value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
}

for (let at = 0; at < Number(process.argv[2]); at++) {
  const table = await readTable(3 + at).catch((error: Error): ReadTable => ({
    problem: `cannot be read (${error.message})`,
  }))
  const line = Buffer.from(`${JSON.stringify(table)}\n`)
  for (let from = 0; from < line.length;) from += writeSync(1, line, from)
}
