/** W&B's artifacts: their files are kept with the run; one of type `model` becomes a checkpoint when it is committed. */
import { isObject, isStep, type IntakeEvent, type IntakeRun, worded } from '../protocol.ts'
import { entity } from './runs.ts'

type Artifact = {
  id: string
  version: number
  name: string
  type: string
  step: number | null
  files: number
  project: string
  made: string
}

export type ArtifactAnswer = { data: unknown; events: IntakeEvent[] }

export class Artifacts {
  private readonly own: IntakeRun
  private artifacts: Artifact[] = []

  constructor(own: IntakeRun) {
    this.own = own
  }

  save(): Artifact[] {
    return this.artifacts
  }

  load(saved: unknown): void {
    if (Array.isArray(saved)) this.artifacts = saved as Artifact[]
  }

  /** Whether the kept file belongs to an artifact. */
  uploaded(name: string): boolean {
    return name.startsWith('artifacts/')
  }

  /** Answers the calls that make an artifact; null for any other. */
  answer(
    operation: string,
    variables: Record<string, unknown>,
    addressOf: (name: string) => string,
    lastStep: number,
  ): ArtifactAnswer | null {
    const answer = (data: unknown, events: IntakeEvent[] = []) => ({ data, events })
    const input = isObject(variables.input) ? variables.input : variables
    switch (operation) {
      case 'CreateArtifact': {
        const name = worded(input.artifactCollectionName ?? 'artifact')
        const artifact: Artifact = {
          // told apart from those of other runs by the run's own id
          id: `artifact-${this.artifacts.length + 1}-${this.own.hexId}`,
          version: this.artifacts.length + 1,
          name: name.replaceAll(/[^\w.-]/g, '_').replace(/^\.+/, '_') || 'artifact',
          type: worded(input.artifactTypeName ?? ''),
          step: stepOf(input.metadata),
          files: 0,
          project: worded(input.projectName ?? ''),
          made: new Date().toISOString(),
        }
        this.artifacts.push(artifact)
        const sequence = { id: `sequence-${artifact.name}`, latestArtifact: null }
        return answer({
          createArtifact: { artifact: { id: artifact.id, state: 'PENDING', artifactSequence: sequence } },
        })
      }
      case 'CreateArtifactManifest': {
        const artifact = this.find(input.artifactID)
        const file = { id: 'manifest', name: 'manifest', displayName: 'manifest' }
        const url = artifact ? addressOf(`artifacts/${folderOf(artifact)}.manifest.json`) : null
        const made = { id: `manifest-${artifact?.id}`, file: { ...file, uploadUrl: url, uploadHeaders: [] } }
        return answer({ createArtifactManifest: { artifactManifest: made } })
      }
      case 'UpdateArtifactManifest': {
        const artifact = this.find(worded(input.artifactManifestID ?? '').replace(/^manifest-/, ''))
        const url = artifact ? addressOf(`artifacts/${folderOf(artifact)}.manifest.json`) : null
        const file = { id: 'manifest', name: 'manifest', displayName: 'manifest', uploadUrl: url, uploadHeaders: [] }
        return answer({ updateArtifactManifest: { artifactManifest: { id: input.artifactManifestID, file } } })
      }
      case 'CreateArtifactFiles': {
        const specs = Array.isArray(input.artifactFiles) ? input.artifactFiles.filter(isObject) : []
        const edges = specs.map((spec, at) => {
          const artifact = this.find(spec.artifactID)
          if (artifact) artifact.files++
          const name = worded(spec.name ?? '')
          const id = `${worded(spec.artifactID)}-${at}`
          const target = artifact ? addressOf(`artifacts/${folderOf(artifact)}/${name}`) : null
          const upload = { uploadUrl: target, uploadHeaders: [], uploadMultipartUrls: null, storagePath: name }
          return { node: { id, name, displayName: name, ...upload, artifact: { id: spec.artifactID } } }
        })
        return answer({ createArtifactFiles: { files: { edges } } })
      }
      case 'CommitArtifact': {
        const artifact = this.find(input.artifactID)
        const committed = { commitArtifact: { artifact: { id: input.artifactID, digest: '' } } }
        if (artifact === undefined || artifact.files === 0) return answer(committed)
        const { name, type: kind } = artifact
        const folder = `artifacts/${folderOf(artifact)}`
        if (kind !== 'model')
          return answer(
            committed,
            ofTheClient(kind) ? [] : [{ type: 'artifact', time: Date.now() / 1000, role: 'made', name, kind, folder }],
          )
        const path = `${this.own.files}/${folder}`
        return answer(committed, [{ type: 'checkpoint', step: artifact.step ?? lastStep, path }])
      }
      // what a script waits for
      case 'ArtifactByID':
        return answer({ artifact: described(this.find(variables.id)) })
      case 'UseArtifact':
        return answer({ useArtifact: { artifact: { id: input.artifactID } } })
      default:
        return null
    }
  }

  private find(id: unknown): Artifact | undefined {
    return this.artifacts.find((artifact) => artifact.id === id)
  }
}

/** What a client insists on; what is not kept here of an artifact is empty. */
function described(artifact: Artifact | undefined) {
  if (!artifact) return null
  const { id, name, version, type, step, files, project, made } = artifact
  const home = { id: project, internalId: project, name: project, entity: { name: entity } }
  const sequence = { __typename: 'ArtifactSequence', name, project: home }
  const none = {
    description: null,
    metadata: null,
    ttlDurationSeconds: -2,
    ttlIsInherited: true,
    tags: [],
    aliases: [],
  }
  const about = { __typename: 'Artifact', id, versionIndex: version - 1, artifactType: { name: type } }
  const content = { historyStep: step, state: 'COMMITTED', size: 0, digest: '', commitHash: null, fileCount: files }
  return { ...about, ...none, ...content, artifactSequence: sequence, createdAt: made, updatedAt: null }
}

/** What the client makes by itself is nobody's output: tables of a run, its code, what it was started with. */
const ofTheClient = (kind: string) => kind === '' || /^(?:run_table|job|code|wandb-.*)$/.test(kind)

/** That a run used what another logged. */
export const usedEvent = (name: string, kind: string): IntakeEvent => ({
  type: 'artifact',
  time: Date.now() / 1000,
  role: 'used',
  name,
  kind,
})

const folderOf = (artifact: Artifact) => `${artifact.name}-v${artifact.version}`

/** The step that a script gave with the artifact, as `metadata={"step": 300}`. */
export function stepOf(metadata: unknown): number | null {
  try {
    const given = typeof metadata === 'string' ? (JSON.parse(metadata) as unknown) : metadata
    const step = isObject(given) ? (given.step ?? given.global_step) : null
    return isStep(step) ? step : null
  } catch {
    return null
  }
}
