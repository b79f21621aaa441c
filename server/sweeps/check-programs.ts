/** Whether the programs that a sweep would start can be found: said before anything starts, not after hours. */
import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'
import type { Issue } from '../../domain/errors.ts'
import type { Sweep } from '../../domain/sweep.ts'
import type { Environment } from '../config.ts'

/**
 * Issues for the programs of `train.command` and `evaluate.command` that are not found from the sweep's folder or on
 * PATH. A program whose name holds a placeholder is left to the run.
 */
export function checkPrograms(sweep: Sweep, directory: string, environment: Environment): Issue[] {
  const issues: Issue[] = []
  if (!isFolder(directory)) {
    return [{ path: [], message: `The sweep's folder ${directory} does not exist, so its commands cannot run there.` }]
  }
  for (const part of ['train', 'evaluate'] as const) {
    const program = sweep[part]?.command?.[0]
    if (program === undefined || program.includes('${')) continue
    const searchPath = sweep[part]?.env.PATH ?? environment.PATH ?? ''
    const problem = findProblem(program, directory, searchPath)
    if (problem) issues.push({ path: [part, 'command', 0], message: problem })
  }
  return issues
}

function findProblem(program: string, directory: string, searchPath: string): string | null {
  if (program === '') return 'The program is empty; expected a name such as python or a path such as ./train.sh.'
  if (program.includes('/')) {
    const file = path.resolve(directory, program)
    if (isExecutable(file)) return null
    return statSync(file, { throwIfNoEntry: false })
      ? `The program ${program} is not executable (${file}). Make it so with chmod +x, or call it through its interpreter.`
      : `The program ${program} is not found (${file}); relative paths start from the sweep's folder.`
  }
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== '')
  if (folders.some((folder) => isExecutable(path.join(path.resolve(directory, folder), program)))) return null
  return `The program ${program} is not found in the folders of PATH; give its path, or install it.`
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

function isFolder(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false
}
