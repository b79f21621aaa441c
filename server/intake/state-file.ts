/**
 * What an intake must know again after a kill, as one line of a file; the last line that is whole counts. A change is added behind the
 * others, which costs a tenth of a new file, until it is time for one.
 */
import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { readWholeFile } from '../attempt-files/open-file.ts'
import { appendToFile, replaceFile } from '../attempt-files/write-file.ts'
import { lastState } from '../formats/last-state.ts'

/** It is never larger. */
const mostBytes = 256 << 20
/** So large a file, of more than a few states, is begun anew. */
const enoughBytes = 1 << 16
const enoughStates = 4

export class StateFile {
  private readonly file: string
  /** Bytes of the file; null: there is none, or what its last line is like is not known. */
  private bytes: number | null = null
  private saved: string

  /** `known`: what was read of it. */
  constructor(file: string, known: object) {
    this.file = file
    this.saved = JSON.stringify(known)
  }

  /** Writes what is another than before; throws where the disk is full. */
  save(state: object): void {
    const text = JSON.stringify(state)
    if (text === this.saved) return
    mkdirSync(path.dirname(this.file), { recursive: true })
    const line = `${text}\n`
    const { bytes } = this
    this.bytes = null
    if (bytes === null || bytes + line.length > Math.max(enoughBytes, enoughStates * line.length)) {
      replaceFile(this.file, line)
      this.bytes = line.length
    } else {
      appendToFile(this.file, line)
      this.bytes = bytes + line.length
    }
    this.saved = text
  }
}

/** The state that a file holds; an empty one where there is none, or it cannot be read. */
export function readState(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {}
  try {
    return lastState(readWholeFile(file, [path.dirname(file)], mostBytes) ?? '')
  } catch {
    return {}
  }
}
