/** Hostile attempts as a whole: real processes beside a good sweep, under one scheduler. What must hold then is looked at here. */
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { TRPCError } from '@trpc/server'
import { listLiveJobs } from '../../db/queries/jobs.ts'
import { findSweep, type SweepRow } from '../../db/queries/sweeps.ts'
import { isSweepFinished } from '../../domain/life/run-status.ts'
import type { Random } from '../../domain/stats/rng.ts'
import { appRouter } from '../../server/api/root.ts'
import { transformer } from '../../contract/transformer.ts'
import { openTestServer, smallSweep, stub, type TestServer } from '../harness.ts'
import { longestHold } from '../longest-hold.ts'
import { anyEntries } from './entries.ts'
import { kinds } from './kinds.ts'
import { oneOf } from './generate.ts'

const endings = ['well', 'well', 'badly', 'killed', 'with a child', 'without its folder'] as const
type Ending = (typeof endings)[number]
/** Bytes are texts of one character each. */
export type HostileAttempt = {
  saves: boolean
  events: string
  trainingLeaves: string
  trainingEnds: Ending
  report: string
  evaluationLeaves: string
  evaluationEnds: Ending
}

/** What a training and the evaluation of what it saved write, leave, and how they end. */
export function anyAttempt(random: Random): HostileAttempt {
  const some = (make: (random: Random) => string, otherwise: string) =>
    random.uniform() < 0.6 ? make(random) : otherwise
  return {
    saves: random.uniform() < 0.7,
    events: some(kinds.events!.make, ''),
    trainingLeaves: some(anyEntries, ''),
    trainingEnds: oneOf(random, endings),
    report: some(kinds.reports!.make, '{"acc": {"B": 0.5}}'),
    evaluationLeaves: some(anyEntries, ''),
    evaluationEnds: oneOf(random, endings),
  }
}

const goodSteps = 200
/** Computed without a pause by the main thread, in milliseconds of its own processor time: a loaded machine finds nothing. */
const mostHeld = 200

/** What is wrong with how they were met, in sentences; none: nothing. What holds the loop holds it twice: the collector does not. */
export async function meetAttempts(attempts: readonly HostileAttempt[]): Promise<string[]> {
  const { wrong, held } = await meetOnce(attempts)
  const again = held === null ? null : (await meetOnce(attempts)).held
  return held !== null && again !== null ? [...wrong, `the loop was held for ${Math.min(held, again)} ms`] : wrong
}

/** `held`: the longest that the loop was held, in milliseconds; null where that is allowed. */
async function meetOnce(attempts: readonly HostileAttempt[]): Promise<{ wrong: string[]; held: number | null }> {
  const server = openTestServer()
  let last = server
  try {
    const cases = path.join(server.dataFolder, 'cases.json')
    writeFileSync(cases, JSON.stringify(attempts))
    const program = path.join(import.meta.dirname, 'attempt.ts')
    const hostile = server.create(
      smallSweep({
        name: 'hostile',
        axes: { at: attempts.map((_, at) => String(at)) },
        train: { command: [process.execPath, program, cases, '${at}'], retries: 1 },
        evaluate: {
          command: [process.execPath, program, cases, '${at}', '${report}'],
          report: { accuracies: 'acc' },
          retries: 1,
        },
      }),
    )
    const good = server.create(smallSweep({ name: 'good', train: { command: stub('finishes', String(goodSteps)) } }))
    const longest = await longestHold(async () => {
      // many trainings in a row that fail at once pause their sweep: a person says that it is to go on
      for (;;) {
        const status = await statusOnce(server, hostile, (seen) => seen === 'paused' || isSweepFinished(seen))
        if (status !== 'paused') break
        await caller(server)
          .sweeps.resume({ id: hostile })
          .catch((error: unknown) => {
            // what still ran when it paused may have been its last
            if (!(error instanceof TRPCError && error.code === 'CONFLICT')) throw error
          })
      }
      await statusOnce(server, good, isSweepFinished)
    })
    const wrong = [
      ...listLiveJobs(server.context.database).map(({ id }) => `job ${id} holds its slots`),
      ...processesOf(server.dataFolder).map((pid) => `process ${pid} is left`),
      ...goodIsWhole(server, good),
      ...endsWithoutWords(server, hostile),
      ...(await pagesThatFail(server, hostile)),
    ]
    const before = stateOf(server)
    server.leave()
    last = server.again()
    await last.finished(hostile)
    const after = stateOf(last)
    for (const [table, rows] of Object.entries(before))
      if (rows !== after[table]) wrong.push(`${table} are others after a restart:\n${rows}\n${after[table]}`)
    return { wrong, held: longest > mostHeld ? Math.round(longest) : null }
  } finally {
    await last.close()
  }
}

/** The sweep's status once it is one of these. Its row alone is read: describing all of it at each change would count as the server's work. */
async function statusOnce(
  { context }: TestServer,
  id: number,
  isWanted: (status: SweepRow['status']) => boolean,
): Promise<SweepRow['status']> {
  for (;;) {
    const { status } = findSweep(context.database, id)!
    if (isWanted(status)) return status
    await once(context.signals, 'change')
  }
}

const caller = ({ context, scheduler, tries }: TestServer) => appRouter.createCaller({ app: context, scheduler, tries })

function processesOf(dataFolder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`SWEEPBOARD_RUN_DIR=${dataFolder}`)
    } catch {
      return false
    }
  })
}

function goodIsWhole(server: TestServer, id: number): string[] {
  return server.sweep(id).points.flatMap(({ runId, score }) => {
    const steps = [...server.context.series.values(runId, 'loss', 1)].length
    return score === 2 && steps === goodSteps ? [] : [`the good run ${runId} has ${steps} steps and the score ${score}`]
  })
}

function endsWithoutWords(server: TestServer, id: number): string[] {
  return server
    .sweep(id)
    .points.flatMap(({ runId, status, error }) =>
      status === 'scored' || (status === 'failed' && (error ?? '') !== '')
        ? []
        : [`the point of run ${runId} is ${status}, with ${JSON.stringify(error)}`],
    )
}

/** Whatever a page asks for is an answer that can go there, or a sentence. */
async function pagesThatFail(server: TestServer, id: number): Promise<string[]> {
  const { sweeps, runs, samples, leaderboard } = caller(server)
  const wrong: string[] = []
  const ask = async (what: string, question: () => Promise<unknown>) => {
    try {
      JSON.stringify(transformer.serialize(await question()))
    } catch (error) {
      if (!(error instanceof TRPCError) || error.code === 'INTERNAL_SERVER_ERROR')
        wrong.push(`${what}: ${error instanceof Error ? error.stack : String(error)}`)
    }
  }
  await ask('sweep', () => sweeps.get({ id }))
  await ask('points', () => sweeps.points({ id }))
  await ask('map', () => sweeps.map({ id }))
  await ask('parameters', () => sweeps.parameters({ id }))
  await ask('metric names', () => sweeps.metricNames({ id }))
  await ask('leaderboard', () => leaderboard.get({}))
  for (const { runId } of server.sweep(id).points) {
    await ask(`run ${runId}`, () => runs.get({ id: runId }))
    await ask(`reasons of ${runId}`, () => runs.reasons({ id: runId }))
    await ask(`axes of ${runId}`, () => runs.axes({ runIds: [runId] }))
    await ask(`curves of ${runId}`, () => runs.series({ runIds: [runId], metrics: ['loss'] }))
    await ask(`job file of ${runId}`, () => runs.jobFile({ id: runId }))
    for (const stream of ['stdout', 'stderr'] as const)
      await ask(`${stream} of ${runId}`, () => runs.log({ id: runId, attempt: 1, stream }))
    await ask(`samples of ${runId}`, () => samples.page({ id: runId }))
    await ask(`sample steps of ${runId}`, () => samples.steps({ id: runId }))
  }
  return wrong
}

function stateOf({ context }: TestServer): Record<string, string> {
  const rows = (sql: string) => JSON.stringify(context.database.$client.prepare(sql).all())
  return {
    jobs: rows('select id, kind, status, attempt, error from jobs order by id'),
    points: rows('select id, status, score, error from points order by id'),
    checkpoints: rows('select id, path, step, problem from checkpoints order by id'),
    events: rows('select job_id, attempt, type, count(*) as count from events group by job_id, attempt, type'),
  }
}
