/** What an intake must know of its run, where it reads what a client kept and nobody calls. */
import type { IntakeRun } from '../protocol.ts'

export const storedRun = (id: string): IntakeRun => ({
  id,
  hexId: '',
  key: '',
  uploads: () => '',
  // how it began and ended is not said now
  ofItsOwn: false,
  files: '',
  waiting: '',
  isStopping: () => false,
})
