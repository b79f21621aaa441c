/** What attempts can hold on this machine: its GPUs, or CPU slots where it has none. */
import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { SweepboardError } from '../../../domain/errors.ts'
import { readWhole, type Environment } from '../../formats/environment.ts'
import type { Slots } from '../executor.ts'

/** Reads SWEEPBOARD_GPUS and SWEEPBOARD_SLOTS, and asks the machine where they say nothing. */
export function readSlots(environment: Environment): Slots {
  const gpus = readGpus(environment)
  if (gpus) return { kind: 'gpu', ids: gpus }
  const count = readWhole(environment, 'SWEEPBOARD_SLOTS', 1, 1024) ?? availableParallelism()
  return { kind: 'cpu', ids: Array.from({ length: count }, (_, index) => String(index)) }
}

/** SWEEPBOARD_GPUS as a count (`4`) or as ids (`0,1,3`, `0,`); else what nvidia-smi lists; null where there are none. */
function readGpus(environment: Environment): string[] | null {
  const text = environment.SWEEPBOARD_GPUS?.trim()
  if (text) {
    if (/^\d+$/.test(text)) {
      const count = Number(text)
      if (count > 1024) throw new SweepboardError('invalid', `SWEEPBOARD_GPUS=${text}: expected at most 1024.`)
      return count === 0 ? null : Array.from({ length: count }, (_, index) => String(index))
    }
    const ids = text
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== '')
    if (ids.length === 0 || ids.some((id) => !/^[A-Za-z0-9_-]+$/.test(id)) || new Set(ids).size !== ids.length) {
      throw new SweepboardError(
        'invalid',
        `SWEEPBOARD_GPUS=${text} is neither a count (4) nor a list of different ids (0,1,3).`,
      )
    }
    return ids
  }
  try {
    const listed = execFileSync('nvidia-smi', ['--query-gpu=index', '--format=csv,noheader'], {
      encoding: 'utf8',
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const ids = listed
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /^\d+$/.test(line))
    return ids.length > 0 ? ids : null
  } catch {
    // No driver, no GPUs: CPU slots serve.
    return null
  }
}
