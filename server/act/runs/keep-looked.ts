/** Keeping what an attempt was looked at with: what many share is stored once. */
import type { Database } from '../../../db/client.ts'
import type { AttemptRow } from '../../../db/queries/attempts.ts'
import { keepPart, keepSnapshot } from '../../../db/queries/recorded.ts'
import type { Looked } from '../../provenance/look-at-attempt.ts'

/** Stores the parts; gives what the attempt's row remembers of them. */
export function keepLooked(
  database: Database,
  { code, patch, python, machine, environment, ran }: Looked,
): Pick<AttemptRow, 'codeSnapshot' | 'ran'> {
  return {
    codeSnapshot: keepSnapshot(database, {
      ...code,
      patch: patch === null ? null : keepPart(database, 'patch', patch),
    }),
    ran: {
      ...ran,
      python: python === null ? null : keepPart(database, 'python', JSON.stringify(python)),
      machine: machine === null ? null : keepPart(database, 'machine', JSON.stringify(machine)),
      environment: keepPart(database, 'environment', JSON.stringify(environment)),
    },
  }
}
