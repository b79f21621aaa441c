/** The answers of a race's rungs in one file, as an evaluation without a race leaves them: runs in a thread (read-aside.ts). */
import { closeSync, readSync, renameSync, writeSync } from 'node:fs'
import { openFile } from '../../attempt-files/open-file.ts'
import { createFile } from '../../attempt-files/write-file.ts'

const blockBytes = 1 << 20

/** Lays files of items one after the other into `target`. Gives a sentence where one of them is not there. Throws UnreadableFile. */
export async function uniteItems(files: string[], target: string): Promise<string | null> {
  const part = `${target}.part`
  const written = createFile(part)
  try {
    for (const file of files) {
      const opened = openFile(file, 'anywhere')
      if (opened === null) return `${file} is not there.`
      try {
        const block = Buffer.allocUnsafe(blockBytes)
        let last = 10
        for (;;) {
          const filled = readSync(opened.descriptor, block, 0, block.length, null)
          if (filled === 0) break
          last = block[filled - 1]!
          for (let from = 0; from < filled;) from += writeSync(written, block, from, filled - from)
        }
        if (last !== 10) writeSync(written, '\n')
      } finally {
        closeSync(opened.descriptor)
      }
    }
  } finally {
    closeSync(written)
  }
  renameSync(part, target)
  return null
}
