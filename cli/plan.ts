/** What a sweep would take, as text or as one JSON object. */
import type { Preview } from '../contract/api/sweeps.ts'
import { costLines } from '../domain/life/cost-words.ts'
import { printable, tableLines } from './text.ts'

/** `there`: what was found of a sweep that is in order. */
export function planText({ cost, reuse, same }: Pick<Preview, 'cost' | 'reuse' | 'same'>, json: boolean): string {
  if (json) return `${JSON.stringify({ cost, reuse, same }, null, 2)}\n`
  const clock = (seconds: number) => new Date(Date.now() + seconds * 1000).toLocaleString('sv-SE').slice(0, 16)
  const lines = tableLines(
    [
      { title: '', of: ({ name }) => name },
      { title: '', of: ({ text }) => text },
      { title: '', of: ({ sure }) => sure },
    ],
    cost === null ? [] : costLines(cost, clock),
  ).slice(1)
  const notes = [...reuse, ...(same === null ? [] : [`Sweep ${same.id}, ${same.name}, is the same: it would go on.`])]
  return `${[...lines, ...notes.map(printable)].join('\n')}\n`
}
