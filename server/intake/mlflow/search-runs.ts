/** MLflow's search over runs, whichever runs there are. */
import { runBody, mostResults, pageOf, stageIn, textField, textsOf, type Body } from './bodies.ts'
import { fits, inOrder, readFilter } from './search.ts'
import type { SearchedRun } from './store.ts'

/** The runs that a search asks for, a page of them. Throws a Refusal that quotes what could not be read. */
export function searchRuns(body: Body, runs: readonly SearchedRun[]): Record<string, unknown> {
  const most = mostResults(body)
  const ids = new Set(textsOf(body, 'experiment_ids'))
  const comparisons = readFilter(textField(body, 'filter'))
  const stage = stageIn(body, 'run_view_type')
  const found = runs.filter(
    (run) =>
      ids.has(run.info.experiment_id) &&
      (stage === null || run.info.lifecycle_stage === stage) &&
      fits(run, comparisons),
  )
  const ordered = inOrder(found, textsOf(body, 'order_by'))
  const { page, next } = pageOf(body, ordered, most)
  return { runs: page.map(runBody), ...next }
}
