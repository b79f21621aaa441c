/**
 * Points of sweeps as plain columns, and which of them changed since they were read. The changes are gathered by
 * triggers of this connection alone (the one process that writes), in tables that are never on disk: a transaction that
 * rolls back takes its changes back with it.
 */
import type { Goal } from '../../domain/sweep/stop-early.ts'
import type { Database } from '../client.ts'

/** id, number, run id, run's number, the axes' values as JSON, status, score, interval low and high, chance of best, tied, rounded, asked, whether it breaks a constraint, objectives as JSON. */
export type PointColumnsRow = [
  number,
  number,
  number,
  number,
  string,
  string,
  number | null,
  number | null,
  number | null,
  number | null,
  number,
  number,
  number | null,
  number,
  string | null,
]
/** Point's number, benchmark, accuracy, correct, total. */
export type PointAccuracyRow = [number, string, number | null, number | null, number | null]

/** Not `insert or ignore`: a trigger takes over how the statement that fires it meets conflicts, and an upsert ends in an error. */
const tables = `
  create temp table if not exists watched_sweeps (sweep_id integer primary key, version integer not null, columns integer not null);
  create temp table if not exists changed_points (point_id integer primary key, sweep_id integer not null);
  create temp trigger if not exists watch_points after update on main.points
  when new.sweep_id in (select sweep_id from watched_sweeps) begin
    update watched_sweeps set version = version + 1 where sweep_id = new.sweep_id;
    insert into changed_points
      select new.id, new.sweep_id from watched_sweeps where sweep_id = new.sweep_id and columns = 1
        and not exists (select 1 from changed_points where point_id = new.id);
  end;
  create temp trigger if not exists watch_new_points after insert on main.points
  when new.sweep_id in (select sweep_id from watched_sweeps) begin
    update watched_sweeps set version = version + 1 where sweep_id = new.sweep_id;
    insert into changed_points select new.id, new.sweep_id from watched_sweeps where sweep_id = new.sweep_id and columns = 1;
  end;
  create temp trigger if not exists watch_jobs after update on main.jobs begin
    update watched_sweeps set version = version + 1 where sweep_id = new.sweep_id;
  end;
  create temp trigger if not exists watch_new_jobs after insert on main.jobs begin
    update watched_sweeps set version = version + 1 where sweep_id = new.sweep_id;
  end;
  create temp trigger if not exists watch_new_evaluations after insert on main.evaluations begin
    insert into changed_points select points.id, points.sweep_id from points, watched_sweeps
      where points.checkpoint_id = new.checkpoint_id and watched_sweeps.sweep_id = points.sweep_id and columns = 1
        and not exists (select 1 from changed_points where point_id = points.id);
  end;
  create temp trigger if not exists watch_evaluations after update on main.evaluations begin
    insert into changed_points select points.id, points.sweep_id from points, watched_sweeps
      where points.checkpoint_id = new.checkpoint_id and watched_sweeps.sweep_id = points.sweep_id and columns = 1
        and not exists (select 1 from changed_points where point_id = points.id);
  end;
`
const watching = new WeakSet<Database>()

/** Follows what changes of a sweep from now on; `columns`: also which points. */
export function watchSweep(database: Database, sweepId: number, options: { columns: boolean }): void {
  const { $client: connection } = database
  if (!watching.has(database)) {
    connection.pragma('temp_store = memory')
    connection.exec(tables)
    watching.add(database)
  }
  connection
    .prepare(
      `insert into watched_sweeps values (?, 0, ?)
       on conflict do update set columns = max(columns, excluded.columns)`,
    )
    .run(sweepId, Number(options.columns))
}

/** Lets go of which points changed; how often anything did is still counted. */
export function unwatchColumns(database: Database, sweepId: number): void {
  database.$client.prepare('update watched_sweeps set columns = 0 where sweep_id = ?').run(sweepId)
  database.$client.prepare('delete from changed_points where sweep_id = ?').run(sweepId)
}

/** Rises with every change of a watched sweep's points and jobs; null while it is not watched. */
export function sweepVersion(database: Database, sweepId: number): number | null {
  if (!watching.has(database)) return null
  const row = database.$client.prepare('select version from watched_sweeps where sweep_id = ?').pluck().get(sweepId) as
    | number
    | undefined
  return row ?? null
}

const columns = `points.id, points.number, points.run_id, jobs.number, points.key, points.status, points.score, points.interval_low,
  points.interval_high, points.chance_of_best, points.tied_with_best, points.rounded, points.asked, points.broken is not null,
  points.objectives`
const accuracies = 'points.number, evaluations.benchmark, evaluations.accuracy, evaluations.correct, evaluations.total'

/** Every point of a sweep, in no order. */
export function readPointColumns(database: Database, sweepId: number): IterableIterator<PointColumnsRow> {
  return database.$client
    .prepare(`select ${columns} from points join jobs on jobs.id = points.run_id where points.sweep_id = ?`)
    .raw()
    .iterate(sweepId) as IterableIterator<PointColumnsRow>
}

/** What the checkpoints of the points `from` to `to` (numbers, both included) were measured to do. */
export function readPointAccuracies(
  database: Database,
  sweepId: number,
  from: number,
  to: number,
): IterableIterator<PointAccuracyRow> {
  return database.$client
    .prepare(
      `select ${accuracies} from points join evaluations on evaluations.checkpoint_id = points.checkpoint_id
       where points.sweep_id = ? and points.number between ? and ?`,
    )
    .raw()
    .iterate(sweepId, from, to) as IterableIterator<PointAccuracyRow>
}

/** The points of a watched sweep that changed since they were last taken, as they are now, and their accuracies. */
export function takeChangedPoints(
  database: Database,
  sweepId: number,
): { points: PointColumnsRow[]; accuracies: PointAccuracyRow[] } {
  const { $client: connection } = database
  const changed = connection.prepare('select count(*) from changed_points where sweep_id = ?').pluck().get(sweepId)
  if (changed === 0) return { points: [], accuracies: [] }
  const from = 'changed_points join points on points.id = changed_points.point_id'
  const found = {
    points: connection
      .prepare(`select ${columns} from ${from} join jobs on jobs.id = points.run_id where changed_points.sweep_id = ?`)
      .raw()
      .all(sweepId) as PointColumnsRow[],
    accuracies: connection
      .prepare(
        `select ${accuracies} from ${from} join evaluations on evaluations.checkpoint_id = points.checkpoint_id
         where changed_points.sweep_id = ?`,
      )
      .raw()
      .all(sweepId) as PointAccuracyRow[],
  }
  connection.prepare('delete from changed_points where sweep_id = ?').run(sweepId)
  return found
}

/** The best point of a sweep by what its scores are for, the first of equal ones; none that breaks a constraint. */
export function findBestPoint(
  database: Database,
  sweepId: number,
  goal: Goal,
): { id: number; score: number; low: number | null; high: number | null } | undefined {
  return database.$client
    .prepare(
      `select id, score, interval_low as low, interval_high as high from points
       where sweep_id = ? and score is not null and broken is null order by score ${goal === 'maximize' ? 'desc' : 'asc'}, number limit 1`,
    )
    .get(sweepId) as { id: number; score: number; low: number | null; high: number | null } | undefined
}

/** The points of a sweep in the plan's order, each with the job that works on it now, if one does. */
export function listCells(
  database: Database,
  sweepId: number,
): { status: string; score: number | null; liveJob: number | null }[] {
  return database.$client
    .prepare(
      `select status, score, case status when 'training' then run_id when 'evaluating' then evaluation_job_id end as liveJob
       from points where sweep_id = ? order by number`,
    )
    .all(sweepId) as { status: string; score: number | null; liveJob: number | null }[]
}

/** The points in `cells` shares of neighbours in the plan: of each the best score, or where it has none what most needs attention. */
export function listSharedCells(
  database: Database,
  sweepId: number,
  { points, cells, goal }: { points: number; cells: number; goal: Goal },
): { status: string; score: number | null }[] {
  const rows = database.$client
    .prepare(
      `select ${goal === 'maximize' ? 'max' : 'min'}(score), max(status in ('training', 'evaluating')), max(status = 'failed'), max(status = 'cancelled'),
         max(status = 'stopped'), max(status = 'done')
       from points where sweep_id = ? group by (number - 1) * cast(? as integer) / cast(? as integer) order by min(number)`,
    )
    .raw()
    .all(sweepId, cells, points) as [number | null, number, number, number, number, number][]
  return rows.map(([score, live, failed, cancelled, stopped, done]) => ({
    score,
    status:
      score !== null
        ? 'scored'
        : live
          ? 'training'
          : failed
            ? 'failed'
            : cancelled
              ? 'cancelled'
              : stopped
                ? 'stopped'
                : done
                  ? 'done'
                  : 'waiting',
  }))
}

/** The worst and the best score of a sweep; null where there is none. */
export function findScoreRange({ $client }: Database, sweepId: number, goal: Goal): [number, number] | null {
  const [low, high] = $client
    .prepare('select min(score), max(score) from points where sweep_id = ?')
    .raw()
    .get(sweepId) as [number | null, number | null]
  if (low === null || high === null) return null
  return goal === 'maximize' ? [low, high] : [high, low]
}

/** Writes intervals, chances and ties of points. Call in a transaction. */
export function writeUncertainties(
  database: Database,
  rows: Iterable<[low: number | null, high: number | null, chance: number | null, tied: number, pointId: number]>,
): void {
  const statement = database.$client.prepare(
    'update points set interval_low = ?, interval_high = ?, chance_of_best = ?, tied_with_best = ? where id = ?',
  )
  for (const row of rows) statement.run(...row)
}
