/** An agent asks what to do: it is given an attempt that lies ready, told to leave when its sweep has ended, or to ask again. */
import { listLiveJobs, type JobRow } from '../../../db/queries/jobs.ts'
import { findSweep } from '../../../db/queries/sweeps.ts'
import { isSweepFinished } from '../../../domain/life/run-status.ts'
import { attemptOf, notify, type Context } from '../../base/context.ts'
import { runIds } from '../../intake/run-ids.ts'
import { requireAgentsSweep, writtenForAgents } from './agents-sweep.ts'

/** How long a question waits for an attempt to lie ready: the scheduler looks at once where it could start one. */
const patienceMilliseconds = 2000

export type AgentCommand =
  | { type: 'run'; run_id: string; program: string; args: Record<string, { value: unknown }> }
  | { type: 'exit' }

/** What the agent is to do now. `runs`: those that it has under way, by the ids that it was given. */
export async function hearAgent(
  context: Context,
  { agent, sweepId, runs }: { agent: string; sweepId: number; runs: string[] },
): Promise<AgentCommand[]> {
  const { hands } = context.executors.agents
  const isIdle = runs.length === 0
  const before = hands.count(sweepId, Date.now())
  hands.hear(agent, { sweepId, isIdle, now: Date.now() })
  if (hands.count(sweepId, Date.now()) !== before) notify(context, sweepId)
  if (!isIdle) return []
  context.signals.emit('work')
  const until = Date.now() + patienceMilliseconds
  for (;;) {
    const sweep = findSweep(context.database, sweepId)
    // an agent that leaves kills what it runs: only an idle one is told to
    if (!sweep || sweep.deletedAt !== null || isSweepFinished(sweep.status)) return [{ type: 'exit' }]
    const job = nextFor(context, agent, sweepId)
    if (job !== undefined) {
      hands.give(agent, attemptOf(context, job).mark)
      return [commandOf(context, job)]
    }
    if (Date.now() >= until) return []
    await offered(context, until - Date.now())
  }
}

/** An attempt that lies ready and was not given to another agent that is still heard. */
function nextFor(context: Context, agent: string, sweepId: number): JobRow | undefined {
  const { agents } = context.executors
  return listLiveJobs(context.database).find((job) => {
    if (job.sweepId !== sweepId || job.executor !== 'agents' || job.stopReason !== null) return false
    const attempt = attemptOf(context, job)
    return agents.isOnOffer(attempt) && !agents.hands.isGiven(attempt.mark, agent, Date.now())
  })
}

function commandOf(context: Context, job: JobRow): AgentCommand {
  const written = writtenForAgents(requireAgentsSweep(context, job.sweepId))
  const args = Object.entries(job.params).map(([name, literal]) => [name, { value: valueOf(literal) }] as const)
  return {
    type: 'run',
    run_id: runIds(String(job.id), String(job.attempt)).id,
    program: typeof written?.program === 'string' ? written.program : 'train.py',
    args: Object.fromEntries(args),
  }
}

/** A literal as Python's client would have read it; `1e-5` is a number, which YAML's own reader there takes for a text. */
function valueOf(literal: string): unknown {
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(literal)) return Number(literal)
  return literal === 'null' ? null : literal === 'true' || literal === 'false' ? literal === 'true' : literal
}

function offered(context: Context, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      off()
      context.signals.off('change', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    const off = context.executors.agents.onOffer(done)
    // its sweep may have ended
    context.signals.on('change', done)
  })
}
