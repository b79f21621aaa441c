/** Rollouts in Parquet files, as TRL's `log_completions` writes them: a file a step, read when it is whole. */
import { createHash } from 'node:crypto'
import { closeSync, readSync, statSync } from 'node:fs'
import { openFile, UnreadableFile, type OpenFile } from '../../attempt-files/open-file.ts'
import { readParquetTables, type ReadTable } from '../../formats/parquet-tables/read-tables.ts'
import { tableSamples } from '../../formats/rollout-table.ts'
import type { IntakeEvent } from '../protocol.ts'

/** Read together: starting the program that reads them costs more than a file of a step. */
const mostTogether = 32
const magic = 'PAR1'

/** What was taken of a file: its state then, and its rows. */
type Taken = { state: string; rows: number; hash: string }

export class Completions {
  private readonly taken = new Map<string, Taken>()
  private readonly write: (events: IntakeEvent[]) => void

  constructor(write: (events: IntakeEvent[]) => void) {
    this.write = write
  }

  /** What stood there before the attempt is not of it. */
  passOver(file: string, { inode, size }: { inode: number; size: number }): void {
    this.taken.set(file, { state: `${inode} ${size}`, rows: 0, hash: hashOf([]) })
  }

  /** The mark of an event that an earlier process of this intake wrote: `INODE SIZE MILLISECONDS ROWS HASH FILE`. */
  restore([inode, size, milliseconds, rows, hash, ...parts]: string[]): void {
    const state = `${inode} ${size} ${milliseconds}`
    this.taken.set(parts.join(' '), { state, rows: Number(rows), hash: hash! })
  }

  /** Takes in files that are new, or were written again. `final`: one that is not whole never will be, which is told. */
  poll(files: readonly string[], final: boolean): void {
    for (let start = 0; start < files.length; start += mostTogether) {
      const opened: { file: string; open: OpenFile; state: string }[] = []
      try {
        for (const file of files.slice(start, start + mostTogether)) {
          const found = this.openChanged(file, final)
          if (found !== null) opened.push({ file, ...found })
        }
        const tables = opened.length === 0 ? [] : readParquetTables(opened.map(({ open }) => open.descriptor))
        for (const [at, { file, state }] of opened.entries()) this.take(file, state, tables[at]!)
      } finally {
        for (const { open } of opened) closeSync(open.descriptor)
      }
    }
  }

  private openChanged(file: string, final: boolean): { open: OpenFile; state: string } | null {
    const stats = statSync(file, { throwIfNoEntry: false })
    if (stats === undefined) return null
    const state = `${stats.ino} ${stats.size} ${Math.round(stats.mtimeMs)}`
    const known = this.taken.get(file)
    if (known?.state === state || known?.state === `${stats.ino} ${stats.size}`) return null
    const open = openUnlessGone(file)
    if (open === null) return null
    if (isWhole(open)) return { open, state }
    closeSync(open.descriptor)
    // it is being written: the next look finds it whole
    if (final) this.tell(file, state, 'is not whole: no Parquet file ends so')
    return null
  }

  private take(file: string, state: string, table: ReadTable): void {
    if ('problem' in table) return this.tell(file, state, table.problem)
    const samples = tableSamples(table.columns, table.rows, 0)
    if (samples === null)
      return this.tell(
        file,
        state,
        `has the columns ${table.columns.slice(0, 20).join(', ')}; expected rollouts, with a prompt and a completion`,
      )
    const known = this.taken.get(file)
    // a file that is written anew with more rows at its end, or as the next step's
    const goesOn = known !== undefined && hashOf(table.rows.slice(0, known.rows)) === known.hash
    const fresh: IntakeEvent[] = samples.slice(goesOn ? known.rows : 0)
    const taken = { state, rows: table.rows.length, hash: hashOf(table.rows) }
    const last = fresh.at(-1)
    const from = `follow parquet ${state} ${taken.rows} ${taken.hash} ${file}`
    if (last) this.write([...fresh.slice(0, -1), { ...last, from }])
    this.taken.set(file, taken)
  }

  private tell(file: string, state: string, problem: string): void {
    this.write([{ type: 'note', level: 'warning', text: `The followed file ${file} ${problem}.` }])
    this.taken.set(file, { state, rows: 0, hash: hashOf([]) })
  }
}

function openUnlessGone(file: string): OpenFile | null {
  try {
    return openFile(file, 'anywhere')
  } catch (error) {
    if (error instanceof UnreadableFile) return null
    throw error
  }
}

function isWhole({ descriptor, stats }: OpenFile): boolean {
  const end = Buffer.alloc(magic.length)
  return (
    stats.size > 2 * magic.length &&
    readSync(descriptor, end, 0, end.length, stats.size - end.length) === end.length &&
    end.toString('latin1') === magic
  )
}

const hashOf = (rows: unknown[][]) => createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 16)
