import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { drawInTurn, drawNoMore } from './draw-in-turn.ts'

let frames: (() => void)[] = []
const nextFrame = () => frames.shift()?.()
let now = 0
beforeEach(() => {
  frames = []
  vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame))
  vi.spyOn(performance, 'now').mockImplementation(() => now)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

test('what is empty is drawn at once; what is drawn again shares frames; what was asked twice is drawn once', () => {
  const drawn: string[] = []
  const charts = ['a', 'b', 'c', 'd'].map((name) => ({ name, empty: true }))
  const ask = (chart: (typeof charts)[0]) =>
    drawInTurn(chart, {
      isEmpty: () => chart.empty,
      draw: () => {
        drawn.push(chart.name)
        chart.empty = false
        now += 10
      },
    })
  for (const chart of charts) ask(chart)
  expect(frames).toHaveLength(1)
  nextFrame()
  expect(drawn.splice(0)).toEqual(['a', 'b', 'c', 'd'])
  expect(frames).toHaveLength(0)
  for (const chart of [...charts, ...charts]) ask(chart)
  drawNoMore(charts[3]!)
  for (const name of ['a', 'b', 'c']) {
    nextFrame()
    expect(drawn.splice(0)).toEqual([name])
  }
  expect(frames).toHaveLength(0)
})
