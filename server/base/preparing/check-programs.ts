/** Whether the programs that a sweep would start can be found: said before anything starts, not after hours. */
import { statSync } from 'node:fs'
import type { Issue } from '../../../domain/errors.ts'
import { executorNameOf } from '../../../domain/sweep/executor.ts'
import type { Sweep } from '../../../domain/sweep/sweep.ts'
import type { Context } from '../context.ts'

/**
 * Issues for the programs of `train.command` and `evaluate.command` that are not there where they would run. A program whose name holds a placeholder is left to the run.
 */
export function checkPrograms(context: Context, sweep: Sweep, directory: string): Issue[] {
  const issues: Issue[] = []
  if (!isFolder(directory)) {
    return [{ path: [], message: `The sweep's folder ${directory} does not exist, so its commands cannot run there.` }]
  }
  for (const part of ['train', 'evaluate'] as const) {
    const program = sweep[part]?.command?.[0]
    if (program === undefined || program.includes('${')) continue
    const searchPath = sweep[part]?.env.PATH ?? context.config.environment.PATH ?? ''
    const executor = executorNameOf(sweep, part === 'train' ? 'training' : 'evaluation')
    const problem = context.executors[executor].programProblem(program, directory, searchPath)
    if (problem) issues.push({ path: [part, 'command', 0], message: problem })
  }
  return issues
}

function isFolder(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false
}
