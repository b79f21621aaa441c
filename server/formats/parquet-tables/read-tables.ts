/** Tables of Parquet files, read at once. */
import { spawnSync } from 'node:child_process'
import path from 'node:path'

/** Cells are what JSON has: NaN and the infinities are words, and bytes are left out. `problem`: a sentence's end. */
export type ReadTable = { columns: string[]; rows: unknown[][] } | { problem: string }

const program = path.join(import.meta.dirname, 'program.ts')
const mostMilliseconds = 30_000
const mostBytes = 512 << 20

/** The tables of files that are open for reading, in their order; a file that cannot be read costs the others nothing. */
export function readParquetTables(descriptors: readonly number[]): ReadTable[] {
  const tables: ReadTable[] = []
  while (tables.length < descriptors.length) {
    const rest = descriptors.slice(tables.length)
    const { stdout } = spawnSync(process.execPath, ['--max-old-space-size=1024', program, String(rest.length)], {
      stdio: ['ignore', 'pipe', 'ignore', ...rest],
      timeout: mostMilliseconds,
      killSignal: 'SIGKILL',
      maxBuffer: mostBytes,
      env: { NODE_ENV: 'production' },
    })
    const lines = stdout.toString('utf8').split('\n').slice(0, -1)
    tables.push(...lines.map((line) => JSON.parse(line) as ReadTable))
    // the one that it died of
    if (tables.length < descriptors.length) tables.push({ problem: 'takes more memory or time than is given to it' })
  }
  return tables.slice(0, descriptors.length)
}
