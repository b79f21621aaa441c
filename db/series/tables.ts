/**
 * Tables of the metric store. They are its own: nothing else reads or writes them.
 *
 * An *attempt* row stands for one attempt of one run; everything else hangs on its id. Values arrive in *tails*, are sealed into
 * *chunks* of a metric each, and chunks are summarised by chunks of the next level (docs/metric-store.md).
 */
import type Database from 'better-sqlite3'

/** Number of the format written by this code. A reader refuses a higher one. */
export const FORMAT_VERSION = 3

const SUMMARIES = `
-- of attempts that ended: what sums up the last chunks of level 0, which are too few for one of level 1
create table if not exists series_summaries (
  attempt_id integer not null,
  slot integer not null,
  -- how many chunks of level 0 there were: with more of them it is stale
  chunks integer not null,
  data blob not null,
  primary key (attempt_id, slot)
);
`

const TABLES = `
create table if not exists series_format (
  id integer primary key check (id = 1),
  version integer not null
);
create table if not exists series_attempts (
  id integer primary key autoincrement,
  run_id integer not null,
  attempt integer not null,
  -- smallest step of the attempt: hides the steps from it on of earlier attempts
  first_step integer not null,
  -- changes with every append and seal: what is cached under another token is stale
  token integer not null,
  tail_bytes integer not null default 0,
  -- changes when tails are rewritten
  tail_version integer not null default 0,
  -- 0: nothing to seal, 1: seal what is long enough, 2: seal everything
  due integer not null default 0,
  unique (run_id, attempt)
);
create index if not exists series_attempts_due on series_attempts (due) where due <> 0;
-- id = attempt id * 2^20 + page; a page holds the running figures of up to 64 metrics
create table if not exists series_pages (
  id integer primary key,
  -- of format 1, where the page has no list
  names text not null,
  data blob not null,
  names_id integer
);
-- lists of names, once for all pages that have the same
create table if not exists series_names (
  id integer primary key,
  names text not null unique
);
-- autoincrement: the order of ids is the order of arrival, also after every tail of an attempt was sealed
create table if not exists series_tails (
  id integer primary key autoincrement,
  attempt_id integer not null,
  data blob not null
);
create index if not exists series_tails_attempt on series_tails (attempt_id);
-- steps and times, shared by every metric that was logged in the same rows
create table if not exists series_axes (
  id integer primary key autoincrement,
  attempt_id integer not null,
  points integer not null,
  data blob not null
);
create index if not exists series_axes_attempt on series_axes (attempt_id);
create table if not exists series_chunks (
  id integer primary key,
  attempt_id integer not null,
  slot integer not null,
  level integer not null,
  sequence integer not null,
  first_step integer not null,
  last_step integer not null,
  points integer not null,
  axis_id integer,
  data blob not null
);
-- covers what a reader needs to know before it opens a chunk
create index if not exists series_chunks_place
  on series_chunks (attempt_id, slot, level, sequence, first_step, last_step, points, axis_id);
${SUMMARIES}`

/** What makes a file of format 1 one of format 2. Its pages stay as they are until they are written again. */
const FROM_FORMAT_1 = `
alter table series_pages add column names_id integer;
create table series_names (
  id integer primary key,
  names text not null unique
);
`

/**
 * Creates the store's tables where they are missing, and brings those of an older format up to this one.
 * @throws when the file was written by a newer version of the format.
 */
export function createSeriesTables(database: Database.Database): void {
  const version = writtenVersion(database)
  if (version === FORMAT_VERSION) return
  if (version !== undefined && version > FORMAT_VERSION) {
    throw new Error(
      `The metrics in ${database.name} are written in format ${version}; this version of the program reads formats up to ` +
        `${FORMAT_VERSION}. Start the newer version that wrote them.`,
    )
  }
  const create = database.transaction(() => {
    // another process may have been first
    const present = writtenVersion(database)
    if (present === undefined) database.exec(TABLES)
    else {
      if (present === 1) database.exec(FROM_FORMAT_1)
      database.exec(SUMMARIES)
    }
    database
      .prepare(
        'insert into series_format (id, version) values (1, ?) on conflict do update set version = excluded.version',
      )
      .run(FORMAT_VERSION)
  })
  if (database.inTransaction) create()
  else create.immediate()
}

function writtenVersion(database: Database.Database): number | undefined {
  if (database.prepare("select 1 from sqlite_schema where name = 'series_format'").get() === undefined) return undefined
  return database.prepare('select version from series_format where id = 1').pluck().get() as number | undefined
}
