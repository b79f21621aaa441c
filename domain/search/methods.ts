import type { Sweep } from '../sweep/sweep.ts'
import { grid } from './grid.ts'
import type { SearchMethod } from './method.ts'

/** By what `search` says in a sweep file; a method is a file here, and a line. */
const methods: Record<Sweep['search'], SearchMethod> = { grid }

/** How a sweep searches. */
export function searchOf({ search }: Pick<Sweep, 'search'>): SearchMethod {
  return methods[search]
}
