/** Tables that W&B's client logs: a row names one, and its file comes on its own. Both together are read as evaluations or samples. */
import { tableEvents } from '../../formats/evaluation-table.ts'
import { parsePythonJson } from '../../formats/python-json.ts'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import { keptName } from '../kept-files.ts'
import { isObject, type IntakeEvent, type IntakeRun } from '../protocol.ts'

/** A table that is larger is kept as a file and not looked into. */
const mostBytes = 64 << 20

type Found = { events: IntakeEvent[]; commit: () => void }

export class Tables {
  private readonly own: IntakeRun
  /** Those that are not read yet, by name: the step of their row, or null while only the file has come. */
  private waiting = new Map<string, number | null>()

  constructor(own: IntakeRun) {
    this.own = own
  }

  save(): [string, number | null][] {
    return [...this.waiting]
  }

  load(saved: [string, number | null][]): void {
    this.waiting = new Map(saved)
  }

  /** Rows of these steps name these tables. */
  named(names: readonly (readonly [name: string, step: number])[]): Found {
    const ready = names.filter(([name]) => this.waiting.has(name))
    return {
      events: ready.flatMap(([name, step]) => this.eventsOf(name, step)),
      commit: () => {
        for (const [name, step] of names) this.waiting.set(name, step)
        for (const [name] of ready) this.waiting.delete(name)
      },
    }
  }

  /** A file has come; one that is no table is nothing here. */
  uploaded(name: string): Found {
    if (!name.endsWith('.table.json')) return { events: [], commit: () => {} }
    const step = this.waiting.get(name)
    const events = step === undefined || step === null ? [] : this.eventsOf(name, step)
    return {
      events,
      commit: () => (events.length > 0 ? this.waiting.delete(name) : this.waiting.set(name, null)),
    }
  }

  /** No more rows come: what waits is of the step that its name says. */
  end(): IntakeEvent[] {
    return [...this.waiting].flatMap(([name, step]) => this.eventsOf(name, step ?? stepInName(name)))
  }

  private eventsOf(name: string, step: number): IntakeEvent[] {
    let table: unknown
    try {
      const text = readWholeFile(`${this.own.files}/${keptName(name)}`, [this.own.files], mostBytes)
      table = parsePythonJson(text ?? '')
    } catch {
      return []
    }
    if (!isObject(table) || !Array.isArray(table.columns) || !Array.isArray(table.data)) return []
    const rows = table.data.filter((row): row is unknown[] => Array.isArray(row))
    return tableEvents(table.columns, rows, step)
  }
}

/** W&B names a table's file `media/table/NAME_STEP_HASH.table.json`. */
function stepInName(name: string): number {
  return Number(/_(\d+)_[0-9a-f]+\.table\.json$/.exec(name)?.[1] ?? 0)
}
