/** Pages of the leaderboard across sweeps, described no further than they are shown. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { countScoresWithoutCheckpoint } from '../../../db/queries/checkpoint-columns.ts'
import { countUnevaluated } from '../../../db/queries/own-runs.ts'
import { listEvaluations } from '../../../db/queries/checkpoints.ts'
import { listPartlyAsked } from '../../../db/queries/rungs.ts'
import { braceAt, ranksOf } from '../../../domain/asking/order.ts'
import { type BoardQuery, plainBoardQuery } from '../../../domain/asking/board-query.ts'
import { scoreResults } from '../../../domain/score/score.ts'
import { accuracyOf } from '../../../domain/score/score.ts'
import type { Context } from '../../base/context.ts'
import type { BoardChoices, BoardPage, BoardRow } from '../../../contract/api/leaderboard.ts'
import { type Board, boardOf, boardOrder, meanAccuracy, rowCorrected, rowInterval } from '../../tables/board.ts'
import { boardFields, evaluatedRuns, settingAt, shownHomes, trainerOf } from '../../tables/board-filter.ts'
import { dirtyAt, snapshotAt } from '../../tables/board-code.ts'
import { checkpointColumns, homeAt } from '../../tables/checkpoint-columns.ts'
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
  const homes = shownHomes(columns).map((home) => ({ home, runs: evaluatedRuns(columns, home) }))
  const sweeps = homes.filter(({ home }) => home.kind === 'sweep')
  const trainers = homes.flatMap(({ home, runs }) =>
    home.kind === 'sweep' ? [trainerOf(home, { own: null })] : runs.map((run) => trainerOf(home, run)),
  )
  return {
    sweeps: sweeps
      .filter(({ runs }) => runs.length > 0)
      .map(({ home: { id, name } }) => ({ id, name }))
      .toReversed(),
    trainers: [...new Set(trainers)].toSorted(),
    tags: [...new Set(columns.tags.values().toArray().flat())].toSorted(),
    fields: boardFields(columns).map(({ name }) => name),
    withoutCheckpoint: countScoresWithoutCheckpoint(context.database),
    unevaluated: countUnevaluated(context.database),
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
  const home = columns.homes.get(run.home)!
  const mean = means?.[row]
  const orNull = (value: number) => (Number.isNaN(value) ? null : value)
  const homes = new Set(members.map((member) => homeAt(columns, member)))
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
    home: { kind: home.kind, id: home.id, name: home.name },
    otherHomes: homes.size - 1,
    runId: run.id,
    runNumber: run.number,
    runName: run.own?.name ?? `run ${run.number}`,
    trainer: trainerOf(home, run),
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

const noBaseline = 'No score: a run of its own has no baseline. Choose one for all to see its score.'

/** Why rows have no score, in the words of the score itself. */
function reasonsOf(context: Context, { scores, first, score }: Board, rows: number[]): Map<number, string> {
  const { columns } = scores
  const without = rows.filter((row) => Number.isNaN(score[row]!))
  const ids = without.map((row) => columns.ids[first[row]!]!)
  const results = Map.groupBy(listEvaluations(context.database, ids), (result) => result.checkpointId)
  return new Map(
    without.flatMap((row, at) => {
      const { key, kind, scoring } = homeAt(columns, first[row]!)
      const baseline = scores.accuraciesOf(key)
      if (kind === 'project' && scores.baselineId === null) return [[row, noBaseline] as const]
      const { error } = scoreResults({
        aggregate: scoring.aggregate,
        baseline,
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
function benchmarksOf({ scores, homeKeys }: Board): string[] {
  const names = new Set([...homeKeys].flatMap((key) => Object.keys(scores.accuraciesOf(key))))
  return [...names].toSorted().slice(0, mostBenchmarks)
}

function mixtureOf({ scores, homeKeys }: Board): BoardPage['mixed'] {
  // where nothing can be scored, nothing is mixed
  const scored = [...homeKeys].filter((key) => scores.columns.homes.get(key)!.sweep || scores.baselineId !== null)
  const aggregates = new Set(scored.map((key) => scores.columns.homes.get(key)!.scoring.aggregate))
  const baselines = new Set(scored.map((key) => JSON.stringify(Object.entries(scores.accuraciesOf(key)).toSorted())))
  return { aggregates: aggregates.size > 1, baselines: baselines.size > 1 }
}
