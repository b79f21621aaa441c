/** What browsers ask for: filters and addresses. */
import type { IncomingMessage } from 'node:http'
import { parseFilter, type FilterField } from '../../../domain/asking/filter.ts'
import { readBoardQuery, writeBoardQuery } from '../../../domain/asking/board-query.ts'
import { judgeRequest, parseAddress } from '../../../server/base/process/guard.ts'
import { anyText, below, oneOf } from '../generate.ts'
import { type Kind, travels, repeat } from './kind.ts'

const fields: FilterField[] = [
  { name: 'score', kind: 'number' },
  { name: 'status', kind: 'text' },
  { name: 'gsm8k', kind: 'share' },
  { name: 'constructor', kind: 'hash' },
]
const filterWords = [
  'score',
  'status',
  'gsm8k',
  'constructor',
  '__proto__',
  '<',
  '<=',
  '=',
  '!=',
  '~',
  'and',
  'or',
  'not',
  '(',
  ')',
  '"',
  '0.5',
  '50%',
  '1e400',
  '-',
  '\\',
  '.*',
  '(a+)+$',
  '9'.repeat(5000),
]
export const filters: Kind = {
  make: (random) =>
    random.uniform() < 0.9
      ? repeat(below(random, 30), () => oneOf(random, filterWords)).join(oneOf(random, ['', ' ']))
      : oneOf(random, filterWords).repeat(below(random, 3000)),
  meet(given) {
    const parsed = parseFilter(given, fields)
    if ((parsed.filter === null) !== (parsed.error !== null) && given.trim() !== '')
      throw new Error('neither a filter nor an error')
    travels(parsed)
    const query = readBoardQuery(
      new URLSearchParams({ filter: given, q: given, sort: given, page: given, columns: given }),
    )
    readBoardQuery(writeBoardQuery(query))
  },
}

const addressParts = [
  '/',
  '//',
  '/..',
  '/api/trpc/',
  '/sweeps/',
  '?',
  '#',
  '%',
  '%00',
  '%2e%2e',
  '%ff',
  '\\',
  ':',
  '@',
  '[',
  ']',
  '1',
  'http:',
  '*',
  'token=',
  '&',
  ' ',
  'é',
  '\t',
  '?input={}',
]
export const addresses: Kind = {
  make: (random) =>
    JSON.stringify([
      repeat(below(random, 12), () => oneOf(random, addressParts)).join(''),
      oneOf(random, ['GET', 'POST', 'OPTIONS', 'X']),
      anyText(random),
      anyText(random),
    ]),
  meet(given) {
    const [url, method, host, cookie] = JSON.parse(given) as [string, string, string, string]
    const address = parseAddress(url)
    if (address === null) return
    const request = {
      method,
      url,
      headers: { host, cookie, authorization: cookie, origin: host },
    } as unknown as IncomingMessage
    for (const token of [null, 'a-token-of-enough-length']) {
      const config = { host: '127.0.0.1', token, spareToken: 'a-spare-token-of-enough-length' }
      for (const owner of ['allowed', 'other', 'unknown'] as const) {
        const { allowed } = judgeRequest(request, config, { port: 3000, owner, address })
        if (allowed && host !== '127.0.0.1:3000' && host !== 'localhost:3000') throw new Error('allowed')
      }
    }
  },
}
