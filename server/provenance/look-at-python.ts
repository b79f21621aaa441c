/** Which Python a command finds, and what is installed for it: read from folders; the interpreter itself is asked once. */
import { execFile } from 'node:child_process'
import { accessSync, constants, readdirSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import type { PythonState } from '../../domain/provenance/what-was-run.ts'
import { readFileStart, readWholeFile } from '../attempt-files/open-file.ts'
import type { Environment } from '../formats/environment.ts'

const run = promisify(execFile)
const mostMilliseconds = 3000

type Interpreter = {
  version: string
  executable: string
  /** Folders that it imports from. */
  folders: string[]
  /** Packages of the person alone, where it looks at them. */
  userFolder: string | null
}

/** What picks an interpreter by rules of its own, or runs the command elsewhere. */
const pickers =
  /^(uv|uvx|conda|mamba|micromamba|poetry|pipenv|hatch|pdm|pixi|docker|podman|apptainer|singularity|ssh|srun|nix|nix-shell)$/

/** What the command finds as Python, and how; null: there is none, or `problem` says why it cannot be known. */
function findPython(command: readonly string[], directory: string, environment: Environment) {
  const program = command[0]!
  const name = path.basename(program)
  if (pickers.test(name))
    return { file: null, foundBy: name, problem: `${name} picks the interpreter; which one is not known.` }
  const file = find(program, directory, environment)
  if (file !== null && /^(python|pypy)[\d.]*$/.test(name)) return { file, foundBy: 'the command', problem: null }
  const first = file === null ? null : firstLineOf(file)
  const named = first === null ? null : /^#!\s*(\S+)(?:\s+(?:-S\s+)?(\S+))?/.exec(first)
  const interpreter = named && path.basename(named[1]!) === 'env' ? named[2] : named?.[1]
  if (interpreter !== undefined && interpreter !== null && /^(python|pypy)[\d.]*$/.test(path.basename(interpreter)))
    return { file: find(interpreter, directory, environment), foundBy: `the first line of ${name}`, problem: null }
  const onPath = find('python', directory, environment) ?? find('python3', directory, environment)
  return { file: onPath, foundBy: 'the first on the PATH', problem: null }
}

function find(program: string, directory: string, environment: Environment): string | null {
  const candidates = program.includes('/')
    ? [path.resolve(directory, program)]
    : (environment.PATH ?? '').split(path.delimiter).map((folder) => path.resolve(directory, folder, program))
  return (
    candidates.find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return statSync(file).isFile()
      } catch {
        return false
      }
    }) ?? null
  )
}

function firstLineOf(file: string): string | null {
  try {
    return readFileStart(file, 'anywhere', 512)?.toString('latin1').split('\n')[0] ?? null
  } catch {
    return null
  }
}

/** `-I`: neither the folder that it runs in nor variables lead to modules, so that nothing of the command's own is imported. */
const question = `import sys, site, json
print(json.dumps([sys.version.split()[0], sys.executable, [p for p in sys.path if p],
  site.getusersitepackages() if sys.prefix == sys.base_prefix else None]))`

const interpreters = new Map<string, { identity: string; answer: Promise<Interpreter | string> }>()

function askInterpreter(file: string, environment: Environment): Promise<Interpreter | string> {
  const identity = identityOf(realpathSync(file)) + identityOf(path.join(path.dirname(file), '../pyvenv.cfg'))
  const known = interpreters.get(file)
  if (known?.identity === identity) return known.answer
  // its own name leads a venv's interpreter to the venv
  const answer = run(file, ['-I', '-c', question], {
    cwd: '/',
    env: environment as NodeJS.ProcessEnv,
    timeout: mostMilliseconds,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 20,
  })
    .then(({ stdout }): Interpreter => {
      const [version, executable, folders, userFolder] = JSON.parse(stdout) as [string, string, string[], string | null]
      return { version, executable, folders, userFolder }
    })
    .catch((error: Error) => `${file} did not say what it is: ${error.message.split('\n')[0]}`)
  if (interpreters.size > 100) interpreters.clear()
  interpreters.set(file, { identity, answer })
  return answer
}

function identityOf(file: string): string {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stats ? `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs};` : ';'
}

/** null: the command finds no Python. Whatever is wrong with it is a sentence in `problem`, never thrown. */
export async function lookAtPython(
  command: readonly string[],
  directory: string,
  environment: Environment,
): Promise<PythonState | null> {
  const { file, foundBy, problem } = findPython(command, directory, environment)
  const unknown = { version: null, executable: file, foundBy, packages: [] }
  if (problem !== null) return { ...unknown, problem }
  if (file === null) return null
  try {
    const asked = await askInterpreter(file, environment)
    if (typeof asked === 'string') return { ...unknown, problem: asked }
    const { version, executable, folders, userFolder } = asked
    const added = (environment.PYTHONPATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder))
    const own = userFolder === null || environment.PYTHONNOUSERSITE ? [] : [userFolder]
    return { version, executable, foundBy, packages: packagesIn([...added, ...own, ...folders]), problem: null }
  } catch (error) {
    return { ...unknown, problem: `${file} could not be looked at: ${(error as Error).message}` }
  }
}

/** `name==version` of everything that folders list; of one that is in two, the first. */
function packagesIn(folders: readonly string[]): string[] {
  const found = new Map<string, string>()
  for (const folder of folders)
    for (const [name, words] of listedIn(folder)) if (!found.has(name)) found.set(name, words)
  return [...found.values()].toSorted()
}

const listings = new Map<string, { identity: string; listed: [string, string][] }>()

/** Every installed package has a folder that is called after its name and version. */
function listedIn(folder: string): [string, string][] {
  const identity = identityOf(folder)
  const known = listings.get(folder)
  if (known?.identity === identity) return known.listed
  const listed: [string, string][] = []
  try {
    for (const entry of readdirSync(folder)) {
      const match = /^([A-Za-z0-9][\w.]*?)-([^-]+?)(?:-py[\d.]+)?\.(dist-info|egg-info)$/.exec(entry)
      if (!match) continue
      const name = match[1]!.toLowerCase().replace(/[-_.]+/g, '-')
      listed.push([name, `${name}==${match[2]}${placeOf(path.join(folder, entry))}`])
    }
  } catch {
    // not a folder: a zip of modules, or none
  }
  if (listings.size > 1000) listings.clear()
  listings.set(folder, { identity, listed })
  return listed
}

/** Where a package was installed from, if that was no registry: a folder under work, or a commit. */
function placeOf(information: string): string {
  try {
    const text = readWholeFile(path.join(information, 'direct_url.json'), 'anywhere', 1 << 16)
    if (text === null) return ''
    const { url, dir_info, vcs_info } = JSON.parse(text) as {
      url?: string
      dir_info?: { editable?: boolean }
      vcs_info?: { commit_id?: string }
    }
    const place = String(url ?? '').replace(/\/\/[^/@]*@/, '//')
    if (vcs_info?.commit_id) return ` (${place} at ${vcs_info.commit_id})`
    return ` (${dir_info?.editable ? 'editable, ' : ''}${place})`
  } catch {
    return ''
  }
}
