/** Which of the models that a training saved belongs to which milestone: by what they say of themselves, or by their order. */

/** A saved model, with what is known of it. */
export type SavedModel = {
  /** What sentences call it. */
  name: string
  /** Optimizer steps, where a file or its name says so. */
  step: number | null
  epoch: number | null
}

export type Milestones = { unit: 'epoch' | 'step'; values: readonly number[] }

/** A milestone's model, and what a person should know of the choice; or why none can be named. */
export type Chosen = { index: number; note: string | null } | { index: null; reason: string }

/** Differences below this are rounding: trainers write epochs with few digits. */
const exactly = 1e-6

/**
 * The model of each milestone, in the milestones' order. A model serves one milestone at most: the one that it is nearest to,
 * within half an interval between two saves; where it is not exactly at it, `note` says so.
 * `measured`: epochs that the run reported at steps. `complete`: the training ended well, so that what was saved last is its
 * end; only then may the order say which epoch a model is of.
 */
export function chooseSaved(
  saved: readonly SavedModel[],
  milestones: Milestones,
  { measured, complete }: { measured: readonly { step: number; epoch: number }[]; complete: boolean },
): Chosen[] {
  const { unit, values } = milestones
  const byOrder = () => (complete ? placesByOrder(saved, values) : null)
  const said = unit === 'step' ? saved.map(({ step }) => step) : epochsOf(saved, measured)
  const ordered = said.every((place) => place === null) ? byOrder() : null
  const places = ordered ?? said
  const known = places.flatMap((place, index) => (place === null ? [] : [{ place, index }]))
  const half = saveInterval(known.map(({ place }) => place)) / 2
  return values.map((milestone) => {
    const nearest = nearestTo(milestone, known)
    if (nearest === null) return { index: null, reason: unknownReason(saved, unit) }
    const distance = Math.abs(nearest.place - milestone)
    const serves = values.every((other) => Math.abs(nearest.place - other) >= distance)
    const exact = distance <= exactly * milestone
    if (!serves || (!exact && distance >= half)) return { index: null, reason: farReason(saved, known, unit) }
    const { name } = saved[nearest.index]!
    if (ordered !== null) {
      return {
        index: nearest.index,
        note: `${name} is taken for ${unit} ${milestone} by the order of the ${saved.length} checkpoints saved: none says its ${unit}.`,
      }
    }
    return {
      index: nearest.index,
      note: exact
        ? null
        : `${name} is of ${unit} ${shortNumber(nearest.place)} and is taken for ${unit} ${milestone}: it is the nearest that was saved.`,
    }
  })
}

/** The model that was saved last: of the highest step, else epoch, else the last given. null where there is none. */
export function lastSaved(saved: readonly SavedModel[]): number | null {
  if (saved.length === 0) return null
  let last = 0
  for (let index = 1; index < saved.length; index++) {
    const [a, b] = [saved[last]!, saved[index]!]
    const order =
      a.step !== null && b.step !== null
        ? b.step - a.step
        : a.epoch !== null && b.epoch !== null
          ? b.epoch - a.epoch
          : 1
    if (order >= 0) last = index
  }
  return last
}

/** Epochs as the models say them; of one that only says its step, by how many steps an epoch takes. */
function epochsOf(saved: readonly SavedModel[], measured: readonly { step: number; epoch: number }[]) {
  const pairs = [
    ...measured,
    ...saved.flatMap(({ step, epoch }) => (step === null || epoch === null ? [] : [{ step, epoch }])),
  ].filter(({ step, epoch }) => step > 0 && epoch > 0)
  // the longest way has the least rounding in it
  const longest = pairs.reduce<(typeof pairs)[number] | null>(
    (best, pair) => (best === null || pair.step > best.step ? pair : best),
    null,
  )
  return saved.map(({ step, epoch }) => {
    if (epoch !== null) return epoch
    return step === null || longest === null ? null : (step * longest.epoch) / longest.step
  })
}

/**
 * One saved at each epoch up to the last milestone, or one at each milestone: then the order says which. Steps, where they
 * are known, must fit; else null.
 */
function placesByOrder(saved: readonly SavedModel[], milestones: readonly number[]): number[] | null {
  const count = saved.length
  const last = milestones.at(-1)
  if (count === 0 || last === undefined) return null
  const places =
    milestones.every((milestone) => Number.isInteger(milestone)) && count === last
      ? saved.map((_, index) => index + 1)
      : count === milestones.length
        ? milestones
        : null
  if (places === null) return null
  const steps = saved.map(({ step }) => step)
  const order = steps.every((step) => step !== null)
    ? saved.map((_, index) => index).toSorted((a, b) => steps[a]! - steps[b]!)
    : saved.map((_, index) => index)
  const end = steps[order.at(-1)!] ?? null
  const fits = order.every((index, position) => {
    const step = steps[index]
    if (step === null || step === undefined || end === null || end === 0) return true
    const gap = Math.min(...places.map((place, at) => place - (places[at - 1] ?? 0)))
    return Math.abs((step / end) * last - places[position]!) < gap / 2
  })
  if (!fits) return null
  const byIndex: number[] = []
  order.forEach((index, position) => (byIndex[index] = places[position]!))
  return byIndex
}

/** The middle one of the distances between saves, the first from the start. */
function saveInterval(places: readonly number[]): number {
  const sorted = places.toSorted((a, b) => a - b)
  const gaps = sorted.map((place, index) => place - (sorted[index - 1] ?? 0)).toSorted((a, b) => a - b)
  return gaps[Math.floor(gaps.length / 2)] ?? 0
}

function nearestTo<Known extends { place: number }>(milestone: number, known: readonly Known[]): Known | null {
  let nearest: Known | null = null
  for (const one of known) {
    // of two that are as near the later one
    if (nearest === null || Math.abs(one.place - milestone) <= Math.abs(nearest.place - milestone)) nearest = one
  }
  return nearest
}

function unknownReason(saved: readonly SavedModel[], unit: string): string {
  if (saved.length === 0) return 'none was saved'
  return `of ${listed(saved.map(({ name }) => name))} none says its ${unit} (in a trainer_state.json, in its name, or by the steps and epochs that the run reported)`
}

function farReason(
  saved: readonly SavedModel[],
  known: readonly { place: number; index: number }[],
  unit: string,
): string {
  const sorted = known.toSorted((a, b) => a.place - b.place)
  const names = sorted.map(({ place, index }) => `${saved[index]!.name} (${unit} ${shortNumber(place)})`)
  return `there ${names.length === 1 ? 'is' : 'are'} ${listed(names)}`
}

function listed(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`
}

function shortNumber(value: number): string {
  return String(Number(value.toPrecision(6)))
}
