import { expect, test } from 'vitest'
import { axisIssues, axisSize, expandAxis, milestoneUnit } from './axes.ts'
import { parseDecimal, compareDecimals } from './decimal.ts'

const values = (axis: Parameters<typeof expandAxis>[1]) => expandAxis('a', axis).values

test('a list and milestones keep their literals as written', () => {
  expect(expandAxis('a', ['1e-5', '07', '0.10', 'yes'])).toEqual({
    name: 'a',
    values: ['1e-5', '07', '0.10', 'yes'],
    milestone: false,
  })
  expect(expandAxis('epoch', { milestones: ['3', '6.0'] })).toEqual({
    name: 'epoch',
    values: ['3', '6.0'],
    milestone: true,
  })
})

test.each([
  [
    ['0.1', '0.3', 3],
    ['0.1', '0.2', '0.3'],
  ],
  [
    ['0.10', '0.30', 3],
    ['0.10', '0.20', '0.30'],
  ],
  [
    ['1', '10', 4],
    ['1', '4', '7', '10'],
  ],
  [
    ['0', '1', 4],
    ['0', '0.333333', '0.666667', '1'],
  ],
  [
    ['0', '1e-3', 5],
    ['0', '2.5e-4', '5e-4', '7.5e-4', '1e-3'],
  ],
  [
    ['-1', '1', 5],
    ['-1', '-0.5', '0', '0.5', '1'],
  ],
  [
    ['1.0', '2.0', 3],
    ['1.0', '1.5', '2.0'],
  ],
  [
    ['1234567', '1234569', 4],
    ['1234567', '1234567.666667', '1234568.333333', '1234569'],
  ],
  [
    ['.5', '1.', 2],
    ['.5', '1.'],
  ],
] as [[string, string, number], string[]][])('range %j gives %j', (range, expected) => {
  expect(values({ range })).toEqual(expected)
})

test.each([
  [
    ['1e-5', '1e-3', 3],
    ['1e-5', '1e-4', '1e-3'],
  ],
  [
    ['0.0001', '0.1', 4],
    ['0.0001', '0.001', '0.01', '0.1'],
  ],
  [
    ['1E-05', '1E-03', 3],
    ['1E-05', '1E-04', '1E-03'],
  ],
  [
    ['128', '512', 3],
    ['128', '256', '512'],
  ],
  [
    ['1', '1073741824', 4],
    ['1', '1024', '1048576', '1073741824'],
  ],
  [
    ['1e-5', '1e-4', 3],
    ['1e-5', '3.16228e-5', '1e-4'],
  ],
  [
    ['1', '1e3', 4],
    ['1', '1e1', '1e2', '1e3'],
  ],
  [
    ['1e-300', '1e300', 5],
    ['1e-300', '1e-150', '1e0', '1e150', '1e300'],
  ],
] as [[string, string, number], string[]][])('log %j gives %j', (log, expected) => {
  expect(values({ log })).toEqual(expected)
})

test('generated values rise strictly, keep their ends and their number, whatever the ends', () => {
  let seed = 1
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647
  for (let round = 0; round < 3000; round++) {
    const kind = random() < 0.5 ? 'range' : 'log'
    const exponent = Math.floor(random() * 12) - 8
    const low = (1 + random() * 9) * 10 ** exponent
    const high = low * (1 + 10 ** (random() * 8 - 4))
    const count = 2 + Math.floor(random() * 40)
    const ends = [low, high].map((end) => (random() < 0.5 ? end.toExponential(9) : end.toFixed(20))) as [string, string]
    const made = values(kind === 'range' ? { range: [...ends, count] } : { log: [...ends, count] })
    expect(made.length).toBe(count)
    expect(axisSize(kind === 'range' ? { range: [...ends, count] } : { log: [...ends, count] })).toBe(count)
    expect([made[0], made.at(-1)]).toEqual(ends)
    made.slice(1).forEach((value, index) => {
      expect(compareDecimals(parseDecimal(made[index]!)!, parseDecimal(value)!), `${ends} ${count}`).toBe(-1)
      const share = (index + 1) / (count - 1)
      const exact = kind === 'range' ? low + (high - low) * share : low * (high / low) ** share
      expect(Math.abs(Number(value) - exact)).toBeLessThan(((high - low) / (count - 1)) * 1e-3)
    })
  }
})

test('a value twice is named, and so are two ways of writing one number', () => {
  expect(axisIssues('lr', ['1e-5', '2e-5', '1e-5'])).toMatchObject([
    { path: ['axes', 'lr', 2], message: expect.stringContaining('stands twice') },
  ])
  expect(axisIssues('lr', ['1e-5', '0.00001'])[0]!.message).toContain(
    '1e-5 and 0.00001 of the axis lr are the same number',
  )
  expect(axisIssues('lr', ['1', '+1.0', '07', '7', '-0', '0']).length).toBe(3)
  expect(axisIssues('seed', ['12345678901234567890', '12345678901234567891'])).toEqual([])
  expect(axisIssues('a', ['yes', 'Yes', '1e', '1e0x', '0x10', '16', '-', '"a', 'a'])).toEqual([])
})

test.each([
  [['3', '3'], 'do not rise'],
  [['6', '3'], 'do not rise'],
  [['0', '3'], 'above 0'],
  [['-1'], 'above 0'],
  [['three'], 'three of the axis epoch'],
  [['1e999'], 'above 0'],
  [['1e-325'], 'above 0'],
])('milestones %j are refused', (milestones, message) => {
  expect(axisIssues('epoch', { milestones })[0]!.message).toContain(message)
  expect(() => expandAxis('epoch', { milestones })).toThrow(message)
})

test('epochs may be halved, steps are whole', () => {
  expect(axisIssues('epoch', { milestones: ['0.5', '1'] })).toEqual([])
  expect(axisIssues('step', { milestones: ['100', '1e3'] })).toEqual([])
  expect(axisIssues('step', { milestones: ['0.5'] })[0]!.message).toContain('whole number of steps')
})

test.each([
  [{ range: ['a', '1', 3] }, 'end a of the axis x is not a number'],
  [{ range: ['1', '1e9999999999', 3] }, 'is not a number'],
  [{ range: ['2', '1', 3] }, 'from 2 to 1'],
  [{ log: ['1', '1.0', 3] }, 'from 1 to 1.0'],
  [{ log: ['0', '1', 3] }, 'above 0'],
  [{ log: ['-1', '1', 3] }, 'above 0'],
] as [Parameters<typeof axisIssues>[1], string][])('%j is refused', (axis, message) => {
  expect(axisIssues('x', axis)[0]!.message).toContain(message)
})

test('the unit of milestones follows the name of the axis', () => {
  expect(['epoch', 'epochs', 'step', 'train_steps', 'Step'].map(milestoneUnit)).toEqual([
    'epoch',
    'epoch',
    'step',
    'step',
    'step',
  ])
})

test('integer: what lies between is rounded to whole numbers, and a grid too fine for that is refused', () => {
  const values = (axis: Parameters<typeof expandAxis>[1]) => expandAxis('batch', axis).values
  expect(values({ range: ['16', '128', 4], integer: true })).toEqual(['16', '53', '91', '128'])
  expect(values({ log: ['16', '128', 3], integer: true })).toEqual(['16', '45', '128'])
  expect(values({ range: ['-3', '2', 3], integer: true })).toEqual(['-3', '-1', '2'])
  expect(values({ range: ['16', '128', 4] })).toContain('53.3333')
  expect(axisIssues('batch', { range: ['1', '4', 7], integer: true })[0]!.message).toContain(
    'hold 2 twice on the axis batch',
  )
  expect(axisIssues('batch', { log: ['0.5', '4', 3], integer: true })[0]!).toMatchObject({
    path: ['axes', 'batch', 'log', 0],
    message: expect.stringContaining('The low end 0.5 of the axis batch is not a whole number'),
  })
})
