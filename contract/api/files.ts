/** What the form asks of files by their names: never of what they hold. */

/** Names that begin as was typed, as they would be typed on; folders end in `/`. */
export type PathNames = {
  names: string[]
  /** Whether there are others: not all were looked at, or shown. */
  more: boolean
}

export type LookedWord = { word: string; path: string; kind: 'file' | 'folder' | 'missing' }

/** What stands where a command names it. */
export type CommandLook = {
  /** null where the command has no program yet, or its name has a placeholder. */
  program: { word: string; path: string | null; problem: string | null } | null
  /** Files and folders that it names and that are there; its script where that is missing, too. */
  words: LookedWord[]
}
