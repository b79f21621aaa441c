/** MLflow's search over runs, whichever runs there are. */
import { describeRun, mostResults, pageOf, stageIn, textOf, type Body } from './bodies.ts'
import { fits, inOrder, readFilter } from './search.ts'
import type { RunHead } from './store.ts'

/** The runs that a search asks for, a page of them. Throws a Refusal that quotes what could not be read. */
export function searchRuns(body: Body, runs: readonly RunHead[]): Record<string, unknown> {
  const most = mostResults(body)
  const ids = new Set(Array.isArray(body.experiment_ids) ? body.experiment_ids.map(String) : [])
  const comparisons = readFilter(textOf(body, 'filter'))
  const stage = stageIn(body, 'run_view_type')
  const found = runs.filter(
    (run) =>
      ids.has(run.info.experiment_id) &&
      (stage === null || run.info.lifecycle_stage === stage) &&
      fits(run, comparisons),
  )
  const ordered = inOrder(found, Array.isArray(body.order_by) ? body.order_by.map(String) : [])
  const { page, next } = pageOf(body, ordered, most)
  return { runs: page.map(describeRun), ...next }
}
