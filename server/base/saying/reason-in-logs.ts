import path from 'node:path'
import { failureReason } from '../../../domain/life/failure-reason.ts'
import { readFileEnd, UnreadableFile } from '../../attempt-files/open-file.ts'

/** How much of the end of a log is searched for why an attempt failed. */
const searchedBytes = 256 * 1024

/** Why a program failed, as its logs say it: stderr before stdout where both say as much. Null where neither says anything. */
export function reasonInLogs(folder: string): string | null {
  const reasons = ['stderr.log', 'stdout.log'].map((log) => {
    try {
      const end = readFileEnd(path.join(folder, log), [folder], searchedBytes)
      return end && failureReason(end.toString('utf8').split('\n'))
    } catch (error) {
      if (error instanceof UnreadableFile) return null
      throw error
    }
  })
  const [first, second] = reasons
  return ((second?.weight ?? 0) > (first?.weight ?? 0) ? second : first)?.text ?? null
}
