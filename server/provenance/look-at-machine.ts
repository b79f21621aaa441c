/** The machine that an attempt runs on. What nvidia-smi says of it is asked once, and again when the driver changed. */
import { execFile } from 'node:child_process'
import os from 'node:os'
import { promisify } from 'node:util'
import type { MachineState } from '../../domain/provenance/what-was-run.ts'
import { readFileStart } from '../attempt-files/open-file.ts'
import { version } from '../base/process/version.ts'
import type { Environment } from '../formats/environment.ts'

const run = promisify(execFile)

type Gpus = Pick<MachineState, 'driver' | 'cuda' | 'gpus'>
const noGpus: Gpus = { driver: null, cuda: null, gpus: {} }

/** A first start waits so long for it at most; a machine whose GPUs sleep takes seconds. */
const mostMilliseconds = 3000

let asked: { driver: string | null; answer: Promise<Gpus> } | null = null

/** What this machine is. `withGpus`: slots are GPUs here, or nobody knows. */
export async function lookAtMachine(environment: Environment, withGpus: boolean): Promise<MachineState> {
  const driver = withGpus ? readOrNull('/proc/driver/nvidia/version') : null
  if (withGpus && (asked === null || asked.driver !== driver)) asked = { driver, answer: askGpus(environment) }
  const gpus = withGpus ? await Promise.race([asked!.answer, later(noGpus)]) : noGpus
  const release = readOrNull('/etc/os-release')
  const name = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(release ?? '')?.[1]
  const processors = os.cpus()
  return {
    host: os.hostname(),
    system: [name, `${os.type()} ${os.release()}`].filter(Boolean).join(', '),
    processors: `${processors.length} × ${processors[0]?.model.trim() || os.machine()}`,
    memoryGigabytes: Math.round(os.totalmem() / 2 ** 30),
    ...gpus,
    driver: gpus.driver ?? /Kernel Module(?: for \S+)?\s+([\d.]+)/.exec(driver ?? '')?.[1] ?? null,
    sweepboard: version,
    node: process.version,
  }
}

function later<Value>(value: Value): Promise<Value> {
  return new Promise((resolve) => setTimeout(resolve, mostMilliseconds, value).unref())
}

function readOrNull(file: string): string | null {
  try {
    return readFileStart(file, 'anywhere', 1 << 14)?.toString('utf8') ?? null
  } catch {
    return null
  }
}

async function askGpus(environment: Environment): Promise<Gpus> {
  const options = { env: environment as NodeJS.ProcessEnv, timeout: 10_000 }
  try {
    const [listed, head] = await Promise.all([
      run('nvidia-smi', ['--query-gpu=index,uuid,name,memory.total,driver_version', '--format=csv,noheader'], options),
      run('nvidia-smi', [], options).catch(() => ({ stdout: '' })),
    ])
    return readGpus(listed.stdout, head.stdout)
  } catch {
    return noGpus
  }
}

/** What nvidia-smi lists, and the head of its table, which alone names the version of CUDA. */
export function readGpus(listed: string, head: string): Gpus {
  const rows = listed
    .split('\n')
    .map((line) => line.split(',').map((field) => field.trim()))
    .filter((row) => row.length === 5 && /^\d+$/.test(row[0]!))
  return {
    driver: rows[0]?.[4] ?? null,
    cuda: /CUDA (?:UMD )?Version\s*:\s*([\d.]+)/.exec(head)?.[1] ?? null,
    gpus: Object.fromEntries(
      rows.flatMap(([index, uuid, name, memory]) => [index!, uuid!].map((id) => [id, `${name}, ${memory}`])),
    ),
  }
}
