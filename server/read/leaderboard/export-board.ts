import type { BoardQuery } from '../../../domain/asking/board-query.ts'
import type { Context } from '../../base/context.ts'
import { csvTable } from '../../formats/csv.ts'
import { readBoard } from './read-board.ts'
import { ownValue } from '../../../domain/own-value.ts'

/** The rows of a leaderboard, all of them, in the order asked for; a group's first checkpoint is its best. */
export function boardAsCsv(context: Context, query: BoardQuery): string {
  const { settings, benchmarks, rows } = readBoard(context, query, 0, Infinity)
  // only where a race has asked some of them some of their questions
  const partly = rows.some((row) => row.partly !== null)
  const own = rows.some(({ home }) => home.kind === 'project')
  const head = [
    'rank',
    'checkpoint',
    ...(query.grouped ? ['checkpoints', 'seeds', 'without_score', 'spread'] : []),
    'sweep',
    ...(own ? ['project'] : []),
    'run',
    'trainer',
    ...settings,
    'step',
    'epoch',
    'code_commit',
    'code_changes',
    'saved_at',
    'picked',
    'tags',
    'score',
    'rounded',
    'interval_low',
    'interval_high',
    'corrected',
    'chance_of_best',
    'tied_with_best',
    ...benchmarks,
    'error',
    ...(partly ? ['questions_asked', 'questions'] : []),
  ]
  const lines = rows.map((row) => [
    row.rank,
    row.checkpointIds[0],
    ...(row.group ? [row.checkpointIds.join(' '), row.group.count, row.group.unscored, row.group.spread] : []),
    row.home.kind === 'sweep' ? row.home.name : null,
    ...(own ? [row.home.kind === 'project' ? row.home.name : null] : []),
    row.home.kind === 'sweep' ? row.runNumber : row.runName,
    row.trainer,
    ...settings.map((name) => ownValue(row.settings, name)),
    row.step,
    row.epoch,
    row.commit,
    row.changes,
    new Date(row.createdAt).toISOString(),
    row.picked,
    row.tags.join('; '),
    row.score,
    row.rounded,
    row.interval?.[0],
    row.interval?.[1],
    row.corrected,
    row.chanceOfBest,
    row.tiedWithBest,
    ...benchmarks.map((name) => ownValue(row.accuracies, name)),
    row.error,
    ...(partly ? [row.partly?.asked, row.partly?.questions] : []),
  ])
  return csvTable([head, ...lines])
}
