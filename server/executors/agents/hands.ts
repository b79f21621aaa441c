/** The agents that asked lately: what a server remembers of them, and learns again from their next question. */

/** Agents ask every 5 s; one that has not for so long is not counted on, and what it was given is given to others as well. */
const silentMilliseconds = 20_000

type Agent = { sweepId: number; heardAt: number; isIdle: boolean; given: string | null }

export type Hands = {
  /** An agent of the sweep asks, and says whether a run of its own is under way. */
  hear(agent: string, about: { sweepId: number; isIdle: boolean; now: number }): void
  /** An agent was given the attempt of this mark, and is busy from here on. */
  give(agent: string, mark: string): void
  /** How many agents of the sweep wait for something to do. */
  idle(sweepId: number, now: number): number
  /** How many agents of the sweep there are. */
  count(sweepId: number, now: number): number
  /** Whether another agent that is still heard was given the attempt. */
  isGiven(mark: string, butTo: string | null, now: number): boolean
}

/** Makes an empty memory. */
export function openHands(): Hands {
  const agents = new Map<string, Agent>()
  const present = (now: number) => {
    for (const [id, agent] of agents) if (now - agent.heardAt > silentMilliseconds) agents.delete(id)
    return [...agents]
  }
  const of = (sweepId: number, now: number) => present(now).filter(([, agent]) => agent.sweepId === sweepId)
  return {
    hear(id, { sweepId, isIdle, now }) {
      // one that asks again with nothing under way did not begin what it was given, or is done with it
      agents.set(id, { sweepId, heardAt: now, isIdle, given: isIdle ? null : (agents.get(id)?.given ?? null) })
    },
    give(id, mark) {
      const agent = agents.get(id)
      if (agent) Object.assign(agent, { isIdle: false, given: mark })
    },
    idle: (sweepId, now) => of(sweepId, now).filter(([, { isIdle }]) => isIdle).length,
    count: (sweepId, now) => of(sweepId, now).length,
    isGiven: (mark, butTo, now) => present(now).some(([id, { given }]) => given === mark && id !== butTo),
  }
}
