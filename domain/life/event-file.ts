/**
 * Which events file it is that was read up to an offset: by what it begins with and by the bytes before the offset. A file that was
 * moved away and begun anew has the same name and, once it has grown, more bytes than were read of the first.
 */
export type EventFile = {
  /** How many bytes from the start `head` is of; all that were read where those are fewer than are looked at. */
  headBytes: number
  /** Hash of the bytes from the start. */
  head: string
  /** How many bytes before the offset `tail` is of. */
  tailBytes: number
  /** Hash of the bytes before the offset. */
  tail: string
}
