/** Whose scripts log here: what a sweep file's `track` says, and, where it says nothing, what a person has set up already. */

/** What a person may have set, by the client it is for; `value` is never shown where it is a secret. */
export type OwnTracking = { client: TrackedClient; by: string }

export const trackedClients = ['wandb', 'mlflow', 'trackio'] as const
export type TrackedClient = (typeof trackedClients)[number]

export const clientTitles: Record<TrackedClient, string> = { wandb: 'W&B', mlflow: 'MLflow', trackio: 'Trackio' }

export type TrackChoice = 'none' | 'here' | { files: string[] } | undefined

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
 * The clients that log here, and sentences for those that do not. `here` brings all here; left out, a client that a person
 * has pointed elsewhere stays with that.
 */
export function chooseTracking(
  choice: TrackChoice,
  own: readonly OwnTracking[],
): { clients: TrackedClient[]; said: string[] } {
  if (choice === 'none') return { clients: [], said: [] }
  if (choice === 'here') return { clients: [...trackedClients], said: [] }
  const elsewhere = trackedClients.flatMap((client) => own.find((found) => found.client === client) ?? [])
  return {
    clients: trackedClients.filter((client) => !elsewhere.some((found) => found.client === client)),
    said: elsewhere.map(
      ({ client, by }) =>
        `${clientTitles[client]} logs where ${by} says, and not here; \`track: here\` in the sweep file brings it here.`,
    ),
  }
}
