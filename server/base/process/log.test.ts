import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLog, logScopes, readLogLevels } from './log.ts'

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-01-02T03:04:05Z') }))
afterEach(() => void vi.useRealTimers())

function openLog(levels = 'info') {
  const lines: string[] = []
  const log = createLog((line) => lines.push(line))
  log.setLevels(readLogLevels(levels))
  return { ...log, lines }
}

test('a line carries its time, level and scope', () => {
  const { logger, lines } = openLog()
  logger('scheduler').error('Cannot start training 3: no such file')
  expect(lines).toEqual(['2026-01-02T03:04:05.000Z error scheduler: Cannot start training 3: no such file\n'])
})

test('SWEEPBOARD_LOG chooses the level, in general and for a scope', () => {
  const { logger, lines } = openLog('warning, http=debug')
  logger('http').debug('GET /')
  logger('http').info('listening')
  logger('scheduler').info('started')
  logger('scheduler').warning('late')
  expect(lines.map((line) => line.slice(25))).toEqual([
    'debug http: GET /\n',
    'info http: listening\n',
    'warning scheduler: late\n',
  ])
})

test.each(['loud', 'http=loud', 'scheduler', 'everything=debug', 'http=debug=info'])(
  'SWEEPBOARD_LOG=%s is refused with what was expected',
  (text) => {
    expect(() => readLogLevels(text)).toThrow(
      `SWEEPBOARD_LOG=${text}: ${text} is neither a level (debug, info, warning, error) nor SCOPE=LEVEL`,
    )
  },
)

test('an error that comes back every 200 ms is one line, and its count follows after a minute, ten and an hour', () => {
  const { logger, lines } = openLog()
  const log = logger('scheduler')
  const seconds = (count: number) => {
    for (let tick = 0; tick < count * 5; tick++) {
      log.error('Cannot follow training 3')
      vi.advanceTimersByTime(200)
    }
  }
  seconds(59)
  expect(lines).toHaveLength(1)
  seconds(1)
  expect(lines.slice(1)).toEqual([
    '2026-01-02T03:05:05.000Z error scheduler: Cannot follow training 3 (299 more since)\n',
  ])
  seconds(600)
  expect(lines).toHaveLength(3)
  seconds(3600)
  expect(lines).toHaveLength(4)
})

test('another line between does not begin the count anew; debug lines are never held back', () => {
  const { logger, lines } = openLog('debug')
  const log = logger('scheduler')
  for (let tick = 0; tick < 3; tick++) {
    log.error('first')
    log.error('second')
    log.debug('a look')
  }
  expect(lines.filter((line) => line.includes('error'))).toHaveLength(2)
  expect(lines.filter((line) => line.includes('debug'))).toHaveLength(3)
})

test('a line that was quiet for a minute is news again', () => {
  const { logger, lines } = openLog()
  logger('http').error('broken off')
  vi.advanceTimersByTime(60_000)
  logger('http').error('broken off')
  expect(lines).toHaveLength(2)
})

test('counts that are held back are told at the end of the process', () => {
  const { logger, lines, flush } = openLog()
  for (let time = 0; time < 4; time++) logger('http').error('broken off')
  flush()
  expect(lines.slice(1).map((line) => line.slice(25))).toEqual(['error http: broken off (3 more since)\n'])
})

test('thousands of different lines are all told and do not fill the memory', () => {
  const { logger, lines, flush } = openLog()
  for (let number = 0; number < 5000; number++) logger('http').error(`broken off ${number}`)
  expect(lines).toHaveLength(5000)
  expect(vi.getTimerCount()).toBeLessThanOrEqual(200)
  flush()
  expect(lines).toHaveLength(5000)
})

test('what a program wrote cannot pass for a line of the log', () => {
  const { logger, lines } = openLog()
  logger('scheduler').error('Cannot read a\u001b[2J\r\n2026-01-02T03:04:05.000Z error http: forged')
  expect(lines[0]!.split('\n')[0]).toBe('2026-01-02T03:04:05.000Z error scheduler: Cannot read a [2J ')
  expect(lines[0]!.split('\n')[1]).toMatch(/^ {4}2026/)
})

test('a defect brings its stack and its cause', () => {
  const { logger, lines } = openLog()
  logger('api').error('A call failed', new TypeError('x is not a function', { cause: new Error('before') }))
  expect(lines[0]).toMatch(/error api: A call failed\n {4}TypeError: x is not a function\n[^]*caused by Error: before/)
})

test('every scope stands in docs/operations.md', () => {
  const docs = readFileSync(path.join(import.meta.dirname, '../../../docs/operations.md'), 'utf8')
  for (const scope of logScopes) expect(docs).toContain(`| \`${scope}\` |`)
})
