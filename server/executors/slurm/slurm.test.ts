import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { SlurmAnswer, Call } from './call.ts'
import { interruptionOf, isLimitOnSubmission, phaseOf, reasonInWords } from './job-states.ts'
import { watchQueue, type SlurmKnowledge } from './queue.ts'
import { startScript } from '../cluster/start-script.ts'
import { batchScript, submissionArguments } from './scripts.ts'
import { readSite } from './site.ts'

const folder = () => {
  const made = mkdtempSync(path.join(tmpdir(), "slurm's $(x) "))
  onTestFinished(() => rmSync(made, { recursive: true }))
  return made
}

test('every ending of Slurm has its sentence, and a word of later versions is no end', () => {
  for (const state of ['NODE_FAIL', 'BOOT_FAIL', 'PREEMPTED', 'TIMEOUT', 'DEADLINE', 'OUT_OF_MEMORY', 'CANCELLED']) {
    expect(phaseOf(state)).toBe('ended')
    expect(interruptionOf(state, '12_3')?.sentence).toContain('12_3')
  }
  expect(['COMPLETED', 'FAILED'].map(phaseOf)).toEqual(['ended', 'ended'])
  expect(['PENDING', 'REQUEUE_HOLD'].map(phaseOf)).toEqual(['waiting', 'waiting'])
  expect(['RUNNING', 'COMPLETING', 'SUSPENDED', 'TELEPORTING'].map(phaseOf)).toEqual(Array(4).fill('living'))
})

test.each([
  ['Resources', 'waits for free nodes (Resources)'],
  ['ReqNodeNotAvail, UnavailableNodes:n[1-2]', 'a node that it needs is not available (ReqNodeNotAvail)'],
  ['QOSMaxGRESPerUser', 'QOSMaxGRESPerUser'],
])('the reason %s is told with its own word', (reason, words) => {
  expect(reasonInWords(reason)).toBe(words)
})

test('a limit on submissions passes by itself, a wrong partition does not', () => {
  expect(
    isLimitOnSubmission('Job violates accounting/QOS policy (job submit limit, user’s size and/or time limits)'),
  ).toBe(true)
  expect(isLimitOnSubmission('Batch job submission failed: Invalid partition name specified')).toBe(false)
})

test('scripts hold texts to the byte, and no shell reads them', () => {
  const control = folder()
  const awkward = ["a'b", '$(touch pwned)', '`x`', '\\', '', 'ü\n', '*']
  const launch = {
    mark: '1.2.3',
    folder: control,
    control,
    directory: control,
    command: [process.execPath, ...awkward],
    environment: { AWKWARD: awkward.join(' '), 'odd name()': '1', SLURM_JOB_ID: '9', TMPDIR: '/own', LOST: undefined },
  }
  const script = startScript(launch, { SLURM_JOB_ID: '9', TMPDIR: '/of-this-machine' }, 1, '/on-node.sh')
  // what the script runs in place of on-node.sh says what it was given
  const file = path.join(control, 'start.sh')
  const say = 'process.stdout.write(JSON.stringify([process.argv.slice(1), process.env]))'
  writeFileSync(file, script.replace("'/bin/bash'", `'${process.execPath}' '-e' '${say}' '--'`))
  const batch = batchScript([path.join(control, 'nowhere'), control], 0)
  const text = execFileSync('bash', ['-c', batch], {
    env: { ...process.env, SLURM_ARRAY_TASK_ID: '1' },
    encoding: 'utf8',
  })
  const [args, environment] = JSON.parse(text) as [string[], Record<string, string>]
  expect(args.slice(-awkward.length)).toEqual(awkward)
  expect(environment).toMatchObject({ AWKWARD: awkward.join(' '), 'odd name()': '1', TMPDIR: '/own' })
  expect(environment).not.toHaveProperty('LOST')
  expect(environment.SLURM_JOB_ID).toBeUndefined()
})

test('a job’s own options come after the site’s, and more GPUs than a node has take several', () => {
  const site = readSite(path.join(folder(), 'none'))
  const argumentsOf = (slurm: object, gpus: number, more = {}) =>
    submissionArguments({ gpus, name: 'x', slurm }, { ...site, ...more })
  const args = argumentsOf({ options: ['--mem=1G'], time: '0:04' }, 4, { options: ['--mem=9G'], partition: 'a' })
  expect(args).toEqual(expect.arrayContaining(['--partition=a', '--nodes=1', '--gres=gpu:4', '--signal=B:USR1@1']))
  expect(args.indexOf('--mem=1G')).toBeGreaterThan(args.indexOf('--mem=9G'))
  expect(argumentsOf({ gpus_per_node: 8 }, 16)).toEqual(expect.arrayContaining(['--nodes=2', '--gres=gpu:8']))
  expect(argumentsOf({}, 0).join(' ')).not.toContain('gres')
})

test('settings that cannot be used are told with their file and key', () => {
  const file = path.join(folder(), 'settings.yaml')
  writeFileSync(file, 'slurm: { ask_seconds: never }\n')
  expect(() => readSite(file)).toThrow(/settings\.yaml cannot be used\. slurm\.ask_seconds/)
  writeFileSync(file, 'slurm: { partition: gpu\n')
  expect(() => readSite(file)).toThrow(/settings\.yaml cannot be used/)
})

const user = userInfo().uid

/** A queue over answers that a test gives, one a question. */
async function answered(
  answers: Record<string, SlurmAnswer>,
  names: string[],
): Promise<[SlurmKnowledge | null, string[]]> {
  const asked: string[] = []
  const call: Call = async (program) => {
    asked.push(program)
    return answers[program]!
  }
  const queue = watchQueue(call, 5)
  const wanted = new Map(names.map((name) => [name, { since: -Infinity, indexes: [0, 1] }]))
  const done = new Promise<void>((resolve) => queue.onAnswer(resolve))
  queue.look(wanted)
  await done
  return [queue.look(wanted), asked]
}

test('one question tells of all; what squeue has forgotten is asked of the accounts, and only that', async () => {
  const squeue = `7_0|a.1|RUNNING|1-00:00:05|1795868081|gpu|n1|${user}|5|None\n7_1|a.1|PENDING|0:00|N/A|gpu||${user}|5|Resources|x\n`
  const sacct = `8_1|b.1|CANCELLED by 1000|12|1795868081|gpu|n2\n8_0|b.1|COMPLETED|5|1795868081|gpu|n1\n`
  const [known, asked] = await answered({ squeue: { ok: true, text: squeue }, sacct: { ok: true, text: sacct } }, [
    'a.1',
    'b.1',
  ])
  expect(asked).toEqual(['squeue', 'sacct'])
  expect(known!.find('a.1', 0)).toMatchObject({
    job: '7_0',
    state: 'RUNNING',
    seconds: 86_405,
    node: 'n1',
    start: 1_795_868_081_000,
  })
  expect(known!.find('a.1', 1)).toMatchObject({ state: 'PENDING', node: null, reason: 'Resources|x', start: null })
  expect(known!.find('b.1', 1)).toMatchObject({ state: 'CANCELLED', seconds: 12 })
  expect(known!.find('c.1', 0)).toBeNull()
})

test('a controller that does not answer says nothing of any job', async () => {
  const [known] = await answered({ squeue: { ok: false, sure: false, message: 'timed out' } }, ['a.1'])
  expect(known).toBeNull()
})

test('while jobs wait, one question in half a minute is about everybody’s, and says how many go before them', async () => {
  const asked: boolean[] = []
  const own = `7_0|a.1|PENDING|0:00|N/A|gpu||${user}|5|Priority\n`
  const others = `6|x|PENDING|0:00|N/A|gpu||${user + 1}|5|Priority\n5|y|RUNNING|0:09|N/A|gpu|n1|${user + 1}|9|None\n`
  const call: Call = async (_program, args) => {
    asked.push(!args.includes('-u'))
    return { ok: true, text: args.includes('-u') ? own : own + others }
  }
  const queue = watchQueue(call, 0.01)
  const wanted = new Map([['a.1', { since: -Infinity, indexes: [0] }]])
  const places: (number | null)[] = []
  while (places.length < 4) {
    const done = new Promise<void>((resolve) => queue.onAnswer(resolve))
    for (const before = asked.length; asked.length === before;) {
      queue.look(wanted)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await done
    places.push(queue.look(wanted)!.find('a.1', 0)!.ahead)
  }
  expect(asked.slice(0, 4)).toEqual([false, true, false, false])
  expect(places).toEqual([null, 1, 1, 1])
  expect(queue.look(wanted)!.find('x', 0)).toBeNull()
})

test('whatever happened, nobody asks more often than the site allows', async () => {
  const asked: number[] = []
  const call: Call = async () => {
    asked.push(performance.now())
    return { ok: true, text: '' }
  }
  const queue = watchQueue(call, 0.2)
  const wanted = new Map([['a.1', { since: Infinity, indexes: [0] }]])
  while (asked.length < 4) {
    queue.look(wanted)
    queue.soon()
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  for (const [at, time] of asked.slice(1).entries()) expect(time - asked[at]!).toBeGreaterThanOrEqual(198)
})
