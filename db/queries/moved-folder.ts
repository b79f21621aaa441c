/** Where the data folder stood, and every stored path. */
import type { Database } from '../client.ts'
import type { Curriculum } from '../../domain/sweep/rounds/curriculum.ts'
import type { Sweep } from '../../domain/sweep/sweep.ts'
import type { Move } from '../../domain/life/moved-paths.ts'
import { dataFolders } from '../schema/folders.ts'
import type { JobRow } from './jobs.ts'

export type FolderRow = typeof dataFolders.$inferSelect

/** Where it stood, the oldest first. */
export function listFolders(database: Database): FolderRow[] {
  return database.select().from(dataFolders).orderBy(dataFolders.id).all()
}

export function insertFolder(database: Database, row: Pick<FolderRow, 'path' | 'real' | 'identity'>): void {
  database.insert(dataFolders).values({ path: row.path, real: row.real, identity: row.identity }).run()
}

/** Checkpoints that have files, with what they are of. */
export function listCheckpointPaths(database: Database): { file: string; runId: number; attempt: number }[] {
  return database.$client
    .prepare('select path as file, run_id as runId, attempt from checkpoints where path is not null')
    .all() as { file: string; runId: number; attempt: number }[]
}

/** Columns that hold paths, as texts of one path or as JSON with paths in it. What sentences say of them stays as it was said. */
const columns: readonly [table: string, column: string, kind: 'text' | 'json', only?: string][] = [
  ['checkpoints', 'path', 'text'],
  ['evaluations', 'items', 'text'],
  ['repeat_evaluations', 'items', 'text'],
  ['evaluation_rungs', 'items', 'text'],
  ['attempts', 'resumed_from', 'text'],
  ['attempts', 'before', 'json'],
  ['attempts', 'code', 'json'],
  ['sweeps', 'directory', 'text'],
  ['sweeps', 'definition', 'json'],
  ['curricula', 'directory', 'text'],
  ['curricula', 'definition', 'json'],
  ['jobs', 'params', 'json'],
  ['points', 'key', 'json'],
  ['points', 'params', 'json'],
  ['events', 'body', 'json', "type = 'file'"],
]

/** The sweeps and curricula whose definition or folder has changed. */
type Changed = { sweeps: Set<number>; curricula: Set<number> }

/** Brings every stored path up to date. Call inside a transaction. */
export function rewritePaths(
  { $client }: Database,
  moves: readonly Move[],
  moved: Record<'text' | 'json', (text: string) => string>,
): Changed {
  const changed: Changed = { sweeps: new Set(), curricula: new Set() }
  for (const [table, column, kind, only = 'true'] of columns) {
    const froms = moves.map(({ from }) => (kind === 'json' ? JSON.stringify(from).slice(1, -1) : from))
    const holds = froms.map(() => `instr(${column}, ?) > 0`).join(' or ')
    const rows = $client
      .prepare(`select rowid as id, ${column} as text from ${table} where ${only} and (${holds})`)
      .all(froms) as { id: number; text: string }[]
    // two points of one sweep would be one where an axis had a model's old and new place
    const write = $client.prepare(`update or ignore ${table} set ${column} = ? where rowid = ?`)
    for (const { id, text } of rows) {
      const now = moved[kind](text)
      if (now === text) continue
      write.run(now, id)
      if (table === 'sweeps' || table === 'curricula') changed[table].add(id)
    }
  }
  return changed
}

type Fingerprinted = {
  table: 'sweeps' | 'curricula'
  id: number
  definition: Sweep | Curriculum
  directory: string
  fingerprint: string
}

/** What the fingerprints of these are made of. */
export function listFingerprinted({ $client }: Database, changed: Changed): Fingerprinted[] {
  return (['sweeps', 'curricula'] as const).flatMap((table) => {
    const find = $client.prepare(`select definition, directory, fingerprint from ${table} where id = ?`)
    return [...changed[table]].map((id) => {
      const row = find.get(id) as { definition: string; directory: string; fingerprint: string }
      return { ...row, table, id, definition: JSON.parse(row.definition) as Sweep | Curriculum }
    })
  })
}

export function setFingerprint(
  { $client }: Database,
  table: 'sweeps' | 'curricula',
  id: number,
  fingerprint: string,
): void {
  $client.prepare(`update ${table} set fingerprint = ? where id = ?`).run(fingerprint, id)
}

/** Gives a job's newest attempt another time of its claim, and with it another mark. */
export function renameClaim({ $client }: Database, { id, attempt, claimedAt }: JobRow): void {
  const at = Math.max(Date.now(), (claimedAt ?? 0) + 1)
  $client.prepare('update jobs set claimed_at = ? where id = ?').run(at, id)
  $client.prepare('update attempts set claimed_at = ? where job_id = ? and number = ?').run(at, id, attempt)
}

/** Pauses every sweep that would start something, and curricula that would. */
export function pauseLiveSweeps({ $client }: Database, reason: string): void {
  const pause = "set status = 'paused', pause_reason = ? where status in ('waiting', 'running')"
  $client.prepare(`update sweeps ${pause}`).run(reason)
  $client.prepare("update curricula set status = 'paused', reason = ? where status = 'running'").run(reason)
}
