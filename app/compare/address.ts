/** What the page's address asks for: `?runs=1,2` or `?checkpoints=12,34`, the first of them is A. */

export type AskedComparison = { of: 'runs' | 'checkpoints'; ids: number[] }

/** What is to be compared; what is no number is passed over. */
export function askedIn(address: { get: (name: string) => string | null }): AskedComparison {
  const of = address.get('checkpoints') === null && address.get('runs') !== null ? 'runs' : 'checkpoints'
  const ids = (address.get(of) ?? '')
    .split(',')
    .flatMap((text) => (/^\s*\d{1,15}\s*$/.test(text) ? [Number(text)] : []))
  return { of, ids: [...new Set(ids)] }
}

/** The page's address for these, keeping what else `address` says. */
export function addressOf({ of, ids }: AskedComparison, address: string | URLSearchParams = ''): string {
  const rest = new URLSearchParams(address)
  rest.delete('runs')
  rest.delete('checkpoints')
  const parts = [ids.length > 0 ? `${of}=${ids.join(',')}` : '', rest.toString()].filter(Boolean)
  return `/compare${parts.length > 0 ? `?${parts.join('&')}` : ''}`
}
