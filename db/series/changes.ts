/**
 * Which runs got values since a reader last looked. Triggers of this connection alone (the one process that writes) number each
 * change of an attempt, in a table that is never on disk: a transaction that rolls back takes its changes back with it.
 */
import type Database from 'better-sqlite3'

const TABLES = `
  create temp table changed_series (change integer primary key autoincrement, run_id integer not null unique);
  create temp trigger watch_series after update on main.series_attempts begin
    delete from changed_series where run_id = new.run_id;
    insert into changed_series (run_id) values (new.run_id);
  end;
  create temp trigger watch_removed_series after delete on main.series_attempts begin
    delete from changed_series where run_id = old.run_id;
    insert into changed_series (run_id) values (old.run_id);
  end;
`

export class SeriesChanges {
  private readonly database: Database.Database
  private since: Database.Statement | null = null
  private latest: Database.Statement | null = null

  constructor(database: Database.Database) {
    this.database = database
  }

  /** The number of the latest change; changes are numbered from the first call on. Call it outside a transaction. */
  now(): number {
    if (this.latest === null) {
      this.database.pragma('temp_store = memory')
      this.database.exec(TABLES)
      this.latest = this.database.prepare('select coalesce(max(change), 0) from changed_series').pluck()
      this.since = this.database.prepare('select run_id from changed_series where change > ?').pluck()
    }
    return this.latest.get() as number
  }

  /** Runs with a change after that number, each once. */
  after(change: number): number[] {
    return this.now() === change ? [] : (this.since!.all(change) as number[])
  }
}
