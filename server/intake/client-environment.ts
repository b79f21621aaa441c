/** What the clients of an attempt find in their environment, so that they log to its intake. */

export const clients = ['wandb', 'mlflow', 'trackio'] as const
export type Client = (typeof clients)[number]

/**
 * Variables of the clients that are to log here. What a person set of the rest (the id of a run, retries) stays as it is.
 * W&B's client sends every second in place of every 15 s, so that an end by a signal loses nothing; MLflow's gives up a server
 * that is gone after seconds in place of minutes, as it stands still meanwhile.
 */
export function clientEnvironment(
  chosen: readonly string[],
  run: { id: string; hexId: string; key: string; address: string },
  given: Record<string, string | undefined>,
): Record<string, string> {
  const own: Record<Client, Record<string, string>> = {
    wandb: {
      WANDB_BASE_URL: `${run.address}/wandb`,
      WANDB_API_KEY: run.key,
      WANDB_MODE: 'online',
    },
    mlflow: { MLFLOW_TRACKING_URI: `${run.address}/mlflow`, MLFLOW_TRACKING_TOKEN: run.key },
    trackio: { TRACKIO_SERVER_URL: `${run.address}/trackio`, TRACKIO_WRITE_TOKEN: run.key },
  }
  const unlessGiven: Record<Client, Record<string, string>> = {
    wandb: { WANDB_RUN_ID: run.id, WANDB_X_FILE_STREAM_TRANSMIT_INTERVAL: '1' },
    mlflow: {
      MLFLOW_RUN_ID: run.hexId,
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: '5',
      MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '1',
    },
    trackio: {},
  }
  const isChosen = (client: Client) => chosen.includes(client)
  const free = clients.filter(isChosen).flatMap((client) => Object.entries(unlessGiven[client]))
  return Object.fromEntries([
    ...clients.filter(isChosen).flatMap((client) => Object.entries(own[client])),
    ...free.filter(([name]) => !given[name]),
  ])
}
