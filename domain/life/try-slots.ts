/** Slots for a try: a person waits for it at the screen, so it is given what comes free before any job is. */

/** `wanted`: how many it asks for; `held`: those that it has, which are given out to nobody else. */
export type TrySlots = { wanted: number; held: readonly string[] }

export const noTry: TrySlots = { wanted: 0, held: [] }

/** The slots it holds from now on: what it has, and of those that nobody has as many as it lacks, lowest place first. */
export function slotsForTry(
  { wanted, held }: TrySlots,
  capacity: readonly string[],
  isTaken: (slot: string) => boolean,
): readonly string[] {
  if (held.length >= wanted) return held
  const free = capacity.filter((slot) => !held.includes(slot) && !isTaken(slot))
  return free.length === 0 ? held : [...held, ...free.slice(0, wanted - held.length)]
}
