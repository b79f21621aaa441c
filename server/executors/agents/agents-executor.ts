/**
 * Runs attempts by W&B's agents, which people start where they like on this machine. An attempt lies ready in its control folder until
 * an agent asks for one; the agent's child (on-agent.ts) then runs the same wrapper as the launcher would, and all that follows is
 * read from the folders as of any attempt of this machine. An attempt may be given to any number of agents: one claims it.
 */
import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Attempt, Executor, Observation } from '../executor.ts'
import { pidFileSchema, readControl, writeControl } from '../local/control-files.ts'
import { isAlive } from '../local/processes.ts'
import { agentFileOf, launchFile } from './files.ts'
import { openHands, type Hands } from './hands.ts'

export type AgentsExecutor = Executor & {
  /** The agents that asked lately, by sweep. */
  hands: Hands
  /** Whether an agent could begin the attempt: it lies ready, and nobody has claimed it. */
  isOnOffer(attempt: Attempt): boolean
  /** Calls the listener when attempts lie ready. Gives a function that takes it off again. */
  onOffer(listener: () => void): () => void
}

/** Makes an executor; it knows nothing but which agents asked lately, and learns that again within seconds. */
export function agentsExecutor(local: Executor): AgentsExecutor {
  const offers = new EventEmitter<{ offer: [] }>().setMaxListeners(0)
  const isReady = ({ control }: Attempt) => existsSync(path.join(control, launchFile))

  /** Whether the agent's child that started the wrapper was killed: by its agent, or by whoever wants an end of it. */
  function isForsaken({ control }: Attempt, wrapper: number): boolean {
    const child = readControl(control, agentFileOf(wrapper), pidFileSchema)
    return child !== null && child !== 'torn' && !isAlive(child)
  }

  async function orForsaken(attempt: Attempt, seen: Observation): Promise<Observation> {
    if (seen.state === 'unclaimed') return isReady(attempt) ? { state: 'queued' } : seen
    if (seen.state === 'running' && seen.pid !== null && isForsaken(attempt, seen.pid))
      await local.signal([attempt], 'SIGKILL', null)
    return seen
  }

  return {
    ...local,
    slots: null,
    hands: openHands(),
    withheld: async () => new Map(),
    environment: () => ({}),
    programProblem: () => null,
    async launch(launches) {
      for (const launch of launches) writeControl(launch.control, launchFile, launch)
      offers.emit('offer')
    },
    async observe(attempts) {
      const seen = await local.observe(attempts)
      return Promise.all(attempts.map((attempt, index) => orForsaken(attempt, seen[index]!)))
    },
    isOnOffer: (attempt) =>
      isReady(attempt) &&
      !['claim', 'pid.json', 'exit.json'].some((name) => existsSync(path.join(attempt.control, name))),
    onOffer(listener) {
      offers.on('offer', listener)
      return () => offers.off('offer', listener)
    },
  }
}
