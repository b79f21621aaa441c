/** What an attempt was run with: the code, and everything around it that may make two runs of it differ. */

/**
 * Files by their absolute path, each with the SHA-256 of its bytes; `gone` for one that is no longer there, and its size in words for one
 * that is too large to be code.
 */
export type FileHashes = Record<string, string>

/** In place of a hash: what a sweep is made of is no code. */
export const aSweepFile = 'a sweep file'
/** In place of a hash: a name that is no UTF-8; the patch tells the file apart. */
export const inThePatch = 'in the patch'
/** Of more changed files than this the patch alone tells them apart. */
export const mostChangedFiles = 1000

/** The code as it stood when an attempt was started; the same for all attempts that nothing was changed between. */
export type CodeSnapshot = {
  /** The folder that git keeps, absolute; null: the command ran in none. */
  repository: string | null
  /** null where there is no repository, or it has no commit yet. */
  commit: string | null
  /** Why git could not be asked, as a sentence; what it would have said is not known then. */
  problem: string | null
  /** The recorded part that holds what differs from the commit; null: nothing does, or it is not known. */
  patch: string | null
  /** Of a patch that is larger than what is kept: how many files are in it, of how many. */
  cut: { kept: number; of: number } | null
  /** Files of the commit that differ from it. */
  changed: FileHashes
  /** Files that the command names. */
  named: FileHashes
  /** Scripts and settings beside those, of which git knows nothing. */
  beside: FileHashes
}

/** How an attempt was run. Parts that many attempts share are named by their hash. */
export type WhatWasRun = {
  /** As it ran, placeholders filled in. */
  command: string[]
  directory: string
  /** null: none (a commit was checked out by itself), or not known. */
  branch: string | null
  /** The parts that hold these; null where it is not known. */
  python: string | null
  machine: string | null
  environment: string | null
  /** Variables that the sweep sets. */
  variables: Record<string, string>
  /** Names of variables whose values look secret: nothing of them is kept. */
  leftOut: string[]
}

/** The interpreter that the command finds, and what is installed for it. */
export type PythonState = {
  /** `3.11.9`; null: not known, and `problem` says why. */
  version: string | null
  executable: string | null
  /** How it was found: `the command`, `the first line of torchrun`, `the first on the PATH`. */
  foundBy: string
  /** `name==version`, sorted; where it stands outside of the interpreter's folders, with that place. */
  packages: string[]
  problem: string | null
}

export type MachineState = {
  host: string
  system: string
  processors: string
  memoryGigabytes: number
  /** Of the GPUs; null where there are none, or nobody says. */
  driver: string | null
  cuda: string | null
  /** Name and memory of each GPU, by the id that slots have. */
  gpus: Record<string, string>
  sweepboard: string
  node: string
}

/** Whether anything that git keeps differed from the commit; null where that is not known. */
export function isDirty({ commit, problem, changed }: CodeSnapshot): boolean | null {
  if (commit === null || problem !== null) return null
  return Object.keys(changed).length > 0
}

/** A commit as pages write it. */
export const shortCommit = (commit: string) => commit.slice(0, 8)
