/** What the database says of itself. */
import type { Database } from '../client.ts'
import { plainWords } from '../damage.ts'

/** What SQLite finds wrong with its pages and indexes, in sentences: at most 20. */
export function listDamage(database: Database): string[] {
  const rows = database.$client.pragma('integrity_check(20)') as { integrity_check: string }[]
  return rows.flatMap(({ integrity_check: found }) => (found === 'ok' ? [] : `SQLite: ${plainWords(found)}.`))
}

/** Rows that refer to what is not there, in sentences: at most 100. */
export function listBrokenReferences(database: Database): string[] {
  const rows = database.$client.pragma('foreign_key_check') as { table: string; rowid: number | null; parent: string }[]
  return rows
    .slice(0, 100)
    .map(
      ({ table, rowid, parent }) => `Row ${rowid ?? '?'} of ${table} refers to a row of ${parent} that is not there.`,
    )
}

/** Repeated evaluations that contradict themselves or their job, in sentences: at most 100. */
export function listInconsistentRepeats(database: Database): string[] {
  const rows = database.$client
    .prepare(
      `select repeat.id, repeat.benchmark, repeat.correct, jobs.again is null or jobs.checkpoint_id <> repeat.checkpoint_id as misplaced,
         (select sum(value) from json_each(repeat.outcomes, '$.correct')) as counted
       from repeat_evaluations as repeat join jobs on jobs.id = repeat.job_id
       where misplaced or (repeat.outcomes is not null and counted is not repeat.correct)
       order by repeat.id limit 100`,
    )
    .all() as { id: number; benchmark: string; correct: number | null; misplaced: 0 | 1; counted: number | null }[]
  return rows.map(({ id, benchmark, correct, misplaced, counted }) =>
    misplaced === 1
      ? `Repeated evaluation ${id} (${benchmark}) belongs to a job that was not to measure its checkpoint again.`
      : `Repeated evaluation ${id} (${benchmark}) has ${correct ?? 'no'} right answers, and its questions have ${counted ?? 'none'}.`,
  )
}

/** Races that asked a question twice, or whose rungs do not add up to what is stored of the checkpoint, in sentences: at most 100. */
export function listInconsistentRaces(database: Database): string[] {
  const twice = database.$client
    .prepare(
      `select one.checkpoint_id as checkpoint, one.benchmark from evaluation_rungs as one join evaluation_rungs as other
         on other.checkpoint_id = one.checkpoint_id and other.benchmark = one.benchmark and other.id > one.id
         and other.first < one.end and one.first < other.end limit 50`,
    )
    .all() as { checkpoint: number; benchmark: string }[]
  const sums = database.$client
    .prepare(
      `select rung.checkpoint_id as checkpoint, rung.benchmark, evaluations.correct, evaluations.total,
         sum(rung.correct) as ofRungs, sum(rung.total) as askedByRungs
       from evaluation_rungs as rung join points on points.checkpoint_id = rung.checkpoint_id and points.status = 'scored'
       left join evaluations on evaluations.checkpoint_id = rung.checkpoint_id and evaluations.benchmark = rung.benchmark
       group by rung.checkpoint_id, rung.benchmark
       having evaluations.correct is not ofRungs or evaluations.total is not askedByRungs limit 50`,
    )
    .all() as ({
    checkpoint: number
    benchmark: string
  } & Record<'correct' | 'total' | 'ofRungs' | 'askedByRungs', number | null>)[]
  return [
    ...twice.map(
      ({ checkpoint, benchmark }) => `The race of checkpoint ${checkpoint} asked questions of ${benchmark} twice.`,
    ),
    ...sums.map(
      ({ checkpoint, benchmark, correct, total, ofRungs, askedByRungs }) =>
        `Checkpoint ${checkpoint} (${benchmark}) has ${correct ?? 'no'} of ${total ?? 'no'} right answers, and the rungs of its race ${ofRungs ?? 'none'} of ${askedByRungs ?? 'none'}.`,
    ),
  ]
}

export type ReadAttempt = {
  jobId: number
  kind: 'training' | 'evaluation'
  number: number
  status: string
  eventOffset: number
  /** How often its events file was begun anew; null: never. */
  anew: number | null
}

/** Every attempt with how far its events file was read, by job and number; of one job where it is named. */
export function listReadAttempts(database: Database, jobId?: number): ReadAttempt[] {
  return database.$client
    .prepare(
      `select job_id as jobId, jobs.kind, attempts.number, attempts.status, event_offset as eventOffset,
         event_file ->> '$.anew' as anew
       from attempts join jobs on jobs.id = attempts.job_id
       where ? is null or job_id = ? order by job_id, attempts.number`,
    )
    .all(jobId ?? null, jobId ?? null) as ReadAttempt[]
}

/** Runs that have metrics and no row of their own; system metrics of a job are those of its negative number. */
export function listOrphanedMetrics(database: Database): number[] {
  return database.$client
    .prepare('select distinct run_id from series_attempts where abs(run_id) not in (select id from jobs)')
    .pluck()
    .all() as number[]
}
