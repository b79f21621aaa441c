import type { OwnRunView } from '../../contract/api/own-runs.ts'
import { isQuiet, ownStatusWords } from './own-run-words.ts'
import { Status } from './status.tsx'

/** The status of a run of its own; one that is silent is neither shown as running nor said to have ended. */
export function OwnStatus({ run, now }: { run: Pick<OwnRunView, 'status' | 'heardAt'>; now: number }) {
  const words = ownStatusWords(run, now)
  const status = isQuiet(run, now) ? 'waiting' : run.status
  return words === undefined ? <Status status={status} /> : <Status status={status} words={words} />
}
