/** What the API gives of the samples that a run's trainer reported. */

/** A sample as a list shows it: texts that are longer than `shownCharacters` are cut off there. */
export type SampleView = {
  id: number
  step: number
  attempt: number
  /** Its step was taken up again by a later attempt. */
  superseded: boolean
  prompt: string
  promptCharacters: number
  response: string
  responseCharacters: number
  /** null where none was reported, or something that is no finite number. */
  reward: number | null
  parts: Record<string, number | null>
  /** As its trainer told it; null where it told none. */
  advantage: number | null
  /** The samples of the same prompt in the same step and attempt, itself included. */
  group: SampleGroup
  /** Samples of the same prompt in the run, and the steps they stand in. */
  ofPrompt: { samples: number; steps: number }
}

/**
 * `index` is the same for all of a group, `samples` how many of it were reported. Mean and standard deviation are of the whole
 * group where its trainer told how many that are (`of`), else of those reported; null where none has a reward.
 */
export type SampleGroup = {
  index: number
  samples: number
  of: number | null
  mean: number | null
  deviation: number | null
}

/** Characters of a prompt or response that a list holds. */
export const shownCharacters = 6000

export type SampleStepsView = {
  samples: number
  prompts: number
  /** Attempts that reported samples, by number. */
  attempts: { number: number; samples: number; firstStep: number; lastStep: number; superseded: number }[]
  /** Every part of the reward, with the lowest and highest that any sample has. */
  parts: { name: string; low: number; high: number }[]
  /** Names that a filter knows. */
  fields: string[]
  /** Columns, by step and then attempt; rewards are null where no sample has one. */
  steps: {
    step: number[]
    attempt: number[]
    samples: number[]
    mean: (number | null)[]
    low: (number | null)[]
    high: (number | null)[]
    superseded: boolean[]
  }
}

export type SamplesPage = {
  /** What is wrong with the filter; nothing passes then. */
  error: string | null
  samples: SampleView[]
  /** Ask again with it for what follows; null at the end. */
  next: number | null
  /** How many pass everything but the search. */
  candidates: number
  /** Of these, how many have been looked at so far. */
  looked: number
}

/** The samples of one prompt, by step. */
export type PromptView = {
  prompt: string
  points: { id: number; step: number; attempt: number; reward: number | null; characters: number }[]
}

export type SampleOrder = 'reported' | 'highest' | 'lowest' | 'spread'
