/** Lines of a file that may be larger than the memory, a block of them at a time. */
import { readSync } from 'node:fs'

const blockBytes = 1 << 20

/**
 * The whole lines of an open file, without their ends, and the last one as far as it is written. `follow`: at the end of the file an
 * empty block, and so on for as long as it is asked, as more may come.
 */
export function* lineBlocks(descriptor: number, { follow = false } = {}): Generator<string[]> {
  let rest: Buffer = Buffer.alloc(0)
  for (;;) {
    const block = Buffer.allocUnsafe(blockBytes)
    const filled = readSync(descriptor, block, 0, blockBytes, null)
    if (filled === 0 && follow) {
      yield []
      continue
    }
    const bytes = Buffer.concat([rest, block.subarray(0, filled)])
    const end = filled === 0 ? bytes.length : bytes.lastIndexOf(10) + 1
    const lines = bytes.toString('utf8', 0, end).split('\n')
    // what follows the last line's end is no line
    if (filled > 0) lines.pop()
    yield lines
    if (filled === 0) return
    rest = bytes.subarray(end)
  }
}
