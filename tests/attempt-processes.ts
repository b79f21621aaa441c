/** The processes behind attempts of a test server: where they stand, who they are, whether they live. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { attemptOf } from '../server/base/context.ts'
import type { TestServer } from './harness.ts'

/** Arguments that run a text in bash; the rest are its $1, $2 … */
export const script = (text: string, ...rest: string[]) => ['bash', '-c', text, 'bash', ...rest]
export const lines = (name: string) => readFileSync(name, 'utf8').trim().split('\n')

export const controlFolder = ({ context }: TestServer, id: number, attempt: number) =>
  attemptOf(context, { id, attempt, claimedAt: null }).control

/** The number of an attempt's wrapper, as the wrapper wrote it. */
export function wrapperPid(server: TestServer, id: number, attempt: number): number {
  const text = readFileSync(path.join(controlFolder(server, id, attempt), 'pid.json'), 'utf8')
  return (JSON.parse(text) as { pid: number }).pid
}

export function lives(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)![0] !== 'Z'
  } catch {
    return false
  }
}

/** Lets the scheduler look that often. */
export const looks = (times: number) => new Promise((resolve) => setTimeout(resolve, times * 210))
