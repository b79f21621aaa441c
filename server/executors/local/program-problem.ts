/** Whether a program of this machine can be started. */
import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'

/**
 * Why the program would not be found from the folder, or on the search path, of this machine, as a sentence; null where it
 * is there and may be run.
 */
export function programProblem(program: string, directory: string, searchPath: string): string | null {
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
