import type { ComparisonVerdict } from './verdict.ts'

/** A verdict in a cell. */
export function toldApart(verdict: ComparisonVerdict, first: string, second: string): string {
  if (verdict === 'first') return `${first} is better`
  if (verdict === 'second') return `${second} is better`
  return verdict === 'unknown' ? 'not known' : verdict === 'equal' ? 'the same' : 'cannot tell'
}
