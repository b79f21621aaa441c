/** What stands in a control folder where an agent runs the attempt. */

/** The launch as it lies ready: its environment holds the attempt's key, so that its owner alone may read it. */
export const launchFile = 'launch.json'

/** The agent's child that started the wrapper of this number: several may have tried. */
export const agentFileOf = (wrapper: number) => `agent-${wrapper}.json`
