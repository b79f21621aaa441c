/** What the API gives of starting points: sweeps that the form of a new one is filled in with. */
import type { Sweep } from '../../domain/sweep/sweep.ts'

/** What a person puts their own in place of: a field of the form, and what is wanted there. */
export type ToChange = { field: string; words: string }

export type StartingPointView = {
  /** Of those that come with the product a word, of a person's own a number. */
  id: string | number
  title: string
  description: string
  directory: string
  /** Empty of a person's own. */
  changes: ToChange[]
} & ({ definition: Sweep; curriculum: null } | { definition: null; curriculum: string })
