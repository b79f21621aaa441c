/**
 * A Slurm that is only a model, in a process of its own (`fork`): nodes, GPUs and jobs are numbers, and what a job's script would write into
 * its control folder is written here. It is called with arguments of sbatch, squeue and scancel, and answers as these do.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { userInfo } from 'node:os'

type Job = {
  id: string
  name: string
  index: number
  control: string
  state: 'PENDING' | 'RUNNING' | 'COMPLETED' | 'CANCELLED'
  node: number
  startedAt: number
  endsAt: number
}

const [nodes, gpusPerNode, seconds] = process.argv.slice(2).map(Number) as [number, number, number]
/** As Slurm's own default (MinJobAge): squeue knows what has ended for so long. */
const keptMilliseconds = 300_000
const jobs: Job[] = []
const pending: Job[] = []
const running = new Set<Job>()
const free = Array.from({ length: nodes }, () => gpusPerNode)
const begunAt = Date.now()
const user = String(userInfo().uid)
let numbers = 0

process.on('message', ({ id, program, args }: { id: number; program: string; args: string[] }) => {
  process.send!({ id, text: answer(program, args) })
})
process.on('disconnect', () => process.exit())
setInterval(look, 50)

function answer(program: string, args: string[]): string {
  if (program === 'sbatch') return submit(args)
  if (program === 'squeue') return list()
  if (program === 'scancel') for (const job of pending.splice(0)) job.state = 'CANCELLED'
  return ''
}

function submit(args: string[]): string {
  const number = ++numbers
  const name = args.find((arg) => arg.startsWith('--job-name='))!.slice('--job-name='.length)
  const script = readFileSync(args.at(-1)!, 'utf8')
  const controls = [...script.matchAll(/^ {2}'(.+)'$/gm)].map((match) => match[1]!)
  controls.forEach((control, index) => {
    const id = controls.length > 1 ? `${number}_${index}` : `${number}`
    const job: Job = { id, name, index, control, state: 'PENDING', node: 0, startedAt: 0, endsAt: 0 }
    jobs.push(job)
    pending.push(job)
  })
  return `${number}\n`
}

function list(): string {
  const now = Date.now()
  const lines = jobs
    .filter(({ endsAt, state }) => state === 'PENDING' || state === 'RUNNING' || now - endsAt < keptMilliseconds)
    .map(({ id, name, state, node, startedAt }) => {
      const waits = state === 'PENDING'
      const start = waits ? 'N/A' : Math.round(startedAt / 1000)
      const where = waits ? '' : `n${node}`
      return `${id}|${name}|${state}|0:${waits ? '00' : '05'}|${start}|gpu|${where}|${user}|100|${waits ? 'Resources' : 'None'}`
    })
  return `${lines.join('\n')}\n`
}

/** The files of the wrapper and of the script on the node. */
function look(): void {
  const now = Date.now()
  for (const job of running) {
    if (job.endsAt > now) continue
    running.delete(job)
    free[job.node]!++
    job.state = 'COMPLETED'
    write(job, 'exit.json', { exitCode: 0, uptime: uptime(now) })
    write(job, 'over', '')
  }
  for (let node = 0; node < nodes && pending.length > 0; node++) {
    while (free[node]! > 0 && pending.length > 0) {
      const job = pending.shift()!
      free[node]!--
      running.add(job)
      Object.assign(job, {
        state: 'RUNNING',
        node,
        startedAt: now,
        endsAt: now + seconds * 1000 * (0.5 + Math.random()),
      })
      const place = { job: job.id, cluster: 'model', partition: 'gpu', node: `n${node}`, gpus: String(free[node]) }
      write(job, 'node.json', place)
      mkdirSync(path.join(job.control, 'claim'))
      write(job, 'pid.json', { pid: 2, start: '1', boot: 'model', uptime: uptime(now) })
    }
  }
}

function write({ control }: Job, name: string, content: object | string): void {
  writeFileSync(path.join(control, name), typeof content === 'string' ? content : JSON.stringify(content))
}

function uptime(now: number): string {
  return ((now - begunAt) / 1000).toFixed(2)
}
