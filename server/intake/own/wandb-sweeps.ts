/** W&B's sweeps and agents: the sweep is one of the server's, which is asked for everything. */
import { randomBytes } from 'node:crypto'
import { isObject, Refusal, worded } from '../protocol.ts'
import { entity } from '../wandb/runs.ts'
import type { OwnRuns } from './own-runs.ts'

/** Agents are known by their sweep: a server that was started anew knows them, too. */
const agentPattern = /^agent-(\d{1,15})-[0-9a-f]{16}$/

/** Answers what is of sweeps and agents; null for any other call. What is refused is a GraphQL error, which the client prints. */
export async function answerSweep(
  runs: OwnRuns,
  operation: string,
  variables: Record<string, unknown>,
): Promise<Record<string, unknown> | null> {
  try {
    const data = await dataOf(runs, operation, variables)
    return data && { data }
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 400) throw error
    return { errors: [{ message: error.message }] }
  }
}

async function dataOf(
  runs: OwnRuns,
  operation: string,
  variables: Record<string, unknown>,
): Promise<Record<string, unknown> | null> {
  const text = (name: string) =>
    typeof variables[name] === 'string' && variables[name] !== '' ? variables[name] : null
  const projectName = text('projectName') ?? text('project') ?? 'uncategorized'
  const project = { id: projectName, name: projectName, entity: { id: entity, name: entity } }
  switch (operation) {
    case 'UpsertSweep': {
      const id = text('id')
      if (id !== null) {
        if (text('config') !== null)
          throw new Refusal(400, 'A sweep is not changed by its client here; its page adds values to its axes.')
        await runs.ask({ do: 'steer sweep', id: numberIn(id), state: text('state') ?? '' })
        return { upsertSweep: { sweep: { name: id, project }, configValidationWarnings: [] } }
      }
      const { told } = await runs.ask({ do: 'make sweep', config: text('config') ?? '', name: text('displayName') })
      const made = told as { id: number; warnings: string[] }
      return { upsertSweep: { sweep: { name: String(made.id), project }, configValidationWarnings: made.warnings } }
    }
    case 'SweepWithRuns':
    case 'GetSweepState':
    case 'Sweep': {
      const { told } = await runs.ask({ do: 'describe sweep', id: numberIn(text('sweep') ?? text('name')), host: null })
      const rest = { createdAt: null, heartbeatAt: null, updatedAt: null, earlyStopJobRunning: false, bestLoss: null }
      return {
        project: {
          ...project,
          sweep: { ...rest, controller: null, scheduler: null, ...(told as object), runs: { edges: [] } },
        },
      }
    }
    case 'CreateAgent': {
      const sweepId = numberIn(text('sweep'))
      await runs.ask({ do: 'describe sweep', id: sweepId, host: text('host') ?? '' })
      return { createAgent: { agent: { id: `agent-${sweepId}-${randomBytes(8).toString('hex')}` } } }
    }
    case 'Heartbeat': {
      const agent = text('id') ?? ''
      const [, sweep] = agentPattern.exec(agent) ?? []
      if (sweep === undefined) throw new Refusal(400, `${worded(variables.id)} is no agent of this server.`)
      const { told } = await runs.ask({
        do: 'hear agent',
        agent,
        sweepId: Number(sweep),
        runs: runsIn(text('runState')),
      })
      return { agentHeartbeat: { agent: { id: agent }, commands: JSON.stringify(told) } }
    }
    default:
      return null
  }
}

function numberIn(given: string | null): number {
  if (given === null || !/^\d{1,15}$/.test(given))
    throw new Refusal(
      400,
      `${worded(given ?? '')} is no sweep here; expected the number that its page and wandb sweep show.`,
    )
  return Number(given)
}

/** The runs that the agent says it has under way. */
function runsIn(state: string | null): string[] {
  try {
    const given: unknown = JSON.parse(state ?? '{}')
    return isObject(given) ? Object.keys(given) : []
  } catch {
    throw new Refusal(400, `runState ${worded(state)} is no JSON; expected an object of the runs that are under way.`)
  }
}
