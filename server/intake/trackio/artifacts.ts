/** Trackio's artifacts as they are kept: a folder of files for each below `files/trackio` of its run, and beside it what the client said of it. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { readWholeFile } from '../../attempt-files/open-file.ts'
import { linkOrCopy, replaceFile } from '../../attempt-files/write-file.ts'
import { keptName } from '../kept-files.ts'
import { isObject, Refusal } from '../protocol.ts'
import { waitingParts } from './uploads.ts'

const folder = 'trackio'
const mostManifestBytes = 64 << 20
const mostEntries = 100_000
const manifestName = /^(.+)-v(\d{1,9})\.manifest\.json$/

/** `ref`: what is not kept here, and where it is. */
type Entry = { path: string; digest: string; size: number; ref?: string }

type Said = {
  name: string
  type: string
  description: string | null
  metadata: Record<string, unknown>
  manifest: Entry[]
}

export type KeptArtifact = Said & { version: number; size_bytes: number; manifest_digest: string; created_at: string }

/** Where an artifact stands: `files` are the kept files of its run. */
export type ArtifactPlace = { files: string; name: string; version: number }

/** The folder of its files, below the kept files. */
export const artifactFolder = ({ name, version }: Pick<ArtifactPlace, 'name' | 'version'>): string =>
  `${folder}/${name}-v${version}`

/** What stands below these folders of kept files, of a name or of all, the oldest version first. */
export function placesOf(all: readonly string[], name?: string): ArtifactPlace[] {
  const found = all.flatMap((files) => {
    const within = path.join(files, folder)
    const names = existsSync(within) ? readdirSync(within) : []
    return names.flatMap((each): ArtifactPlace[] => {
      const [, of, version] = manifestName.exec(each) ?? []
      return of === undefined || (name !== undefined && of !== name)
        ? []
        : [{ files, name: of, version: Number(version) }]
    })
  })
  return found.toSorted((a, b) => a.version - b.version)
}

/** What a client means by a name and `v3`, `latest` or nothing; null where there is none. */
export function findPlace(all: readonly string[], name: string, spec: string | null): ArtifactPlace | null {
  const places = placesOf(all, name)
  if (spec === null || spec === 'latest') return places.at(-1) ?? null
  return places.find(({ version }) => spec === `v${version}`) ?? null
}

/** What was said of an artifact. Throws a Refusal where it cannot be read any more. */
export function readKept({ files, ...of }: ArtifactPlace): KeptArtifact {
  try {
    const text = readWholeFile(path.join(files, `${artifactFolder(of)}.manifest.json`), [files], mostManifestBytes)
    const kept: unknown = JSON.parse(text!)
    if (isObject(kept)) return { ...readSaid(kept), ...of, ...measuresOf(kept) }
  } catch {
    // told below
  }
  throw new Refusal(404, `What is kept of ${of.name}:v${of.version} cannot be read any more.`)
}

/** Of many: one that cannot be read is none of those that are looked for. */
function keptOrNone(place: ArtifactPlace): KeptArtifact | null {
  try {
    return readKept(place)
  } catch {
    return null
  }
}

function measuresOf({ size_bytes, manifest_digest, created_at }: Record<string, unknown>) {
  return { size_bytes: Number(size_bytes), manifest_digest: String(manifest_digest), created_at: String(created_at) }
}

/** The file of an artifact that holds what has this digest; null where none of these has. */
export function findBlob(all: readonly string[], digest: string): { file: string; files: string } | null {
  for (const place of placesOf(all).toReversed()) {
    const entry = keptOrNone(place)?.manifest.find((each) => each.digest === digest && each.ref === undefined)
    const file = entry && path.join(place.files, artifactFolder(place), entry.path)
    if (file !== undefined && existsSync(file)) return { file, files: place.files }
  }
  return null
}

/** What a client says of an artifact. Throws a Refusal that quotes what is wrong. */
export function readSaid({ name, type, description, metadata, manifest }: Record<string, unknown>): Said {
  const wrong = (value: unknown, what: string, expected: string) =>
    new Refusal(400, `${JSON.stringify(value)?.slice(0, 200)} is no ${what} of an artifact; expected ${expected}.`)
  if (typeof name !== 'string' || !/^[\w.-]{1,200}$/.test(name) || /^\.+$/.test(name))
    throw wrong(name, 'name', '1 to 200 letters, digits, ".", "_" and "-", not only dots')
  if (typeof type !== 'string' || type === '' || type.length > 500) throw wrong(type, 'type', '1 to 500 characters')
  if (!Array.isArray(manifest) || manifest.length === 0 || manifest.length > mostEntries)
    throw wrong(manifest, 'manifest', `1 to ${mostEntries} entries`)
  const entries = manifest.map((entry: unknown): Entry => {
    if (!isObject(entry) || typeof entry.path !== 'string') throw wrong(entry, 'entry', '"path", "digest" and "size"')
    const { digest, size, ref } = entry
    if (!Number.isSafeInteger(size) || Number(size) < 0) throw wrong(size, 'size', 'a whole number of bytes')
    const isRef = typeof ref === 'string'
    if (typeof digest !== 'string' || digest === '' || !(isRef || /^[0-9a-f]{64}$/.test(digest)))
      throw wrong(digest, 'digest', 'SHA-256 in 64 hexadecimal digits')
    return { path: keptName(entry.path), digest, size: Number(size), ...(isRef && { ref }) }
  })
  const paths = new Set<string>()
  for (const { path: file } of entries) {
    if (paths.has(file)) throw wrong(file, 'path', 'each once')
    paths.add(file)
  }
  for (const file of paths) {
    const above = file
      .split('/')
      .slice(0, -1)
      .map((_, at, parts) => parts.slice(0, at + 1).join('/'))
    if (above.some((each) => paths.has(each))) throw wrong(file, 'path', 'no file where another has a folder')
  }
  return {
    name,
    type,
    description: typeof description === 'string' ? description : null,
    metadata: isObject(metadata) ? metadata : {},
    manifest: entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  }
}

/**
 * Keeps an artifact whose files wait; gives where, and what waits no longer once that is written down. What the run has already, the same under
 * the same name, stays as it is. `all`: the kept files of all runs that share its names. Throws a Refusal where a file is missing.
 */
export function keepArtifact(
  said: Said,
  files: string,
  all: readonly string[],
  waiting: string,
): { kept: KeptArtifact; place: ArtifactPlace; used: string[] } {
  const digest = createHash('sha256').update(JSON.stringify(said.manifest)).digest('hex')
  const parts = waitingParts(waiting)
  const sent = said.manifest.filter(({ ref }) => ref === undefined)
  const used = [...new Set(sent.flatMap(({ digest: of }) => parts.get(of) ?? []))]
  for (const place of placesOf([files], said.name)) {
    const kept = keptOrNone(place)
    if (kept?.manifest_digest === digest) return { kept, place, used }
  }
  for (const { path: name, digest: of, size } of sent) {
    const part = parts.get(of)
    const bytes = part === undefined ? null : statSync(part).size
    if (bytes !== size)
      throw new Refusal(
        400,
        bytes === null
          ? `${name} with the digest ${of} was not uploaded.`
          : `${name} has ${bytes} bytes; the manifest says ${size}.`,
      )
  }
  const place = { files, name: said.name, version: (placesOf(all, said.name).at(-1)?.version ?? -1) + 1 }
  const target = path.join(files, artifactFolder(place))
  // what a killed process began
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  for (const { path: name, digest: of } of sent) {
    mkdirSync(path.dirname(path.join(target, name)), { recursive: true })
    linkOrCopy(parts.get(of)!, path.join(target, name))
  }
  const kept: KeptArtifact = {
    ...said,
    version: place.version,
    size_bytes: said.manifest.reduce((sum, { size }) => sum + size, 0),
    manifest_digest: digest,
    created_at: new Date().toISOString(),
  }
  replaceFile(`${target}.manifest.json`, JSON.stringify(kept))
  return { kept, place, used }
}

/** An artifact as the client reads it. `id`: what it says when it uses it. */
export function recordOf(kept: KeptArtifact, id: string, isLast: boolean): Record<string, unknown> {
  return {
    ...kept,
    artifact_id: id,
    version_id: id,
    aliases: isLast ? ['latest'] : [],
    producer_run_id: null,
    producer_run_name: null,
  }
}
