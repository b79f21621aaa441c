/**
 * Handing attempts to Slurm: those that start together and ask for the same as one array. Each submission has a name of its own,
 * which stands in the control folders of its attempts before sbatch is called. Where nobody knows whether sbatch came through, the
 * name is looked for before anything is tried again.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { monotonicMilliseconds } from '../clock.ts'
import type { Environment } from '../../formats/environment.ts'
import type { Launch } from '../executor.ts'
import type { Call } from './call.ts'
import { isToHandOver, nameFor, replaceControl, writeEnd } from '../cluster/folder.ts'
import { startScript } from '../cluster/start-script.ts'
import { claimSubmission, type SlurmSubmission } from './files.ts'
import { isLimitOnSubmission } from './job-states.ts'
import { batchScript, submissionArguments } from './scripts.ts'
import type { Site } from './site.ts'

const onNode = path.join(import.meta.dirname, 'on-node.sh')

const submitSeconds = 60
/** After this no sbatch of an earlier process can bring its submission to Slurm any more. */
export const arrivalMilliseconds = (submitSeconds + 15) * 1000
/** So many attempts go in one array: arrays of a site may be as long as 1,001. */
const mostInArray = 500
const longestPauseMilliseconds = 60_000

export type Pending = {
  name: string
  args: string[]
  script: string
  controls: string[]
  /** Why it is not at Slurm yet; null: it is on its way. */
  waits: string | null
  /** Where an sbatch gave no sure answer: from when on a question to Slurm tells whether it has the job. Before that nothing is tried again. */
  doubtSince: number | null
}

export type SlurmSubmissions = {
  /** Hands attempts over, soon. One that has been handed over before, or has begun, is left alone. */
  add(launches: readonly Launch[]): void
  /** The submission of that name, while it is not known to be at Slurm. */
  pending(name: string): Pending | undefined
  /** Slurm has no job of the attempt, and surely never will: it may be added again, under another name. */
  forget(control: string): void
  /** Slurm was seen to have a job of that name, or surely has none. */
  settle(name: string, found: boolean): void
}

/** `submitted` is told the name and Slurm's number when an answer came. */
export function submittingToSlurm(
  call: Call,
  { site, environment, killSeconds }: { site: Site; environment: Environment; killSeconds: number },
  submitted: (name: string) => void,
): SlurmSubmissions {
  const queue = new Map<string, Pending>()
  let running = false
  let pauseMilliseconds = 1000

  function add(launches: readonly Launch[]): void {
    const fresh = launches.filter((launch) => isToHandOver(launch, 'slurm.json', launch.directory))
    const groups = Map.groupBy(fresh, ({ request }) =>
      JSON.stringify([nameFor(request!.name), submissionArguments(request!, site)]),
    )
    for (const group of groups.values())
      for (let at = 0; at < group.length; at += mostInArray) enqueue(group.slice(at, at + mostInArray))
    void pump()
  }

  function enqueue(group: Launch[]): void {
    const name = `${nameFor(group[0]!.request!.name)}.${randomBytes(6).toString('hex')}`
    const controls: string[] = []
    for (const launch of group) {
      const { control } = launch
      const start = startScript(launch, environment, killSeconds, onNode)
      writeFileSync(path.join(control, 'start.sh'), start, { mode: 0o600 })
      if (claimSubmission(control, { name, index: controls.length, at: Date.now() })) controls.push(control)
    }
    if (controls.length === 0) return
    const script = path.join(controls[0]!, 'submit.sh')
    writeFileSync(script, batchScript(controls, site.file_delay_seconds), { mode: 0o600 })
    const array = controls.length > 1 ? [`--array=0-${controls.length - 1}`] : []
    const args = ['--parsable', `--job-name=${name}`, '--output=/dev/null', ...array]
    args.push(...submissionArguments(group[0]!.request!, site), script)
    queue.set(name, { name, args, script, controls, waits: null, doubtSince: null })
  }

  /** One sbatch at a time: arrays make the rate, and a controller has others to serve. */
  async function pump(): Promise<void> {
    if (running) return
    running = true
    try {
      for (;;) {
        const next = queue.values().find((pending) => pending.doubtSince === null)
        if (next === undefined) return
        if (await submit(next)) pauseMilliseconds = 1000
        else {
          await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds).unref())
          pauseMilliseconds = Math.min(longestPauseMilliseconds, pauseMilliseconds * 2)
        }
      }
    } finally {
      running = false
    }
  }

  /** Gives whether to go on with the next at once. */
  async function submit(pending: Pending): Promise<boolean> {
    const { name, controls } = pending
    // given up meanwhile, every one
    if (controls.every((control) => existsSync(path.join(control, 'pid.json')))) {
      queue.delete(name)
      return true
    }
    stamp(pending, { at: Date.now() })
    const answer = await call('sbatch', pending.args, submitSeconds)
    if (answer.ok) {
      const job = /^\d+/.exec(answer.text.trim())?.[0]
      stamp(pending, job === undefined ? {} : { job })
      queue.delete(name)
      submitted(name)
      return true
    }
    if (answer.sure && isLimitOnSubmission(answer.message)) {
      pending.waits = `Slurm takes no more jobs of this user now: ${answer.message}. It is tried again.`
      return false
    }
    if (answer.sure) {
      queue.delete(name)
      for (const control of controls) refuse(control, answer.message)
      submitted(name)
      return true
    }
    // what was sent may lie in the controller's line for a while; what found no controller was not sent
    pending.doubtSince = monotonicMilliseconds() + (/connect failure|refused/i.test(answer.message) ? 0 : 10_000)
    pending.waits = `Slurm did not answer when the job was handed over: ${answer.message}. It is looked for, and handed over again if it is not there.`
    submitted(name)
    return false
  }

  function stamp({ name, controls }: Pending, more: Partial<SlurmSubmission>): void {
    controls.forEach((control, index) => {
      try {
        replaceControl(control, 'slurm.json', { name, index, at: Date.now(), ...more })
      } catch {
        // its folder was removed: nobody asks about it any more
      }
    })
  }

  return {
    add,
    pending: (name) => queue.get(name),
    forget: (control) => rmSync(path.join(control, 'slurm.json'), { force: true }),
    settle(name, found) {
      const pending = queue.get(name)
      if (pending === undefined || pending.doubtSince === null) return
      if (found) queue.delete(name)
      else {
        pending.doubtSince = null
        void pump()
      }
    },
  }
}

function refuse(control: string, message: string): void {
  writeEnd(control, `could not be handed to Slurm: ${message.replace(/\.$/, '')}`)
}
