/** Artifacts that runs of their own logged with Trackio's client, by name, for all runs of the project and for those of sweeps. */
import path from 'node:path'
import { Refusal, worded } from '../protocol.ts'
import { intakeFiles } from '../run-intake.ts'
import type { Answered } from '../serve.ts'
import { findBlob, findPlace, artifactFolder, readKept, recordOf, type ArtifactPlace } from '../trackio/artifacts.ts'
import { usedEvent } from '../wandb/artifacts.ts'
import type { OwnRunIntake, OwnRuns } from './own-runs.ts'

const filesOf = ({ folder }: OwnRunIntake) => path.join(folder, intakeFiles.files)

/** Runs with artifacts that are found: nobody deleted them. */
const runsIn = (runs: OwnRuns, projects: ReadonlySet<number>) =>
  runs.of('trackio', projects).filter((run) => !runs.isDeleted(run))

function find(runs: OwnRuns, projectId: number, name: string, spec: string | null): ArtifactPlace | null {
  return findPlace(runsIn(runs, new Set([projectId])).map(filesOf), name, spec)
}

/** What the client calls `name` or `name:spec` in a project, as it reads it; null where there is none. */
export function describeArtifact(
  runs: OwnRuns,
  projectName: string,
  { name, spec }: Record<string, unknown>,
): Record<string, unknown> | null {
  const project = runs.projectNamed(projectName)
  const asked = worded(name ?? '')
  const place = project ? find(runs, project.id, asked, typeof spec === 'string' ? spec : null) : null
  if (place === null) return null
  const isLast = find(runs, project!.id, asked, 'latest')?.version === place.version
  return recordOf(readKept(place), idOf(project!.id, place), isLast)
}

const idOf = (projectId: number, { name, version }: ArtifactPlace) => `${projectId}-${version}-${name}`

/** A file of an artifact of a project, by what it holds. Throws a Refusal where there is none. */
export function findOwnBlob(runs: OwnRuns, { project, digest }: { project: string; digest: string }): Answered {
  const ids = [...runs.projects.values()].filter(({ name }) => canonical(name) === project).map(({ id }) => id)
  const found = findBlob(runsIn(runs, new Set(ids)).map(filesOf), digest)
  if (found === null)
    throw new Refusal(404, `No artifact of the project ${project} has a file with the digest ${digest}.`)
  return { reply: { status: 200, body: null, file: found.file }, folder: found.files }
}

/** What a project is called in addresses: the client leaves out of its name what is no letter, digit, "-" or "_". */
const canonical = (name: string) => name.replaceAll(/[^\p{L}\p{N}_-]/gu, '') || 'default'

/** A run, of its own or of a sweep (its number), uses an artifact: from a model it goes on. Gives what it is. Throws a Refusal. */
export async function takeUse(
  runs: OwnRuns,
  id: string,
  user: OwnRunIntake | number,
): Promise<{ name: string; kind: string }> {
  const [, projectId, version, name] = /^(\d{1,15})-(\d{1,9})-(.+)$/.exec(id) ?? []
  const place = name === undefined ? null : find(runs, Number(projectId), name, `v${version}`)
  if (place === null) throw new Refusal(400, `${JSON.stringify(id.slice(0, 200))} is no artifact that was found here.`)
  const { type: kind } = readKept(place)
  const used = { name: `${place.name}:v${place.version}`, kind }
  const of = runs.of('trackio', new Set([Number(projectId)])).find((run) => filesOf(run) === place.files)!
  // its step is not known yet
  while (of.intake?.holds) await runs.looked()
  const runId = typeof user === 'number' ? user : user.id
  if (kind === 'model' && runId !== of.id) {
    runs.tellHeard()
    await runs.ask({ do: 'use checkpoint', runId, of: of.id, path: `${place.files}/${artifactFolder(place)}` })
  }
  if (typeof user !== 'number') runs.use(user).write([usedEvent(used.name, kind)])
  return used
}
