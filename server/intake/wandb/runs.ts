/** What this intake knows of a W&B run, as its client asks for it again. */
import { ownValue } from '../../../domain/own-value.ts'
import { isObject } from '../protocol.ts'

export type WandbRun = {
  name: string
  project: string
  displayName: string
  /** As the client sent it: a key's `value`, and W&B's own `_wandb`. */
  config: Record<string, unknown>
  summary: Record<string, unknown>
  about: Record<string, unknown>
  /** Rows of its history so far. */
  lines: number
  lastRow: string | null
  /** It began and has not said that it ended. */
  open: boolean
}

export function newRun(name: string): WandbRun {
  const none = { config: {}, summary: {}, about: {} }
  return { name, project: 'uncategorized', displayName: name, ...none, lines: 0, lastRow: null, open: false }
}

/** What `resume` finds: all of the run that its client goes on from. */
export function resumeBucket(run: WandbRun): Record<string, unknown> {
  return {
    id: run.name,
    name: run.name,
    displayName: run.displayName,
    historyLineCount: run.lines,
    eventsLineCount: 0,
    logLineCount: 0,
    historyTail: JSON.stringify(run.lastRow === null ? [] : [run.lastRow]),
    eventsTail: '[]',
    summaryMetrics: JSON.stringify(run.summary),
    config: JSON.stringify(run.config),
    wandbConfig: JSON.stringify({ t: {} }),
    tags: Array.isArray(run.about.tags) ? run.about.tags : [],
    ...projectOf(run),
  }
}

/** What the client is told of the run that it begins or changes. */
export function bucketOf(run: WandbRun): Record<string, unknown> {
  return {
    id: run.name,
    name: run.name,
    displayName: run.displayName,
    description: '',
    config: JSON.stringify(run.config),
    sweepName: null,
    historyLineCount: run.lines,
    ...projectOf(run),
  }
}

/** The name of a call; of one without a name, as older clients ask whether their key is right, what it asks for. */
export function operationOf(query: string): string {
  const named = /(?:query|mutation)\s+(\w+)/.exec(query)?.[1]
  return named ?? (/^\s*(?:query\s*)?\{\s*viewer\b/.test(query) ? 'Viewer' : '')
}

export const entity = 'sweepboard'

/** The user of this server, with all that any version of the client insists on. */
const viewer = {
  id: entity,
  entity,
  name: entity,
  username: entity,
  email: '',
  flags: '{}',
  admin: false,
  deletedAt: null,
  apiKeys: { edges: [] },
  teams: { edges: [] },
}

/** Without it older clients ask for what they have just made, and wait for it, to find its address. */
const cliVersionInfo = { max_cli_version: '99.0.0' }
const serverInfo = { cliVersionInfo, latestLocalVersionInfo: null, features: [] }

/** By the name of the call. */
const ofServer: Readonly<Record<string, object>> = {
  Viewer: { viewer, serverInfo },
  GetViewer: { viewer },
  GetDefaultEntity: { viewer },
  ServerInfo: { serverInfo },
  ServerFeaturesQuery: { serverInfo },
  InputFields: { TypeInfo: { inputFields: [] } },
  TypeInfo: { __type: null },
  // whatever its name is, an artifact may be of any type
  ArtifactType: { project: { artifact: null } },
}

/** What older clients (0.22, 0.25) find of the schema that they ask for before they ask anything else. */
const schema: Readonly<Record<string, string[]>> = { Query: ['serverInfo'], ServerInfo: ['cliVersionInfo'] }

/** What is answered of the server itself: an error might be taken for a wrong key, or end a script. null: the call is of something else. */
export function aboutServer(operation: string, query: string): object | null {
  if (Object.hasOwn(ofServer, operation)) return ofServer[operation]!
  if (!operation.startsWith('Probe')) return null
  const asked = query.matchAll(/(\w+)\s*:\s*__type\(\s*name\s*:\s*"(\w+)"/g)
  return Object.fromEntries(
    asked.map(([, alias, type]) => {
      const names = ownValue(schema, type!) ?? []
      return [alias, { name: type, fields: names.map((name) => ({ name })), inputFields: [] }]
    }),
  )
}

function projectOf(run: WandbRun): Record<string, unknown> {
  return { project: { id: run.project, name: run.project, entity: { id: entity, name: entity } } }
}

/** The configuration as the script gave it. */
export function plainConfig(config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key !== '_wandb')
      .map(([key, entry]) => [key, isObject(entry) && 'value' in entry ? entry.value : entry]),
  )
}

/** The summary without what the client adds by itself. */
export function plainSummary(summary: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(summary).filter(
      ([key, value]) => !/^_(step|timestamp|runtime|wandb)$/.test(key) && !(isObject(value) && '_type' in value),
    ),
  )
}
