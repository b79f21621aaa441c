/** The stores of other trackers' clients, read as what these would have logged here. */
import type { FoundStore, StoreOptions } from '../../formats/imports/stores.ts'
import type { Telling } from '../../formats/imports/telling.ts'
import { quoted } from '../../formats/plain-values.ts'
import { readMlflowDatabase } from './mlflow-database.ts'
import { readMlflowFiles } from './mlflow-files.ts'
import { readTrackioDatabase } from './trackio-database.ts'
import { readWandbFiles } from './wandb-files.ts'

const mostCharacters = 500

/** What the runs of a store tell, a part at a time, one run after the other. */
export function* readStore(store: FoundStore, options: StoreOptions): Generator<Telling> {
  const refused = new Set<string>()
  for (const telling of readers[store.format](store, options)) {
    const { run, events } = telling
    const tooLong = [run.key, run.tracked?.project ?? ''].find((text) => text.length > mostCharacters)
    if (tooLong === undefined) yield { ...telling, events: events.map(withoutMark) }
    else if (!refused.has(run.key)) {
      refused.add(run.key)
      options.tell(
        `${store.place} has a run with the id or the project ${quoted(tooLong)} of ${tooLong.length} characters; expected at most ${mostCharacters}, so it was passed over.`,
      )
    }
  }
}

const readers = {
  mlflow: readMlflowFiles,
  'mlflow-database': readMlflowDatabase,
  'trackio-database': readTrackioDatabase,
  wandb: readWandbFiles,
}

/** An intake marks whose call an event was: here nobody calls. */
function withoutMark<Event extends object>(event: Event): Event {
  if (!('from' in event)) return event
  const { from: _from, ...rest } = event
  return rest as Event
}
