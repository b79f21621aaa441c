/** A Python environment of a bench's own, and what its scripts print. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Where benches keep what they install and compute: BENCH_FOLDER, or a folder of the system's own. */
export function benchFolder(): string {
  const folder = process.env.BENCH_FOLDER ?? path.join(tmpdir(), 'sweepboard-bench-search')
  mkdirSync(folder, { recursive: true })
  return folder
}

/** The Python of an environment with optuna, scikit-learn and scipy, and with the others where they can be had; null, and said, where it cannot be made. */
export function environmentIn(folder: string, others: readonly string[] = []): string | null {
  const packages = ['optuna', 'scikit-learn', 'scipy', ...others]
  const python = path.join(folder, 'python', 'bin', 'python')
  const run = (program: string, ...words: string[]) =>
    spawnSync(program, words, { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
  const isReady = () => run(python, '-c', 'import optuna, sklearn, scipy').status === 0
  if (existsSync(python) && isReady()) return python
  console.error(`Installing ${packages.join(', ')} in ${folder} …`)
  run(process.env.PYTHON || 'python3', '-m', 'venv', path.join(folder, 'python'))
  for (const one of packages) run(python, '-m', 'pip', 'install', '--quiet', one)
  if (isReady()) return python
  console.log('\nNot measured: Python with optuna and scikit-learn is needed, and could not be installed.')
  return null
}

/** What a script of this folder prints as JSON. Throws where it fails. */
export function output<Result>(python: string, script: string, words: string[]): Result {
  const { status, stdout } = spawnSync(python, [path.join(import.meta.dirname, script), ...words], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`${script} failed`)
  return JSON.parse(stdout) as Result
}
