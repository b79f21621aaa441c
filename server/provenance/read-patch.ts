/** What `git diff-index --patch-with-raw -z` says, read: bytes, as names of files are. */

export type PatchedFile = {
  /** As the repository names the file. */
  name: Buffer
  /** The part of the patch that is of it. */
  patch: Buffer
}

/** `whole`: false where the end of the patch was not asked for, so that its last file may be cut. */
export type Changes = { changes: PatchedFile[]; whole: boolean }

/**
 * The files that differ, each with its part of the patch. A file whose times alone are others is listed by git and has no part: it is
 * left out. Throws where the answer is of another form.
 */
export function readPatch(answer: Buffer, whole: boolean): Changes {
  const names: Buffer[] = []
  let at = 0
  while (answer[at] === 0x3a) {
    const end = answer.indexOf(0, at)
    const nameEnd = end < 0 ? -1 : answer.indexOf(0, end + 1)
    // cut within the list of names: what follows is not known
    if (nameEnd < 0) return { changes: names.map((name) => ({ name, patch: Buffer.alloc(0) })), whole: false }
    names.push(answer.subarray(end + 1, nameEnd))
    at = nameEnd + 1
  }
  if (names.length === 0) return { changes: [], whole }
  if (at < answer.length && answer[at] !== 0) throw new Error('git named its changes in a form that is not known.')
  const parts = partsOf(answer.subarray(at + 1))
  const found = new Map<string, PatchedFile>()
  let next = 0
  for (const part of parts) {
    const head = part.subarray(0, lineEnd(part, 0))
    let place = next
    while (place < names.length && !isHeadOf(head, names[place]!)) place += 1
    if (place === names.length) throw new Error('git gave a patch of a file that it did not name.')
    next = place
    const key = names[place]!.toString('latin1')
    const known = found.get(key)
    // a file that became a link has two parts
    found.set(key, { name: names[place]!, patch: known ? Buffer.concat([known.patch, part]) : part })
  }
  if (whole) return { changes: [...found.values()], whole }
  // of what comes after the cut it is not known whether it differs; git says that it may
  const last = parts.length > 0 ? names[next]! : null
  const after = names.slice(last === null ? 0 : next + 1).map((name) => ({ name, patch: Buffer.alloc(0) }))
  return { changes: [...found.values(), ...after], whole }
}

function partsOf(patch: Buffer): Buffer[] {
  const starts: number[] = []
  for (let at = 0; at < patch.length; at = lineEnd(patch, at) + 1) if (startsPart(patch, at)) starts.push(at)
  return starts.map((start, place) => patch.subarray(start, starts[place + 1] ?? patch.length))
}

const heads = ['diff --git ', '* Unmerged path '].map((text) => Buffer.from(text))

/** Every line of a file's own stands behind a blank, a plus or a minus. */
function startsPart(patch: Buffer, at: number): boolean {
  return heads.some((head) => patch.subarray(at, at + head.length).equals(head))
}

function lineEnd(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(0x0a, at)
  return end < 0 ? bytes.length : end
}

function isHeadOf(head: Buffer, name: Buffer): boolean {
  const one = quoted(Buffer.concat([Buffer.from('a/'), name]))
  const other = quoted(Buffer.concat([Buffer.from('b/'), name]))
  const text = head.toString('latin1')
  return text === `diff --git ${one} ${other}` || text === `* Unmerged path ${name.toString('latin1')}`
}

const letters: Record<number, string> = {
  7: 'a',
  8: 'b',
  9: 't',
  10: 'n',
  11: 'v',
  12: 'f',
  13: 'r',
  34: '"',
  92: '\\',
}

/** A name as git writes it in a head: in quotes where a byte of it needs that. */
function quoted(name: Buffer): string {
  let escaped = false
  const text = [...name].map((byte) => {
    const letter = letters[byte]
    if (letter === undefined && byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte)
    escaped = true
    return letter === undefined ? `\\${byte.toString(8).padStart(3, '0')}` : `\\${letter}`
  })
  return escaped ? `"${text.join('')}"` : text.join('')
}
