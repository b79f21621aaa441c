import type { Sweep } from '../sweep/sweep.ts'
import { grid } from './grid.ts'
import type { SearchMethod } from './method.ts'
import { proposing } from './propose.ts'

/** How a sweep searches, by what `search` says in its file. */
export function searchOf({ search }: Pick<Sweep, 'search'>): SearchMethod {
  return search === 'grid' ? grid : proposing
}
