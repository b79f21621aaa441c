/** The steps of a run's samples as the page lists them. */
import type { SampleStepsView } from '../../../../contract/api/samples.ts'

export type StepRow = {
  step: number
  attempt: number
  samples: number
  mean: number | null
  low: number | null
  high: number | null
  /** Other attempts that have samples of this step. */
  others: number[]
}

/** One row a step: of the attempt asked for, or of the newest that came to it. */
export function stepRows({ steps }: SampleStepsView, attempt: number | null): StepRow[] {
  const attemptsOf = Map.groupBy(steps.step.keys(), (at) => steps.step[at]!)
  return steps.step.flatMap((step, at) => {
    const shown = attempt === null ? !steps.superseded[at] : steps.attempt[at] === attempt
    if (!shown) return []
    const others = attemptsOf.get(step)!.flatMap((other) => (other === at ? [] : [steps.attempt[other]!]))
    return [
      {
        step,
        attempt: steps.attempt[at]!,
        samples: steps.samples[at]!,
        mean: steps.mean[at]!,
        low: steps.low[at]!,
        high: steps.high[at]!,
        others,
      },
    ]
  })
}
