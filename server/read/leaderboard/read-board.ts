/** Pages of the leaderboard across sweeps, described no further than they are shown. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { scoringOf } from '../../../domain/sweep/scoring.ts'
import { countScoresWithoutCheckpoint } from '../../../db/queries/checkpoint-columns.ts'
import { listEvaluations } from '../../../db/queries/checkpoints.ts'
import { listPartlyAsked } from '../../../db/queries/rungs.ts'
import { braceAt, ranksOf } from '../../../domain/asking/order.ts'
import { type BoardQuery, plainBoardQuery } from '../../../domain/asking/board-query.ts'
import { scoreResults } from '../../../domain/score/score.ts'
import { accuracyOf } from '../../../domain/score/score.ts'
import type { Context } from '../../base/context.ts'
import type { BoardChoices, BoardPage, BoardRow } from '../../../contract/api/leaderboard.ts'
import { type Board, boardOf, boardOrder, meanAccuracy, rowCorrected, rowInterval } from '../../tables/board.ts'
import { boardFields, settingAt, shownSweeps, trainerOf } from '../../tables/board-filter.ts'
import { dirtyAt, snapshotAt } from '../../tables/board-code.ts'
import { checkpointColumns } from '../../tables/checkpoint-columns.ts'
import { scoreColumns } from '../../tables/score-columns.ts'

/** Rows `offset` to `offset + limit` in the order asked for. Throws `not-found` for a baseline that does not exist. */
export function readBoard(context: Context, query: BoardQuery, offset: number, limit: number): BoardPage {
  const board = boardOf(context, query)
  const order = boardOrder(board, query.sort, query.descending)
  const ranks = ranksOf(boardOrder(board, 'score', true))
  const byScore = query.sort === 'score' && query.descending
  const isTied = (at: number) => {
    const row = order[at]
    return byScore && board.tiedCount > 0 && row !== undefined && (board.tied[row] === 1 || ranks[row] === 0)
  }
  const benchmarks = benchmarksOf(board)
  const rows = [...order.subarray(offset, offset + limit)]
  const reasons = reasonsOf(context, board, rows)
  const idOf = (row: number) => board.scores.columns.ids[board.first[row]!]!
  const partly = listPartlyAsked(context.database, rows.map(idOf))
  return {
    total: order.length,
    checkpoints: board.checkpoints,
    copies: board.copies,
    scored: board.scored,
    uncounted: board.uncounted,
    error: board.error,
    settings: board.settings,
    code: board.code,
    benchmarks,
    extremes: board.extremes,
    tied: board.tiedCount,
    mostlyLuck: board.mostlyLuck,
    seeds: board.seeds,
    agreement: board.agreement,
    lastTied: byScore && board.tiedCount > 0 ? order.findLastIndex((_, at) => isTied(at)) : -1,
    mixed: mixtureOf(board),
    offset,
    rows: rows.map((row, at): BoardRow => {
      const scored = !Number.isNaN(board.score[row]!)
      return {
        ...describeRow(board, row, benchmarks),
        rank: scored ? ranks[row]! + 1 : null,
        brace: braceAt(offset + at, isTied),
        error: scored ? null : (reasons.get(row) ?? null),
        partly: partly.get(idOf(row)) ?? null,
      }
    }),
  }
}

/** Reads what the leaderboard and the lineage begin with, in two steps between which the server answers: 0.5 s for 50,000 checkpoints. */
export async function readAhead(context: Context): Promise<void> {
  for (const read of [() => scoreColumns(context, null), () => readBoard(context, plainBoardQuery, 0, 1)]) {
    await nextTurn()
    if (!context.database.$client.open) return
    read()
  }
}

/** What there is to choose from above the table. */
export function describeChoices(context: Context): BoardChoices {
  const columns = checkpointColumns(context)
  const sweeps = shownSweeps(columns)
  return {
    sweeps: sweeps
      .filter(({ id }) =>
        (columns.runsOf.get(id) ?? []).some(({ places }) => places.some((place) => columns.results[place]! > 0)),
      )
      .map(({ id, name }) => ({ id, name }))
      .toReversed(),
    trainers: [...new Set(sweeps.map(trainerOf))].toSorted(),
    tags: [...new Set(columns.tags.values().toArray().flat())].toSorted(),
    fields: boardFields(columns).map(({ name }) => name),
    withoutCheckpoint: countScoresWithoutCheckpoint(context.database),
  }
}

function describeRow(
  board: Board,
  row: number,
  benchmarks: string[],
): Omit<BoardRow, 'rank' | 'brace' | 'error' | 'partly'> {
  const { scores, means } = board
  const { columns } = scores
  const members = board.members(row)
  const place = board.first[row]!
  const run = columns.runs.get(columns.runIds[place]!)!
  const sweep = columns.sweeps.get(run.sweepId)!
  const mean = means?.[row]
  const orNull = (value: number) => (Number.isNaN(value) ? null : value)
  const sweepIds = new Set(members.map((member) => columns.runs.get(columns.runIds[member]!)!.sweepId))
  const settings = board.settings.flatMap((name) => {
    const value = settingAt(columns, place, name)
    return value === null ? [] : [[name, value]]
  })
  const accuracies = benchmarks.flatMap((name) => {
    const accuracy = meanAccuracy(board, row, name)
    return accuracy === null ? [] : [[name, accuracy]]
  })
  return {
    checkpointIds: members.map((member) => columns.ids[member]!),
    sweepId: sweep.id,
    sweepName: sweep.name,
    otherSweeps: sweepIds.size - 1,
    runId: run.id,
    runNumber: run.number,
    trainer: trainerOf(sweep),
    settings: Object.fromEntries(settings),
    step: orNull(columns.step[place]!),
    epoch: orNull(columns.epoch[place]!),
    commit: snapshotAt(columns, place)?.commit ?? null,
    changes: dirtyAt(columns, place),
    createdAt: columns.createdAt[place]!,
    picked: members.some((member) => !Number.isNaN(columns.pickedAt[member]!)),
    tags: [...new Set(members.flatMap((member) => columns.tags.get(member) ?? []))],
    score: orNull(board.score[row]!),
    rounded: columns.rounded[place] === 1,
    interval: Number.isNaN(board.score[row]!) ? null : rowInterval(board, row),
    chanceOfBest: orNull(board.chance[row]!),
    tiedWithBest: board.tied[row] === 1,
    corrected: rowCorrected(board, row),
    group: means && {
      count: members.length,
      unscored: members.length - (mean?.count ?? 0),
      spread: mean?.spread ?? null,
    },
    accuracies: Object.fromEntries(accuracies),
  }
}

/** Why rows have no score, in the words of the score itself. */
function reasonsOf(context: Context, { scores, first, score }: Board, rows: number[]): Map<number, string> {
  const { columns } = scores
  const without = rows.filter((row) => Number.isNaN(score[row]!))
  const ids = without.map((row) => columns.ids[first[row]!]!)
  const results = Map.groupBy(listEvaluations(context.database, ids), (result) => result.checkpointId)
  return new Map(
    without.flatMap((row, at) => {
      const sweep = columns.sweeps.get(columns.runs.get(columns.runIds[first[row]!]!)!.sweepId)!
      const { error } = scoreResults({
        aggregate: scoringOf(sweep.definition).aggregate,
        baseline: scores.accuraciesOf(sweep.id),
        results: Object.fromEntries(
          (results.get(ids[at]!) ?? []).map((result) => [
            result.benchmark,
            { accuracy: accuracyOf(result), error: result.error },
          ]),
        ),
      })
      return error === null ? [] : [[row, error] as const]
    }),
  )
}

const mostBenchmarks = 6

/** Benchmarks that scores of these rows rest on, in the order of the names; as many as a page has room for. */
function benchmarksOf({ scores, sweepIds }: Board): string[] {
  const names = new Set([...sweepIds].flatMap((id) => Object.keys(scores.accuraciesOf(id))))
  return [...names].toSorted().slice(0, mostBenchmarks)
}

function mixtureOf({ scores, sweepIds }: Board): BoardPage['mixed'] {
  const aggregates = new Set([...sweepIds].map((id) => scoringOf(scores.columns.sweeps.get(id)!.definition).aggregate))
  const baselines = new Set(
    [...sweepIds].map((id) => JSON.stringify(Object.entries(scores.accuraciesOf(id)).toSorted())),
  )
  return { aggregates: aggregates.size > 1, baselines: baselines.size > 1 }
}
