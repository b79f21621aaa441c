import { damageSentence, isDamage } from '../../../db/damage.ts'

/** A sentence for a failure of the machine that a person can do something about; for a defect, what it said of itself. */
export function describeFailure(error: unknown): string {
  const code = (error as { code?: string }).code ?? ''
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') {
    return 'The disk is full. Nothing that was stored is lost, and nothing new is: free some space, and it goes on by itself.'
  }
  if (code.startsWith('SQLITE_READONLY') || code === 'EROFS' || code === 'EACCES') {
    return 'The data folder cannot be written to. Mend its permissions, and it goes on by itself.'
  }
  const damage = describeDamage(error)
  if (damage !== null) return damage
  return error instanceof Error ? error.message : String(error)
}

/** A sentence where SQLite came upon pages that it cannot have written; null: the failure is another. */
export function describeDamage(error: unknown): string | null {
  return isDamage(error) ? damageSentence('The database', (error as Error).message) : null
}
