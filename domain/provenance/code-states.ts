/** Whether results came from one state of the code, and what their states differ in. */
import { aSweepFile, type CodeSnapshot, inThePatch, isDirty, mostChangedFiles, shortCommit } from './what-was-run.ts'

/** Something that ran a snapshot of the code: a run, a checkpoint. */
export type RanCode<Who> = { snapshot: CodeSnapshot; who: Who }

export type CodeState<Who> = { commit: string | null; dirty: boolean | null; who: Who[] }

export type CodeStates<Who> = {
  /** Those that differ in what can be compared; the largest first. */
  states: CodeState<Who>[]
  /** Files that are not the same in all, absolute. */
  files: string[]
  /** Whether they are of several commits of one repository. */
  commits: boolean
}

/**
 * The states that cannot all be one; null where nothing is known to differ. A file that one of them neither names nor keeps in its
 * repository tells nothing: two settings of a grid may name a file each.
 */
export function codeStates<Who>(ran: readonly RanCode<Who>[]): CodeStates<Who> | null {
  const snapshots = ran.map(({ snapshot }) => snapshot)
  const universe = universeOf(snapshots)
  const rows = snapshots.map((snapshot) => universe.files.map((file) => valueOf(snapshot, file, universe)))
  const differing = universe.files.flatMap((_, at) => (countKnown(rows.map((row) => row[at]!)) > 1 ? [at] : []))
  const several = (
    of: (snapshot: CodeSnapshot) => string | null,
    within: (snapshot: CodeSnapshot) => string | null,
  ) => {
    const found = new Map<string, Set<string>>()
    for (const snapshot of snapshots) {
      const [value, group] = [of(snapshot), within(snapshot)]
      if (value !== null && group !== null) found.set(group, (found.get(group) ?? new Set()).add(value))
    }
    return new Set([...found].filter(([, values]) => values.size > 1).map(([group]) => group))
  }
  const mixed = several(
    ({ commit }) => commit,
    ({ repository }) => repository,
  )
  // patches tell apart what files do not: names that are no UTF-8, and more changed files than are listed
  const patched = several(patchOf, placeOf)
  if (differing.length === 0 && mixed.size === 0 && patched.size === 0) return null
  const states = new Map<string, CodeState<Who>>()
  for (const [at, { snapshot, who }] of ran.entries()) {
    const parts = [
      mixed.has(snapshot.repository ?? '') ? snapshot.commit : null,
      patched.has(placeOf(snapshot) ?? '') ? patchOf(snapshot) : null,
      ...differing.map((place) => rows[at]![place]!),
    ]
    // it has a part in nothing that differs
    if (parts.every((part) => part === null)) continue
    const key = JSON.stringify(parts)
    const known = states.get(key)
    if (known) known.who.push(who)
    else states.set(key, { commit: snapshot.commit, dirty: isDirty(snapshot), who: [who] })
  }
  return {
    states: [...states.values()].toSorted((a, b) => b.who.length - a.who.length),
    files: differing.map((place) => universe.files[place]!),
    commits: mixed.size > 0,
  }
}

/** The patch, where files are not enough to tell states apart. */
function patchOf({ problem, patch, changed }: CodeSnapshot): string | null {
  const values = Object.values(changed)
  if (problem !== null) return null
  return values.length >= mostChangedFiles || values.includes(inThePatch) ? patch : 'none'
}
const placeOf = ({ repository, commit }: CodeSnapshot) => (repository === null ? null : `${repository} ${commit}`)

type Universe = { files: string[]; kept: ReadonlySet<string>; beside: ReadonlySet<string> }

/** Every file that some snapshot lists: those that git keeps and somebody changed, and those beside what is named. */
function universeOf(snapshots: readonly CodeSnapshot[]): Universe {
  const kept = new Set(snapshots.flatMap(({ changed }) => Object.keys(changed)))
  const beside = new Set(snapshots.flatMap((snapshot) => Object.keys(snapshot.beside)))
  const named = snapshots.flatMap((snapshot) => Object.keys(snapshot.named))
  const files = new Set([...named, ...kept, ...beside])
  for (const { changed } of snapshots)
    for (const [file, hash] of Object.entries(changed)) if (hash === aSweepFile) files.delete(file)
  return { files: [...files], kept, beside }
}

/** What the file held in this snapshot, or that it stood as its commit has it, or was not there; null: it is not known, or no matter. */
function valueOf(snapshot: CodeSnapshot, file: string, { kept, beside }: Universe): string | null {
  const { changed, named, repository, problem, commit } = snapshot
  if (kept.has(file)) {
    const isIts = repository !== null && file.startsWith(`${repository}/`)
    if (isIts && problem === null) return changed[file] ?? `as in ${commit}`
    return isIts ? null : (named[file] ?? null)
  }
  const held = named[file] ?? snapshot.beside[file]
  if (held !== undefined) return held
  const folder = file.slice(0, file.lastIndexOf('/') + 1)
  const wasLookedAt = Object.keys(named).some((other) => other.slice(0, other.lastIndexOf('/') + 1) === folder)
  return beside.has(file) && wasLookedAt ? 'not there' : null
}

const countKnown = (values: readonly (string | null)[]) => new Set(values.filter((value) => value !== null)).size

const mostNames = 3

/** `grid.sh` of a repository or a folder that is named elsewhere; of files of several places the whole path. */
export function shortFile(file: string, folders: readonly (string | null)[]): string {
  const folder = folders.find((one) => one !== null && file.startsWith(`${one}/`))
  return folder ? file.slice(folder.length + 1) : file
}

/**
 * What differs, as one sentence about `subject` (`These 3 points`). `words`: who ran a state, `runs 1 and 3`. `folders`: those whose
 * names can be left out of paths.
 */
export function codeStatesWords<Who>(
  { states, files, commits }: CodeStates<Who>,
  subject: string,
  words: (who: Who[]) => string,
  folders: readonly (string | null)[],
): string {
  const names = files.slice(0, mostNames).map((file) => shortFile(file, folders))
  const more = files.length > mostNames ? ` and ${files.length - mostNames} more` : ''
  const what = [
    commits ? 'several commits' : '',
    files.length > 0 ? `${names.join(', ')}${more} ${files.length > 1 ? 'are' : 'is'} not the same in all` : '',
  ].filter(Boolean)
  const shown = states.slice(0, mostNames).map(({ commit, dirty, who }) => {
    const state = commit === null ? '' : ` at ${shortCommit(commit)}${dirty ? ' with changes' : ''}`
    return `${words(who)}${state}`
  })
  if (states.length > mostNames) shown.push(`${states.length - mostNames} more`)
  const count = states.length > 1 ? `${states.length} states of the code` : 'more than one state of the code'
  const why = what.length > 0 ? what.join('; ') : 'uncommitted changes differ'
  return `${subject} came from ${count} (${why}): ${shown.join('; ')}.`
}
