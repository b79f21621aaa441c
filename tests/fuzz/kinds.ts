/** What is fuzzed: a kind says how a case is made of random numbers, and what is done with it. */
import { events, folders, items, reports } from './kinds/files.ts'
import type { Kind } from './kinds/kind.ts'
import { messages } from './kinds/messages.ts'
import { addresses, filters } from './kinds/requests.ts'
import { stores } from './kinds/stores.ts'
import { sweepFiles } from './kinds/sweep-files.ts'

export const kinds: Record<string, Kind> = {
  reports,
  events,
  items,
  folders,
  'sweep files': sweepFiles,
  filters,
  addresses,
  messages,
  stores,
}
