/** Hands a sweep file that was dropped on one page to the form of a new sweep. It lasts as long as the tab. */
const storageKey = 'sweepboard-dropped-file'

export type DroppedFile = { name: string; text: string }

/** Keeps the file for the form; the caller then goes to /sweeps/new. */
export function putDroppedFile(file: DroppedFile) {
  sessionStorage.setItem(storageKey, JSON.stringify(file))
}

/** The file that was dropped, once: asking again gives null. */
export function takeDroppedFile(): DroppedFile | null {
  const stored = sessionStorage.getItem(storageKey)
  sessionStorage.removeItem(storageKey)
  return stored === null ? null : (JSON.parse(stored) as DroppedFile)
}
