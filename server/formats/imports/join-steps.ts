import type { MetricsEvent, TrainerEvent } from '../../../contract/trainer.ts'

/**
 * Rows of one step that follow each other as one, where what both say is the same: Trainer and Lightning write what was trained and
 * what was evaluated at a step in rows of their own, each with its epoch.
 */
export function joinSteps(events: TrainerEvent[]): TrainerEvent[] {
  const joined: TrainerEvent[] = []
  for (const event of events) {
    const last = joined.at(-1)
    if (event.type === 'metrics' && last?.type === 'metrics' && last.step === event.step && agree(last, event))
      joined[joined.length - 1] = {
        ...last,
        ...event,
        values: Object.assign(Object.create(null), last.values, event.values),
      }
    else joined.push(event)
  }
  return joined
}

function agree(first: MetricsEvent, second: MetricsEvent): boolean {
  return Object.entries(second.values).every(
    ([name, value]) => !Object.hasOwn(first.values, name) || Object.is(first.values[name], value),
  )
}
