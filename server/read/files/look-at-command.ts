import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'
import type { CommandLook, LookedWord } from '../../../contract/api/files.ts'
import type { Context } from '../../base/context.ts'

/** Words of a command that are looked at. */
const mostWords = 200

/**
 * Whether the program of a command is there and may be run, and which of its other words are files or folders. Of what is not there only
 * the script is told, as everything else may be what it writes. Words with placeholders are left to the run. `searchPath`: the command's own PATH.
 */
export function lookAtCommand(
  context: Context,
  { words, directory, searchPath }: { words: string[]; directory: string; searchPath?: string | undefined },
): CommandLook {
  const [program, ...others] = words.slice(0, mostWords)
  const found = searchPath ?? context.config.environment.PATH ?? ''
  return {
    program:
      program === undefined || program === '' || program.includes('${')
        ? null
        : {
            word: program,
            path: pathOfProgram(program, directory, found),
            problem: context.executors.local.programProblem(program, directory, found),
          },
    words: others.flatMap((word) => lookAt(word, directory, word === scriptIn(others))),
  }
}

function pathOfProgram(program: string, directory: string, searchPath: string): string | null {
  const folders = program.includes('/') ? [''] : searchPath.split(path.delimiter).filter((folder) => folder !== '')
  const files = folders.map((folder) => path.resolve(directory, folder, program))
  return files.find((file) => isProgram(file)) ?? null
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** The first word that is a script by its name. */
function scriptIn(words: readonly string[]): string | undefined {
  return words.find((word) => /\.(py|sh|bash|mjs|js|ts|jl|R)$/.test(word) && !word.startsWith('-'))
}

function lookAt(word: string, directory: string, isScript: boolean): LookedWord[] {
  // a bare name or a number is seldom a file, and one of that name would say nothing
  const named =
    /[/]|\.[A-Za-z]\w{0,9}$/.test(word) && !word.includes('${') && !word.includes('\0') && word.length < 4096
  const text = word.replace(/^-{1,2}[\w-]+=/, '')
  if (!named || text === '' || text.startsWith('-')) return []
  const file = path.resolve(directory, text)
  try {
    const stats = statSync(file)
    return [{ word: text, path: file, kind: stats.isDirectory() ? 'folder' : 'file' }]
  } catch {
    return isScript ? [{ word: text, path: file, kind: 'missing' }] : []
  }
}
