/** Sweeps that W&B's client makes and steers (`wandb sweep`): each is one of ours, and agents train what it plans. */
import os from 'node:os'
import path from 'node:path'
import { parse } from 'yaml'
import type { SweepRow } from '../../../db/queries/sweeps.ts'
import { findSweep } from '../../../db/queries/sweeps.ts'
import { SweepboardError } from '../../../domain/errors.ts'
import { executorNameOf } from '../../../domain/sweep/executor.ts'
import type { SweepInput } from '../../../domain/sweep/sweep.ts'
import type { Context } from '../../base/context.ts'
import { convertWandbSweep, isWandbSweep } from '../../formats/wandb-sweep.ts'
import { cancelSweep, pauseSweep, resumeSweep } from '../sweeps/change-sweep.ts'
import { createSweep } from '../sweeps/create-sweep.ts'

const program = path.resolve(import.meta.dirname, '../../executors/agents/on-agent.ts')

/** W&B's default, where a sweep says no command. */
const usualCommand = ['${env}', '${interpreter}', '${program}', '${args}']

/**
 * Makes a sweep of a W&B configuration, whose trainings agents run. Throws a SweepboardError with all that it cannot be: nothing of it
 * is left out in silence. Gives its id, and what its maker should know.
 */
export function makeAgentsSweep(
  context: Context,
  { config, name }: { config: string; name: string | null },
): { id: number; warnings: string[] } {
  const converted = convertOrRefuse(config)
  const { definition, constants, cap } = converted
  // the agent puts its command together itself, with whatever stands for values there
  const lost = converted.notes.filter((note) => note !== cap && !note.startsWith('command:'))
  if (lost.length > 0)
    throw new SweepboardError('invalid', `This sweep cannot be what it says here. ${lost.map(asSentence).join(' ')}`)
  const single = Object.fromEntries([...constants].map(([constant, value]) => [constant, [value]]))
  const whole = {
    ...definition,
    ...(name ? { name } : {}),
    executor: 'agents',
    axes: { ...(definition.axes as object), ...single },
  } as SweepInput
  const { id } = createSweep(context, {
    definition: whole,
    writtenAs: config,
    directory: context.config.dataFolder,
    origin: 'file',
    reuse: false,
  })
  return { id, warnings: cap === null ? [] : [cap] }
}

function convertOrRefuse(config: string) {
  let converted
  try {
    converted = convertWandbSweep(config)
  } catch (error) {
    throw new SweepboardError('invalid', `The configuration is no YAML: ${(error as Error).message}`)
  }
  const given = converted && (parse(config, { maxAliasCount: 100 }) as { program?: unknown; command?: unknown })
  if (converted === null || (given!.program === undefined && given!.command === undefined))
    throw new SweepboardError(
      'invalid',
      'Expected parameters, and the program (or the command) that an agent runs for each point. A function that is handed to wandb.agent is not run here: write it as a program.',
    )
  return converted
}

const asSentence = (note: string) => (note.endsWith('.') ? note : `${note}.`)

/** Does what `wandb sweep --pause`, `--resume` and `--cancel` ask for. */
export function steerAgentsSweep(context: Context, id: number, state: string): void {
  requireAgentsSweep(context, id)
  if (state === 'PAUSED') pauseSweep(context, id)
  else if (state === 'RUNNING') resumeSweep(context, id)
  else if (state === 'CANCELED') cancelSweep(context, id)
  else
    throw new SweepboardError(
      'invalid',
      `A sweep cannot be told to be ${state} here: --pause starts nothing new and lets what runs end, --cancel stops that as well.`,
    )
}

/** What an agent asks of its sweep before it begins. Throws a SweepboardError where there is none, or it is none of agents. */
export function describeForAgent(context: Context, id: number) {
  const sweep = requireAgentsSweep(context, id)
  const own = writtenForAgents(sweep)
  const given = own === null ? [] : Array.isArray(own.command) ? own.command.map(String) : usualCommand
  const command = [process.execPath, program, path.join(context.config.dataFolder, 'control'), ...given]
  return {
    id: String(id),
    name: String(id),
    method: typeof sweep.definition.search === 'object' ? sweep.definition.search.method : 'grid',
    state: states[sweep.status],
    description: sweep.note,
    config: JSON.stringify({ ...own, command }),
  }
}

const states: Record<SweepRow['status'], string> = {
  waiting: 'PENDING',
  running: 'RUNNING',
  paused: 'PAUSED',
  done: 'FINISHED',
  failed: 'FINISHED',
  cancelled: 'CANCELED',
}

/** The configuration that W&B's client made the sweep of; null where it is a file of ours. */
export function writtenForAgents({ source }: SweepRow): Record<string, unknown> | null {
  const written = source === null ? null : (parse(source, { maxAliasCount: 100 }) as unknown)
  return isWandbSweep(written) ? (written as Record<string, unknown>) : null
}

/** The sweep of this id, whose trainings agents run. */
export function requireAgentsSweep({ database }: Context, id: number): SweepRow {
  const sweep = Number.isInteger(id) ? findSweep(database, id) : undefined
  if (!sweep || sweep.deletedAt !== null) throw new SweepboardError('not-found', `There is no sweep ${id} here.`)
  if (executorNameOf(sweep.definition, 'training') !== 'agents')
    throw new SweepboardError(
      'conflict',
      `${sweep.name} (sweep ${id}) is not run by agents; write executor: agents in its file, or start it without one.`,
    )
  return sweep
}

/** Refuses an agent on another machine: what it would run lies in the data folder of this one. */
export function checkHost(host: string): void {
  if (host !== os.hostname())
    throw new SweepboardError(
      'conflict',
      `The agent runs on ${JSON.stringify(host)}, and the server on ${JSON.stringify(os.hostname())}; agents run on the machine of the server.`,
    )
}
