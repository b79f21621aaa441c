/** Where a person's own trackers are, for `track: both`: pure functions of an environment and the text of a `.netrc`. */

type Environment = Readonly<Record<string, string | undefined>>

/** What is needed to log there. An address has no slash at its end. */
export type Places = {
  wandb?: { address: string; key: string; entity: string | null }
  mlflow?: { address: string; authorization: string | null; experimentId: string | null }
  trackio?: { address: string; token: string | null }
}

/** The servers that a person has pointed clients to. What is offline, a folder, or has no key, is none. */
export function placesIn(environment: Environment, netrc: string): Places {
  const { wandb, mlflow, trackio } = {
    wandb: wandbIn(environment, netrc),
    mlflow: mlflowIn(environment),
    trackio: trackioIn(environment),
  }
  return { ...(wandb && { wandb }), ...(mlflow && { mlflow }), ...(trackio && { trackio }) }
}

function wandbIn(environment: Environment, netrc: string): Places['wandb'] {
  const { WANDB_BASE_URL: base, WANDB_MODE: mode, WANDB_DISABLED: disabled, WANDB_ENTITY: entity } = environment
  const address = addressOf(base || 'https://api.wandb.ai')
  if (address === null || (mode && mode !== 'online') || /^(1|true|yes)$/i.test(disabled ?? '')) return undefined
  const key = environment.WANDB_API_KEY || passwordOf(netrc, new URL(address).hostname)
  return key ? { address, key, entity: entity || null } : undefined
}

function mlflowIn(environment: Environment): Places['mlflow'] {
  const address = addressOf(environment.MLFLOW_TRACKING_URI)
  if (address === null) return undefined
  const {
    MLFLOW_TRACKING_TOKEN: token,
    MLFLOW_TRACKING_USERNAME: name,
    MLFLOW_TRACKING_PASSWORD: password,
  } = environment
  const basic = name ? `Basic ${Buffer.from(`${name}:${password ?? ''}`).toString('base64')}` : null
  const experimentId = environment.MLFLOW_EXPERIMENT_ID || null
  return { address, authorization: basic ?? (token ? `Bearer ${token}` : null), experimentId }
}

function trackioIn({ TRACKIO_SERVER_URL: given, TRACKIO_WRITE_TOKEN: token }: Environment): Places['trackio'] {
  const address = addressOf(given)
  if (address === null) return undefined
  const url = new URL(address)
  // its client takes the token as a part of the address as well
  const inside = url.searchParams.get('write_token')
  return { address: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, token: token || inside }
}

/** null: no address of a server. */
function addressOf(given: string | undefined): string | null {
  if (given === undefined || !/^https?:\/\//i.test(given) || !URL.canParse(given)) return null
  return given.replace(/\/+$/, '')
}

/** The password that a `.netrc` has for a host: `machine HOST login NAME password WORD`, on one line or several. */
function passwordOf(netrc: string, host: string): string | null {
  const words = netrc.split(/\s+/)
  const start = words.findIndex((word, at) => word === 'machine' && words[at + 1] === host)
  if (start < 0) return null
  const end = words.indexOf('machine', start + 1)
  const own = words.slice(start, end < 0 ? undefined : end)
  const at = own.indexOf('password')
  return at < 0 ? null : (own[at + 1] ?? null)
}
