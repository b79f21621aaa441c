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

/**
 * SWEEPBOARD_GPUS as a count (`4`) or as ids (`0,1,3`, `0,`); else what nvidia-smi lists; null where there are none. Where
 * ids are not named, only those count that CUDA_VISIBLE_DEVICES of the shell lets its programs see.
 */
function readGpus(environment: Environment): string[] | null {
  const text = environment.SWEEPBOARD_GPUS?.trim()
  const visible = readVisible(environment)
  if (text) {
    if (/^\d+$/.test(text)) {
      const count = Number(text)
      if (count > 1024) throw new SweepboardError('invalid', `SWEEPBOARD_GPUS=${text}: expected at most 1024.`)
      if (count === 0) return null
      if (visible !== null && count > visible.length) {
        throw new SweepboardError(
          'invalid',
          `SWEEPBOARD_GPUS=${text}: the shell that starts Sweepboard lets its programs see ${visible.length} (CUDA_VISIBLE_DEVICES=${environment.CUDA_VISIBLE_DEVICES}). Name ids (SWEEPBOARD_GPUS=0,1) to use others.`,
        )
      }
      return visible?.slice(0, count) ?? Array.from({ length: count }, (_, index) => String(index))
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
  if (visible?.length === 0) return null
  try {
    const listed = execFileSync('nvidia-smi', ['--query-gpu=index', '--format=csv,noheader'], {
      encoding: 'utf8',
      env: environment as NodeJS.ProcessEnv,
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const ids = listed
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /^\d+$/.test(line))
    if (visible === null) return ids.length > 0 ? ids : null
    // CUDA itself sees nothing behind the first that is not there; names (GPU-…, MIG-…) are not in the list of numbers
    const firstAbsent = visible.findIndex((id) => /^\d+$/.test(id) && !ids.includes(id))
    const seen = firstAbsent < 0 ? visible : visible.slice(0, firstAbsent)
    return ids.length > 0 && seen.length > 0 ? seen : null
  } catch {
    // No driver, no GPUs: CPU slots serve.
    return null
  }
}

/** The GPUs that programs of the shell see, as CUDA reads the variable; null: all. */
function readVisible({ CUDA_VISIBLE_DEVICES: text }: Environment): string[] | null {
  if (text === undefined) return null
  const ids = text.split(',').map((id) => id.trim())
  const firstInvalid = ids.findIndex((id) => !/^(\d+|(GPU|MIG)-[A-Za-z0-9/-]+)$/.test(id))
  return [...new Set(firstInvalid < 0 ? ids : ids.slice(0, firstInvalid))]
}
