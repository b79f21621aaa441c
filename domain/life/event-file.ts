/**
 * Which events file it is that was read up to an offset: by what it begins with and by the bytes before the offset. A file that was
 * moved away and begun anew has the same name and, once it has grown, more bytes than were read of the first.
 */
export type EventFile = {
  /** How many bytes from the start `head` is a hash of. */
  headBytes: number
  head: string
  /** How many bytes before the offset `tail` is a hash of. */
  tailBytes: number
  tail: string
  /** Inode and time of the last change when it was read: where both stay, nothing of it is another. */
  seen: string
  /** How often it was begun anew: from then on what comes may have come before. Missing: never. */
  anew?: number
}

/** More bytes than this are not looked at from either end: a line with a time in it. */
export const identifyingBytes = 1024
