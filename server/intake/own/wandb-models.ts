/** `use_artifact` of W&B's client: what a run of the project logged, its files, and that a run used it: from a model it goes on. */
import path from 'node:path'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import type { OwnArtifact } from './messages.ts'
import { isObject, Refusal, worded } from '../protocol.ts'
import { usedEvent } from '../wandb/artifacts.ts'
import { entity } from '../wandb/runs.ts'
import type { OwnRuns } from './own-runs.ts'

const mostManifestBytes = 64 << 20

/** Answers what is asked of artifacts that were logged; null for any other call. `attempt`: the run of a sweep whose intake asks. */
export async function answerModel(
  runs: OwnRuns,
  operation: string,
  variables: Record<string, unknown>,
  attempt: number | null,
): Promise<Record<string, unknown> | null> {
  const text = (name: string) => worded(variables[name] ?? '')
  switch (operation) {
    // older clients ask for the artifact itself
    case 'ArtifactByName':
    case 'ArtifactMembershipByName': {
      const [name = '', version = 'latest'] = text('name').split(':')
      const model = await find(runs, text('project'), name, version)
      if (model === null) return refused(text('project'), text('name'))
      const membership = describe(runs, text('project'), model)
      const { artifact, aliases, artifactCollection } = membership
      if (operation === 'ArtifactMembershipByName')
        return { data: { project: { artifactCollectionMembership: membership } } }
      const named = aliases.map((alias) => ({ ...alias, artifactCollection }))
      return { data: { project: { artifact: { ...artifact, aliases: named } } } }
    }
    case 'GetArtifactMembershipFileUrls': {
      const model = await find(runs, text('project'), text('collection'), text('alias'))
      if (model === null) return refused(text('project'), `${text('collection')}:${text('alias')}`)
      const artifactMembership = { files: fileUrls(runs, model) }
      return { data: { project: { artifactCollection: { __typename: 'ArtifactSequence', artifactMembership } } } }
    }
    case 'ArtifactFileUrls':
    case 'GetArtifactFileUrls': {
      const model = await byId(runs, text('id'))
      return model === null ? null : { data: { artifact: { files: fileUrls(runs, model) } } }
    }
    case 'FetchArtifactManifest': {
      const model = await byId(runs, text('id'))
      if (model === null) return null
      const directUrl = addressOf(runs, model, `${model.folder}.manifest.json`)
      return { data: { artifact: { currentManifest: { file: { directUrl } } } } }
    }
    case 'UseArtifact': {
      const model = await byId(runs, text('artifactID'))
      const run = attempt === null ? runs.find('wandb', text('projectName'), text('runName')) : undefined
      const runId = run?.id ?? attempt
      if (model === null || runId === null) return null
      if (model.checkpointId !== null) await runs.ask({ do: 'use model', runId, checkpointId: model.checkpointId })
      if (run !== undefined) runs.use(run).write([usedEvent(`${model.name}:v${model.version}`, model.kind)])
      return { data: { useArtifact: { artifact: { id: text('artifactID'), kind: model.kind } } } }
    }
    default:
      return null
  }
}

/** Ids name the project too: a model is looked up by what its client calls it. */
const idOf = (projectId: number, { name, version }: OwnArtifact) => `model-${projectId}-${version}-${name}`

async function byId(runs: OwnRuns, id: string): Promise<OwnArtifact | null> {
  const [, project, version, name] = /^model-(\d+)-(\d+)-(.+)$/.exec(id) ?? []
  if (name === undefined) return null
  return (await runs.ask({ do: 'find artifact', projectId: Number(project), name, version: `v${version}` }))
    .told as OwnArtifact | null
}

async function find(runs: OwnRuns, projectName: string, name: string, version: string): Promise<OwnArtifact | null> {
  const project = runs.projectNamed(projectName)
  if (project === undefined) return null
  runs.tellHeard()
  return (await runs.ask({ do: 'find artifact', projectId: project.id, name, version })).told as OwnArtifact | null
}

function refused(project: string, name: string): Record<string, unknown> {
  const message = `“${name}” is no artifact that a run of the project “${project}” logged here; expected its name, and “latest” or “v0”, “v1” … of those of that name.`
  return { errors: [{ message }] }
}

function describe(runs: OwnRuns, projectName: string, model: OwnArtifact) {
  const { id } = runs.projectNamed(projectName)!
  const { name, version, step } = model
  const owner = { __typename: 'Entity', id: entity, name: entity }
  const project = { __typename: 'Project', id: String(id), internalId: String(id), name: projectName, entity: owner }
  const sequence = { __typename: 'ArtifactSequence', name, project }
  const createdAt = new Date(model.createdAt).toISOString()
  const entries = entriesOf(runs, model)
  const artifact = {
    __typename: 'Artifact',
    id: idOf(id, model),
    artifactSequence: sequence,
    versionIndex: version,
    artifactType: { name: model.kind },
    description: null,
    metadata: JSON.stringify(step === null ? {} : { step }),
    ttlDurationSeconds: -2,
    ttlIsInherited: false,
    tags: [],
    historyStep: step,
    state: 'COMMITTED',
    size: entries.reduce((sum, { size }) => sum + size, 0),
    digest: '',
    digestAlgorithm: null,
    commitHash: null,
    fileCount: entries.length,
    createdAt,
    updatedAt: createdAt,
    aliases: [],
  }
  const aliases = [`v${version}`, ...(model.isLatest ? ['latest'] : [])].map((alias) => ({
    __typename: 'ArtifactAlias',
    id: alias,
    alias,
  }))
  const of = { __typename: 'ArtifactCollectionMembership', id: idOf(id, model), versionIndex: version, createdAt }
  return { ...of, aliases, artifactCollection: sequence, artifact }
}

/** Where its files are had. */
function fileUrls(runs: OwnRuns, model: OwnArtifact) {
  const edges = entriesOf(runs, model).map(({ name }) => {
    const directUrl = addressOf(runs, model, `${model.folder}/${name}`)
    return { node: { __typename: 'File', name, directUrl } }
  })
  return { pageInfo: { endCursor: null, hasNextPage: false }, edges }
}

const filesOf = (runs: OwnRuns, { runId }: OwnArtifact) =>
  path.join(runs.dataFolder, 'runs', String(runId), '1', 'files')

/** The files of a model, as the manifest that its client sent lists them. */
function entriesOf(runs: OwnRuns, model: OwnArtifact): { name: string; size: number }[] {
  const files = filesOf(runs, model)
  let manifest: unknown
  try {
    manifest = JSON.parse(readWholeFile(path.join(files, `${model.folder}.manifest.json`), [files], mostManifestBytes)!)
  } catch {
    throw new Refusal(404, `The files of ${model.name}:v${model.version} are not there any more.`)
  }
  const contents = isObject(manifest) && isObject(manifest.contents) ? manifest.contents : {}
  return Object.entries(contents).map(([name, entry]) => {
    const size = isObject(entry) ? Number(entry.size) : 0
    return { name, size: Number.isSafeInteger(size) ? size : 0 }
  })
}

const addressOf = (runs: OwnRuns, { runId }: OwnArtifact, file: string) =>
  `${runs.address}/files/${runId}/1/files/${file.split('/').map(encodeURIComponent).join('/')}`
