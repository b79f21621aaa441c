import { expect, test } from 'vitest'
import { heatColor, heatContrast, heatInk, heatStops } from './heat-scale.ts'
import { roundTicks, tickLabel } from './ticks.ts'

test('ticks are round, inside the range, and do not drift', () => {
  expect(roundTicks(0.556, 1.076, 5).map((tick) => tick.toFixed(3))).toEqual([
    '0.600',
    '0.700',
    '0.800',
    '0.900',
    '1.000',
  ])
  expect(roundTicks(0, 1, 2)).toEqual([0, 0.5, 1])
  expect(roundTicks(0, 120, 4)).toEqual([0, 20, 40, 60, 80, 100, 120])
  expect(roundTicks(1, 1, 4)).toEqual([])
  expect(roundTicks(0, Infinity, 4)).toEqual([])
})

test('a tick is written with the decimals that tell it from its neighbour', () => {
  const ticks = roundTicks(0.97, 1.01, 4)
  expect(ticks.map((tick) => tickLabel(tick, ticks))).toEqual(['0.97', '0.98', '0.99', '1.00', '1.01'])
  expect(tickLabel(0.5, [0, 0.5, 1])).toBe('0.5')
})

test('the scale runs through its stops, and text on it always has a contrast of at least 4.5', () => {
  expect(heatColor(0)).toBe(heatStops[0])
  expect(heatColor(0.3)).toBe(heatStops[3])
  expect(heatColor(1)).toBe(heatStops[10])
  expect(heatColor(7)).toBe(heatStops[10])
  expect(heatInk(0)).toBe('#ffffff')
  expect(heatInk(1)).toBe('#000000')
  for (let at = 0; at <= 1_000; at += 1) expect(heatContrast(at / 1_000)).toBeGreaterThanOrEqual(4.5)
})
