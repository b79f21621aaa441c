/** Hands a file that was dropped on one page to the page that starts it. It lasts as long as the tab. */
const storageKey = 'sweepboard-dropped-file'

export type DroppedFile = { name: string; text: string }

/** Keeps the file for the page that takes it, and gives the address of that: a curriculum, which has stages, has its own. */
export function putDroppedFile(file: DroppedFile): '/sweeps/new' | '/curricula/new' {
  sessionStorage.setItem(storageKey, JSON.stringify(file))
  return isCurriculumText(file.text) ? '/curricula/new' : '/sweeps/new'
}

/** Whether the text looks like a curriculum; the page that takes it says what is wrong with it. */
export function isCurriculumText(text: string): boolean {
  try {
    return Object.hasOwn(JSON.parse(text), 'stages')
  } catch {
    return /^stages\s*:/m.test(text)
  }
}

/** The file that was dropped, once: asking again gives null. */
export function takeDroppedFile(): DroppedFile | null {
  const stored = sessionStorage.getItem(storageKey)
  sessionStorage.removeItem(storageKey)
  return stored === null ? null : (JSON.parse(stored) as DroppedFile)
}
