/** What is said before a sweep starts of what earlier ones did: sentences, the same for the command and the page. */

import { plural } from '../../words.ts'

/** A sweep as sentences call it. */
type Named = { id: number; name: string }

export type ReuseFacts = {
  trainings: number
  /** Sweeps whose trainings are not repeated, how many, how many points these have, and of how many the results are kept. */
  reused: { sweeps: readonly Named[]; trainings: number; points: number; kept: number }
  /** Trainings that another sweep has not ended yet. */
  awaited: { sweeps: readonly Named[]; trainings: number }
  /** Trainings that go on from a shorter one, by its end. `doubt`: why that is not the same; null: it is. */
  continued: readonly { milestone: string; sweep: Named; trainings: number; doubt: string | null }[]
  /** The same of those that would, were a person to say so. */
  continuable: readonly { milestone: string; sweep: Named; trainings: number; doubt: string }[]
  /** What looks the same and is trained again, with the reason: whole sentences. */
  refusals: readonly string[]
}

const mostRefusals = 8

/** The sentences, the good news first; none where nothing earlier has to do with it. `unit`: epoch or step. */
export function reuseNotes(facts: ReuseFacts, unit: string): string[] {
  const { trainings, reused, awaited, continued, continuable, refusals } = facts
  const notes: string[] = []
  const some = (count: number) => (trainings === 1 ? 'The training' : `${count} of ${plural(trainings, 'training')}`)
  if (reused.trainings > 0) {
    const [are, their] = reused.trainings === 1 ? ['is', 'its'] : ['are', 'their']
    notes.push(
      `${some(reused.trainings)} ${are} not repeated: sweep ${listed(reused.sweeps)} did the same, with the same scripts. Of ${their} ${plural(reused.points, 'point')} ${reused.kept} ${reused.kept === 1 ? 'is' : 'are'} not evaluated again.`,
    )
  }
  if (awaited.trainings > 0) {
    const [are, they] = awaited.trainings === 1 ? ['is', 'it is'] : ['are', 'they are']
    notes.push(
      `${some(awaited.trainings)} ${are} under way in sweep ${listed(awaited.sweeps)}: ${they} waited for, and not started again.`,
    )
  }
  for (const { milestone, sweep, trainings: count, doubt } of continued)
    notes.push(
      `${some(count)} ${count === 1 ? 'goes' : 'go'} on from ${unit} ${milestone}, where sweep ${listed([sweep])} ended: ${doubt === null ? 'the learning rate is constant and each step is drawn by its number, so that this is the same as from the start' : `as told. It may differ from a training from the start, as ${doubt}`}.`,
    )
  for (const { milestone, sweep, trainings: count, doubt } of continuable) {
    const [were, are, they] = count === 1 ? ['was', 'is', 'it goes'] : ['were', 'are', 'they go']
    notes.push(
      `${some(count)} ${were} done to ${unit} ${milestone} by sweep ${listed([sweep])} and ${are} trained again from the start: ${doubt}. Told to (--continue), ${they} on from there.`,
    )
  }
  notes.push(...refusals.slice(0, mostRefusals))
  if (refusals.length > mostRefusals)
    notes.push(`${refusals.length - mostRefusals} more are trained again for such reasons.`)
  return notes
}

function listed(sweeps: readonly Named[]): string {
  return sweeps.map(({ id, name }) => `${id} (${name})`).join(', ')
}
