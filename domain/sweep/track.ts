/** Whose scripts log here: what a sweep file's `track` says, and, where it says nothing, what a person has set up already. */

/** What a person may have set, by the client it is for; `value` is never shown where it is a secret. */
export type OwnTracking = { client: TrackedClient; by: string }

export const trackedClients = ['wandb', 'mlflow', 'trackio'] as const
export type TrackedClient = (typeof trackedClients)[number]
/** What a run of its own came by: a tracker's client, or an import of files. */
export type OwnClient = TrackedClient | 'import'

export const clientTitles: Record<TrackedClient, string> = { wandb: 'W&B', mlflow: 'MLflow', trackio: 'Trackio' }

export type TrackChoice = 'none' | 'here' | 'both' | { files: string[] } | undefined

/** Variables by which a person says where a client logs. */
const variables: Record<TrackedClient, string[]> = {
  wandb: ['WANDB_BASE_URL', 'WANDB_API_KEY', 'WANDB_MODE', 'WANDB_DISABLED'],
  mlflow: ['MLFLOW_TRACKING_URI'],
  trackio: ['TRACKIO_SERVER_URL', 'TRACKIO_SPACE_ID'],
}

/** Which clients a person has pointed somewhere in this environment. W&B's own default, online, points nowhere. */
export function trackingIn(environment: Readonly<Record<string, string | undefined>>): OwnTracking[] {
  return trackedClients.flatMap((client) => {
    const by = variables[client].find((name) => environment[name] && environment[name] !== 'online')
    return by === undefined ? [] : [{ client, by }]
  })
}

/**
 * The clients that log here, and sentences for those that do not, or not only. `here` brings all here; `both` as well, where what they log
 * can be passed on to what a person has set (`reachable`: by address); left out, a client that a person has pointed elsewhere stays with that.
 */
export function chooseTracking(
  choice: TrackChoice,
  own: readonly OwnTracking[],
  reachable: Partial<Record<TrackedClient, string>> = {},
): { clients: TrackedClient[]; said: string[] } {
  if (choice === 'none') return { clients: [], said: [] }
  if (choice === 'here') return { clients: [...trackedClients], said: [] }
  const set = trackedClients.flatMap((client) => own.find((found) => found.client === client) ?? [])
  const isBoth = (client: TrackedClient) => choice === 'both' && reachable[client] !== undefined
  return {
    clients: trackedClients.filter((client) => isBoth(client) || !set.some((found) => found.client === client)),
    said: set.map(({ client, by }) => {
      const title = clientTitles[client]
      if (isBoth(client))
        return `${title} logs here, and what it logs is passed on to ${reachable[client]}, as ${by} says.`
      const why = choice === 'both' ? ': only what has the address of a server, and a key, is passed on to' : ''
      return `${title} logs where ${by} says, and not here${why}; \`track: here\` brings it here.`
    }),
  }
}
