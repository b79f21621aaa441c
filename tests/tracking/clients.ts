/** The trackers' own clients, from their registry, in an environment of Python that the tests make once a checkout. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** TRACKING_WANDB: another one of W&B's client. */
const pins = [
  `wandb==${process.env.TRACKING_WANDB || '0.31.0'}`,
  'mlflow-skinny==3.17.2',
  'trackio==0.43.0',
  'tensorboard==2.21.0',
]
/** One older version of each. */
export const olderPins = ['wandb==0.22.3', 'mlflow-skinny==2.22.5', 'trackio==0.38.1', 'tensorboard==2.18.0']

/** The folder of the scripts, one a tracker. */
export const scripts = path.join(import.meta.dirname, 'clients')

/** What runs the script of the axis `script` for so many steps, seconds apart; it writes what it logs to `said-SCRIPT` in `home`. */
export const scriptCommand = (
  python: string,
  home: string,
  steps: number | string,
  pause: number | string,
): string[] => [
  python,
  path.join(scripts, '${script}_run.py'),
  '1e-5',
  String(steps),
  String(pause),
  path.join(home, 'said-${script}'),
]

/** The Python that has the clients; makes it where it is not there (about 40 s). Throws with what pip says. */
export async function pythonWithClients(packages: string[] = pins): Promise<string> {
  const name = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 12)
  const folder = path.join(import.meta.dirname, '../../node_modules/.cache', `tracking-${name}`)
  const python = path.join(folder, 'bin/python')
  const whole = path.join(folder, 'whole')
  if (existsSync(whole)) return python
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(path.dirname(folder), { recursive: true })
  await run('python3', ['-m', 'venv', folder])
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages])
  writeFileSync(whole, '')
  return python
}

function run(program: string, parameters: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    child.stdout.on('data', (text) => (said += text))
    child.stderr.on('data', (text) => (said += text))
    child.on('error', reject)
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ${parameters.join(' ')}: ${said}`)),
    )
  })
}
