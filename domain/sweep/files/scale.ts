/** Accuracies written from 0 to 1, or from 0 to 100. */

export const scales = ['fraction', 'percent'] as const
export type AccuracyScale = (typeof scales)[number]

/** A percentage as a fraction, with the digits that it was written in: 66.67 is 0.6667, which a division misses. */
export function fractionOf(value: number, scale: AccuracyScale): number {
  if (scale === 'fraction') return value
  const shifted = Number(`${value}e-2`)
  return Number.isNaN(shifted) ? value / 100 : shifted
}
