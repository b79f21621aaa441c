/** What is no number must not be trained on, saved or told as a result. */

/** The first value that is NaN or infinite; null where all are numbers. */
export function firstNotFinite(values: ArrayLike<number>): number | null {
  // an iterator would take three times as long, over the weights of a real model seconds
  for (let index = 0; index < values.length; index++) if (!Number.isFinite(values[index])) return values[index]!
  return null
}

/** The error of a training that has diverged: what is no number and at which step, and what may help. */
export function notFinite(what: string, config: { learning_rate: number; gradient_clip: number }): Error {
  const clip = config.gradient_clip === 0 ? ', or a gradient_clip above 0,' : ''
  return new Error(`${what}; a lower learning_rate than ${config.learning_rate}${clip} may help`)
}
