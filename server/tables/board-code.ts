/** The code that the leaderboard's checkpoints rest on: their commits as a column, and a sentence where they differ. */
import { codeSentences } from '../base/saying/code-notes.ts'
import { type CodeSnapshot, isDirty, shortCommit } from '../../domain/provenance/what-was-run.ts'
import type { BoardQuery } from '../../domain/asking/board-query.ts'
import type { RanCode } from '../../domain/provenance/code-states.ts'
import { plural } from '../../domain/words.ts'
import type { CheckpointColumns } from './checkpoint-columns.ts'

/** The code of the attempt that wrote the checkpoint; undefined: not recorded. */
export function snapshotAt({ code, snapshots }: CheckpointColumns, place: number): CodeSnapshot | undefined {
  return snapshots.get(code[place]!)
}

/** Whether uncommitted changes were run; null: not known. */
export function dirtyAt(columns: CheckpointColumns, place: number): boolean | null {
  const snapshot = snapshotAt(columns, place)
  return snapshot === undefined ? null : isDirty(snapshot)
}

/** A commit as a column shows it, `+` behind it where uncommitted changes were run; null: none is known. */
export function commitAt(columns: CheckpointColumns, place: number): string | null {
  const snapshot = snapshotAt(columns, place)
  if (!snapshot || snapshot.commit === null) return null
  return `${shortCommit(snapshot.commit)}${isDirty(snapshot) ? '+' : ''}`
}

/** What tells groups of one commit each apart: the commit and what differed from it. */
export function commitKeyAt(columns: CheckpointColumns, place: number): string {
  const snapshot = snapshotAt(columns, place)
  return `${snapshot?.commit} ${snapshot?.patch}`
}

/** `commit`, where rows have several or are one commit each. */
export function commitColumn(columns: CheckpointColumns, places: Uint32Array, query: BoardQuery): string[] {
  if (query.grouped) return query.byCommit ? ['commit'] : []
  // many places of few states each
  const first = new Map<number, number>()
  for (const place of places) if (!first.has(columns.code[place]!)) first.set(columns.code[place]!, place)
  return new Set([...first.values()].map((place) => commitAt(columns, place))).size > 1 ? ['commit'] : []
}

/** Sentences where these checkpoints came from more than one state of the code. */
export function codeOfPlaces(columns: CheckpointColumns, places: Uint32Array): string[] {
  const { code, codeBefore, codeOfEvaluation } = columns
  const counted = (...of: Float64Array[]): RanCode<number>[] => {
    const counts = new Map<number, number>()
    for (const place of places)
      for (const column of of) counts.set(column[place]!, (counts.get(column[place]!) ?? 0) + 1)
    return [...counts].flatMap(([number, who]) => {
      const snapshot = columns.snapshots.get(number)
      return snapshot === undefined ? [] : [{ snapshot, who }]
    })
  }
  const words = (counts: number[]) =>
    plural(
      counts.reduce((sum, count) => sum + count, 0),
      'checkpoint',
    )
  return codeSentences({ training: counted(code, codeBefore), evaluation: counted(codeOfEvaluation) }, [], words)
}
