/**
 * Every checkpoint of every run as plain columns, and which of them changed since they were read. The changes are gathered
 * by triggers of this connection alone (the one process that writes), in tables that are never on disk: a transaction that
 * rolls back takes its changes back with it.
 */
import type { OwnClient } from '../../domain/sweep/track.ts'
import type { Database } from '../client.ts'

/** One entry a row in each array. */
export type CheckpointColumnsOfTable = {
  id: number[]
  runId: number[]
  /** The checkpoint that it is a copy of, or its own id. */
  model: number[]
  step: (number | null)[]
  epoch: (number | null)[]
  createdAt: number[]
  pickedAt: (number | null)[]
  /** JSON, where there are any. */
  tags: (string | null)[]
  /**
   * Numbers of states of the code (`listNumberedSnapshots`): of the attempt that wrote it, of the one that this went on from, and of its
   * evaluation.
   */
  code: (number | null)[]
  codeBefore: (number | null)[]
  codeOfEvaluation: (number | null)[]
}
/** Of the points that stand on a checkpoint. */
export type PointColumnsOfTable = {
  checkpointId: number[]
  milestone: (string | null)[]
  /** Whether its figures are known only rounded. */
  rounded: (0 | 1)[]
  low: (number | null)[]
  high: (number | null)[]
}
export type EvaluationColumnsOfTable = {
  checkpointId: number[]
  /** Place of the benchmark among `benchmarks`. */
  benchmark: number[]
  /** Where there are no counts. */
  accuracy: (number | null)[]
  correct: (number | null)[]
  total: (number | null)[]
  /** Whether it has an error. */
  failed: (0 | 1)[]
}
/**
 * Id, number, sweep's id, params as JSON, the checkpoint it started from; of a run of its own its project's id, name, client, and whether it
 * was deleted.
 */
export type RunColumnsRow = [
  id: number,
  number: number,
  sweepId: number | null,
  params: string,
  startCheckpointId: number | null,
  projectId: number | null,
  name: string | null,
  client: OwnClient | null,
  isDeleted: 0 | 1,
]

/** Not `insert or ignore`: a trigger takes over how the statement that fires it meets conflicts, and an upsert ends in an error. */
const noted = (id: string) =>
  `insert into changed_checkpoints select ${id} where ${id} not in (select checkpoint_id from changed_checkpoints);`

const notedRun = (id: string) =>
  `insert into changed_own_runs select ${id} where ${id} not in (select run_id from changed_own_runs);`

const tables = `
  create temp table if not exists changed_checkpoints (checkpoint_id integer primary key);
  create temp table if not exists changed_own_runs (run_id integer primary key);
  create temp table if not exists changed_scoring (version integer not null);
  insert into changed_scoring select 0 where not exists (select 1 from changed_scoring);
  create temp trigger if not exists watch_new_checkpoints after insert on main.checkpoints begin
    ${noted('new.id')}
  end;
  create temp trigger if not exists watch_checkpoints after update on main.checkpoints begin
    ${noted('new.id')}
  end;
  create temp trigger if not exists watch_new_checkpoint_evaluations after insert on main.evaluations begin
    ${noted('new.checkpoint_id')}
  end;
  create temp trigger if not exists watch_checkpoint_evaluations after update on main.evaluations begin
    ${noted('new.checkpoint_id')}
  end;
  create temp trigger if not exists watch_gone_evaluations after delete on main.evaluations begin
    ${noted('old.checkpoint_id')}
  end;
  create temp trigger if not exists watch_checkpoint_points after update on main.points
  when new.checkpoint_id is not null or old.checkpoint_id is not null begin
    insert into changed_checkpoints select id from checkpoints where id in (new.checkpoint_id, old.checkpoint_id)
      and id not in (select checkpoint_id from changed_checkpoints);
  end;
  create temp trigger if not exists watch_scoring_sweeps after update on main.sweeps begin
    update changed_scoring set version = version + 1;
  end;
  create temp trigger if not exists watch_new_scoring_sweeps after insert on main.sweeps begin
    update changed_scoring set version = version + 1;
  end;
  create temp trigger if not exists watch_new_projects after insert on main.projects begin
    update changed_scoring set version = version + 1;
  end;
  create temp trigger if not exists watch_projects after update on main.projects begin
    update changed_scoring set version = version + 1;
  end;
  create temp trigger if not exists watch_own_runs after update of name, deleted_at on main.own_runs
  when new.name <> old.name or new.deleted_at is not old.deleted_at begin
    ${notedRun('new.job_id')}
  end;
  create temp trigger if not exists watch_own_settings after update of params, init_checkpoint_id on main.jobs
  when new.sweep_id is null begin
    ${notedRun('new.id')}
  end;
  create temp trigger if not exists watch_gone_baselines after delete on main.baselines begin
    update changed_scoring set version = version + 1;
  end;
  create temp trigger if not exists watch_scoring_baselines after update on main.baselines begin
    update changed_scoring set version = version + 1;
  end;
`

/** Follows what changes of checkpoints, their evaluations and points, runs of their own, sweeps, projects and baselines from now on. */
export function watchCheckpoints(database: Database): void {
  database.$client.pragma('temp_store = memory')
  database.$client.exec(tables)
  database.$client.exec('delete from changed_checkpoints; delete from changed_own_runs')
}

/** Rises with every change of a sweep, a project or a baseline since `watchCheckpoints`. */
export function scoringVersion(database: Database): number {
  return database.$client.prepare('select version from changed_scoring').pluck().get() as number
}

/** A number of the code of the attempts that a condition finds. */
const codeOf = (condition: string, from = '') =>
  `(select snapshot.rowid from attempts attempt ${from} join code_snapshots snapshot on snapshot.hash = attempt.code_snapshot
    where ${condition} limit 1)`

const changed = 'in (select checkpoint_id from changed_checkpoints)'
/** The model that a baseline was measured of is nobody's training. */
const trained = 'run_id not in (select id from jobs where number = 0)'

export type CheckpointRows = {
  checkpoints: CheckpointColumnsOfTable
  points: PointColumnsOfTable
  benchmarks: string[]
  evaluations: EvaluationColumnsOfTable
}

/** Those that changed since they were last taken, as they are now; null where none did. Call `watchCheckpoints` first. */
export function takeChangedCheckpoints(database: Database): CheckpointRows | null {
  const { $client: connection } = database
  if (connection.prepare('select 1 from changed_checkpoints limit 1').get() === undefined) return null
  const rows = readRows(database, `and id ${changed}`, `where checkpoint_id ${changed}`)
  connection.exec('delete from changed_checkpoints')
  return rows
}

/** All of them. */
export function readCheckpointColumns(database: Database): CheckpointRows {
  return readRows(database, '', '')
}

function readRows(database: Database, ofCheckpoints: string, ofOthers: string): CheckpointRows {
  const benchmarks = database.$client
    .prepare(`select distinct benchmark from evaluations ${ofOthers}`)
    .pluck()
    .all() as string[]
  const code = benchmarks.map((_, at) => `when ? then ${at}`).join(' ')
  const counted = 'correct is not null and total > 0'
  return {
    checkpoints: readColumns<CheckpointColumnsOfTable>(database, `from checkpoints where ${trained} ${ofCheckpoints}`, {
      id: 'id',
      runId: 'run_id',
      model: 'coalesce(copy_of, id)',
      step: 'step',
      epoch: 'epoch',
      createdAt: 'created_at',
      pickedAt: 'picked_at',
      tags: "nullif(tags, '[]')",
      code: codeOf('attempt.job_id = checkpoints.run_id and attempt.number = checkpoints.attempt'),
      codeBefore: `case when attempt > 1 then ${codeOf(
        `attempt.job_id = checkpoints.run_id and attempt.number = checkpoints.attempt - 1 and exists (select 1 from attempts it
          where it.job_id = attempt.job_id and it.number = checkpoints.attempt and it.resumed_from is not null)`,
      )} end`,
      codeOfEvaluation: codeOf(
        `point.checkpoint_id = checkpoints.id and point.status = 'scored'`,
        `join jobs job on job.id = attempt.job_id and job.attempt = attempt.number
          join points point on point.evaluation_job_id = job.id`,
      ),
    }),
    points: readColumns<PointColumnsOfTable>(
      database,
      `from points ${ofOthers === '' ? 'where checkpoint_id is not null' : ofOthers}`,
      {
        checkpointId: 'checkpoint_id',
        milestone: 'milestone',
        rounded: 'rounded',
        low: 'interval_low',
        high: 'interval_high',
      },
    ),
    benchmarks,
    evaluations: readColumns<EvaluationColumnsOfTable>(
      database,
      `from evaluations ${ofOthers}`,
      {
        checkpointId: 'checkpoint_id',
        benchmark: benchmarks.length === 0 ? '0' : `case benchmark ${code} end`,
        accuracy: `case when ${counted} then null else accuracy end`,
        correct: `case when ${counted} then correct end`,
        total: 'case when total > 0 then total end',
        failed: 'error is not null',
      },
      benchmarks,
    ),
  }
}

/**
 * Columns of a query, one array each. SQLite writes each as one JSON text: 200,000 rows cross as texts in a fraction of the
 * time that they take as objects, and leave nothing for the garbage collector.
 */
function readColumns<Columns>(
  { $client: connection }: Database,
  from: string,
  expressions: Record<keyof Columns & string, string>,
  parameters: string[] = [],
): Columns {
  const names = Object.keys(expressions) as (keyof Columns & string)[]
  const texts = connection
    .prepare(`select ${names.map((name) => `json_group_array(${expressions[name]})`).join(', ')} ${from}`)
    .raw()
    .get(...parameters) as string[]
  return Object.fromEntries(names.map((name, at) => [name, JSON.parse(texts[at]!)])) as Columns
}

const runColumns = `select jobs.id, number, sweep_id, params, init_checkpoint_id, project_id, name, client, own_runs.deleted_at is not null
  from jobs left join own_runs on own_runs.job_id = jobs.id where kind = 'training'`

/** Trainings by id, those above `afterId` alone. */
export function readRunColumns(database: Database, afterId: number): RunColumnsRow[] {
  return database.$client
    .prepare(`${runColumns} and jobs.id > ? order by jobs.id`)
    .raw()
    .all(afterId) as RunColumnsRow[]
}

/** Runs of their own that were called, set or deleted otherwise since they were last taken, as they are now. */
export function takeChangedOwnRuns({ $client }: Database): RunColumnsRow[] {
  if ($client.prepare('select 1 from changed_own_runs limit 1').get() === undefined) return []
  const rows = $client.prepare(`${runColumns} and jobs.id in (select run_id from changed_own_runs)`).raw().all()
  $client.exec('delete from changed_own_runs')
  return rows as RunColumnsRow[]
}

/** Published scores that were stored without a checkpoint, of sweeps that are not deleted. */
export function countScoresWithoutCheckpoint(database: Database): number {
  return database.$client
    .prepare(
      `select count(*) from points where checkpoint_id is null and score is not null
       and sweep_id in (select id from sweeps where deleted_at is null and origin = 'imported')`,
    )
    .pluck()
    .get() as number
}
