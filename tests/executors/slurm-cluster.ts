/**
 * A Slurm of a test's own: its daemons in a folder below the system's, on ports of their own, as children of the test. Two nodes
 * of four pretended GPUs each, all of them this machine. Where accounting is asked for, with slurmdbd and a MariaDB.
 */
import { execFile, execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, openSync, closeSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { hostname, tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { freePorts } from '../../server/executors/local/free-ports.ts'

const run = promisify(execFile)

export type Daemon = 'munged' | 'slurmctld' | 'n1' | 'n2' | 'slurmdbd' | 'mariadbd'
export type SlurmCluster = {
  folder: string
  /** What a process must have in its environment to speak with this cluster and no other. */
  environment: Record<string, string>
  /** Calls one of Slurm's commands; gives what it printed. */
  call(program: string, ...args: string[]): Promise<string>
  /** Ends a daemon; resolves when it is gone. What it started goes on. With SIGTERM a controller keeps what it knows, killed it may not. */
  kill(daemon: Daemon, signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>
  /** Starts one that was ended, with `more` in its environment from now on. */
  start(daemon: Daemon, more?: Record<string, string>): Promise<void>
  /** Resolves when both nodes take jobs. */
  ready(): Promise<void>
  /** Ends every job and daemon, and removes the folder. */
  stop(): Promise<void>
}

const programs = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'squeue']
const searchPath = `${process.env.PATH}:/usr/sbin:/sbin:/usr/local/sbin`

/** Why there can be no Slurm here, as a sentence; null: there can. */
export function slurmIsMissing(): string | null {
  const folders = searchPath.split(':')
  const missing = programs.filter((program) => !folders.some((folder) => existsSync(path.join(folder, program))))
  if (missing.length === 0) return null
  return `Slurm's programs ${missing.join(', ')} are not installed; on Debian: apt-get install slurm-wlm munge.`
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    }).on('error', () => resolve(false))
  })
}

/** Starts one; `lines`: more lines of slurm.conf. */
export async function startSlurm({ accounting = false, lines = [] as string[] } = {}): Promise<SlurmCluster> {
  const folder = mkdtempSync(path.join(tmpdir(), 'slurm-'))
  // munge wants folders that nobody else could have written to, and sockets that all can reach
  chmodSync(folder, 0o755)
  const [controllerPort, n1Port, n2Port, accountsPort, databasePort] = await freePorts(5, new Set())
  const user = userInfo().username
  const within = (name: string) => path.join(folder, name)
  for (const name of ['state', 'spool.n1', 'spool.n2', 'run']) mkdirSync(within(name), { mode: 0o755 })
  writeFileSync(within('munge.key'), randomBytes(128), { mode: 0o600 })
  // Slurm tells a job which devices it has only where they are devices; not everybody may make one
  for (const gpu of [0, 1, 2, 3].map((number) => within(`nvidia${number}`)))
    if (spawnSync('mknod', [gpu, 'c', '1', '3']).status !== 0) writeFileSync(gpu, '')
  writeFileSync(within('gres.conf'), `NodeName=n[1-2] Name=gpu File=${within('nvidia[0-3]')}\n`)
  const socket = within('run/munge')
  writeFileSync(
    within('slurm.conf'),
    [
      'ClusterName=trial',
      `SlurmctldHost=${hostname().split('.')[0]}(127.0.0.1)`,
      `SlurmUser=${user}`,
      `SlurmdUser=${user}`,
      'AuthType=auth/munge',
      `AuthInfo=socket=${socket}`,
      'CredType=cred/munge',
      `StateSaveLocation=${within('state')}`,
      `SlurmdSpoolDir=${within('spool.%n')}`,
      `SlurmctldPidFile=${within('run/slurmctld.pid')}`,
      `SlurmdPidFile=${within('run/slurmd.%n.pid')}`,
      `SlurmctldPort=${controllerPort}`,
      'ProctrackType=proctrack/linuxproc',
      'TaskPlugin=task/none',
      'JobAcctGatherType=jobacct_gather/none',
      'MpiDefault=none',
      'ReturnToService=2',
      'SelectType=select/cons_tres',
      'SelectTypeParameters=CR_Core',
      'SchedulerType=sched/backfill',
      'SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=0',
      'GresTypes=gpu',
      'KillWait=5',
      'SlurmdTimeout=10',
      'MaxArraySize=10001',
      'MaxJobCount=20000',
      'SlurmdParameters=config_overrides',
      ...(accounting
        ? [
            'AccountingStorageType=accounting_storage/slurmdbd',
            'AccountingStorageHost=localhost',
            `AccountingStoragePort=${accountsPort}`,
            `AccountingStoragePass=${socket}`,
          ]
        : ['AccountingStorageType=accounting_storage/none']),
      `NodeName=n1 NodeHostname=${hostname().split('.')[0]} NodeAddr=127.0.0.1 Port=${n1Port} CPUs=8 Gres=gpu:4`,
      `NodeName=n2 NodeHostname=${hostname().split('.')[0]} NodeAddr=127.0.0.1 Port=${n2Port} CPUs=8 Gres=gpu:4`,
      'PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP',
      ...lines,
      '',
    ].join('\n'),
  )
  writeFileSync(
    within('slurmdbd.conf'),
    `AuthType=auth/munge\nAuthInfo=socket=${socket}\nDbdHost=localhost\nDbdPort=${accountsPort}\nSlurmUser=${user}\nStorageType=accounting_storage/mysql\nStorageHost=127.0.0.1\nStoragePort=${databasePort}\nStorageUser=slurm\nStoragePass=slurm\nStorageLoc=slurm\nPidFile=${within('run/slurmdbd.pid')}\n`,
    { mode: 0o600 },
  )
  const environment = { SLURM_CONF: within('slurm.conf') }
  const databaseSocket = within('run/mysqld')
  const commands: Record<Daemon, string[]> = {
    munged: [
      'munged',
      '-F',
      `--key-file=${within('munge.key')}`,
      `--socket=${socket}`,
      `--pid-file=${within('run/munged.pid')}`,
      `--seed-file=${within('run/munged.seed')}`,
      `--log-file=${within('munged.log')}`,
    ],
    mariadbd: [
      'mariadbd',
      '--no-defaults',
      `--user=${user}`,
      `--datadir=${within('mysql')}`,
      `--socket=${databaseSocket}`,
      `--pid-file=${within('run/mysqld.pid')}`,
      '--bind-address=127.0.0.1',
      `--port=${databasePort}`,
      '--skip-name-resolve',
      '--innodb-buffer-pool-size=64M',
      '--innodb-lock-wait-timeout=900',
    ],
    slurmdbd: ['slurmdbd', '-D'],
    slurmctld: ['slurmctld', '-D'],
    n1: ['slurmd', '-D', '-N', 'n1'],
    n2: ['slurmd', '-D', '-N', 'n2'],
  }
  const daemons = new Map<Daemon, ChildProcess>()
  const own = new Map<Daemon, Record<string, string>>()

  const call: SlurmCluster['call'] = async (program, ...args) => {
    const { stdout } = await run(program, args, { env: { ...process.env, ...environment, PATH: searchPath } })
    return stdout
  }

  async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50))
  }

  const cluster: SlurmCluster = {
    folder,
    environment,
    call,
    async kill(name, signal = 'SIGKILL') {
      const daemon = daemons.get(name)
      if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return
      const gone = once(daemon, 'exit')
      daemon.kill(signal)
      await gone
    },
    async start(name, more = own.get(name) ?? {}) {
      own.set(name, more)
      const log = openSync(within(`${name}.out`), 'a')
      const [program, ...args] = commands[name]
      const env = { ...process.env, ...environment, PATH: searchPath, SLURMDBD_CONF: within('slurmdbd.conf'), ...more }
      // a session of its own, as a daemon has, and none outlives the test however that ends
      const bound = ['--pdeathsig', 'KILL', '--', program!, ...args]
      daemons.set(name, spawn('setpriv', bound, { env, stdio: ['ignore', log, log], detached: true }))
      closeSync(log)
      if (name === 'munged') await until(() => existsSync(socket))
      if (name === 'mariadbd') await until(() => existsSync(databaseSocket))
      if (name === 'slurmctld') await until(async () => (await call('scontrol', 'ping').catch(() => '')).includes('UP'))
    },
    ready: () => until(async () => (await nodesUp()) === 2),
    async stop() {
      if (daemons.has('slurmctld')) await call('scancel', `--user=${user}`).catch(() => '')
      await until(async () => (await call('squeue', '-h').catch(() => '')) === '')
      for (const name of ['n1', 'n2', 'slurmctld', 'slurmdbd', 'mariadbd', 'munged'] as const) await cluster.kill(name)
      rmSync(folder, { recursive: true, force: true })
    },
  }
  async function nodesUp(): Promise<number> {
    const states = await call('sinfo', '-h', '-N', '-o', '%T').catch(() => '')
    return states.split('\n').filter((state) => /^(idle|mixed|allocated)$/.test(state)).length
  }

  try {
    await cluster.start('munged')
    if (accounting) {
      execFileSync(
        'mariadb-install-db',
        [
          `--user=${user}`,
          `--datadir=${within('mysql')}`,
          '--auth-root-authentication-method=socket',
          '--skip-test-db',
        ],
        { stdio: 'ignore' },
      )
      await cluster.start('mariadbd')
      const sql =
        "create user slurm@127.0.0.1 identified by 'slurm'; grant all on slurm.* to slurm@127.0.0.1; create database slurm"
      await until(() =>
        call('mariadb', '-S', databaseSocket, '-e', sql).then(
          () => true,
          () => false,
        ),
      )
      await cluster.start('slurmdbd')
      // a controller that begins without it gives up
      await until(() => answers(accountsPort!))
    }
    await cluster.start('slurmctld')
    await cluster.start('n1')
    await cluster.start('n2')
    await cluster.ready()
  } catch (error) {
    await cluster.stop()
    throw error
  }
  return cluster
}
