/** Keeps which slots of this machine stood idle, and why: what a look decides is gone with it, and a person asks later. */
import { transaction } from '../../db/client.ts'
import { extendIdleSpells, hasPausedWork, insertIdleSpells, pruneIdleSpells } from '../../db/queries/idle-spells.ts'
import { idleReasons, type IdleReason } from '../../domain/life/idle-reason.ts'
import type { Actions, ScheduleSnapshot } from '../../domain/life/schedule.ts'
import type { Context } from '../base/context.ts'

/** Between the end of one job and the start of the next lies a look; what is shorter is not worth a row. */
const shortestMilliseconds = 1000
/** So long a server that is killed leaves without a reason, and a page reads it late; six times that where nothing waits at all. */
const keptMilliseconds = 10_000

/** So long spells are kept, and at most so many: 200,000 take about 20 MB. docs/cluster.md says so. */
const keptDays = 180
const mostSpells = 200_000
const pruneMilliseconds = 3_600_000

type Spell = IdleReason & { since: number; row: number | null }

export function noteIdleSlots({ database, executors }: Context) {
  const spells = new Map<string, Spell>()
  let keptAt = 0
  let prunedAt = -Infinity

  function change(now: number, reasons: ReadonlyMap<string, IdleReason>): void {
    const ended: number[] = []
    for (const [slot, spell] of spells) {
      const reason = reasons.get(slot)
      if (reason && isSame(reason, spell)) continue
      spells.delete(slot)
      if (spell.row !== null) ended.push(spell.row)
    }
    for (const [slot, reason] of reasons) if (!spells.has(slot)) spells.set(slot, { ...reason, since: now, row: null })
    const lasting = [...spells].filter(([, { row, since }]) => row === null && now - since >= shortestMilliseconds)
    const isQuiet = [...reasons.values()].every(({ code }) => code === 'nothing')
    const isDue = now - keptAt >= keptMilliseconds * (isQuiet ? 6 : 1)
    if (ended.length === 0 && lasting.length === 0 && !isDue) return
    transaction(database, () => {
      extendIdleSpells(database, ended, now)
      if (now - prunedAt >= pruneMilliseconds) {
        pruneIdleSpells(database, { before: now - keptDays * 24 * 3_600_000, most: mostSpells })
        prunedAt = now
      }
      const rows = lasting.map(([slot, { code, sweepId, detail, since }]) => ({
        slot,
        reason: code,
        sweepId,
        detail,
        since,
        until: now,
      }))
      insertIdleSpells(database, rows).forEach((row, at) => (lasting[at]![1].row = row))
      if (isDue)
        extendIdleSpells(
          database,
          [...spells.values()].flatMap(({ row }) => row ?? []),
          now,
        )
    })
    if (isDue) keptAt = now
  }

  return {
    /** Call after each look that decided what starts. `withheld`: slots that somebody else uses, and who. */
    note(snapshot: ScheduleSnapshot, actions: Actions, withheld: ReadonlyMap<string, string>): void {
      const capacity = executors.local.slots.ids
      const isPaused = () => hasPausedWork(database)
      change(Date.now(), idleReasons(snapshot, actions, { capacity, withheld, isPaused }))
    },
    noneFree: () => change(Date.now(), new Map()),
    /** The server leaves: what stands idle after that is nobody's to say. */
    stop: () => change(Date.now(), new Map()),
  }
}

function isSame(one: IdleReason, other: IdleReason): boolean {
  return one.code === other.code && one.sweepId === other.sweepId && one.detail === other.detail
}
