import { expect, test } from 'vitest'
import type { ScaledAxis, SurfaceView } from '../../../../contract/api/parameters.ts'
import type { PlotColors } from '../../../_charts/plot.tsx'
import { contourFigure, isLandscape } from './contour-figure.ts'

const axis = (name: string, values: string[]): ScaledAxis => ({
  name,
  values,
  milestone: false,
  scale: 'linear',
  order: values.map((_, at) => at),
})
const surfaceOf = (means: (number | null)[]): SurfaceView => ({
  down: 'd',
  across: 'a',
  others: 'mean',
  means,
  counts: means.map((mean) => Number(mean !== null)),
  halves: means.map(() => null),
  held: {},
})
const colors = { ink: '', ink2: '', line: '', background: '', accent: '', bar: '', barTied: '' } satisfies PlotColors

test('points at which an axis is not there make no landscape', () => {
  const axes = { down: axis('d', ['0.8', '0.9', '–']), across: axis('a', ['1', '2']) }
  expect(isLandscape(surfaceOf([1, 2, 3, 4, null, null]), axes)).toBe(true)
  // one row with numbers; the other is where the axis is not
  expect(isLandscape(surfaceOf([null, null, 1, 2, 3, 4]), axes)).toBe(false)
  expect(isLandscape(surfaceOf([null, null, null, null, 3, 4]), axes)).toBe(false)
})

test('the star stands on the best, and the lightest colour with it, whichever way is better', () => {
  const axes = { down: axis('d', ['1', '2']), across: axis('a', ['1', '2']) }
  const starOf = (goal: 'maximize' | 'minimize') => {
    const { data } = contourFigure(surfaceOf([4, 2, 3, 1]), { ...axes, goal, colors })
    const [landscape, dots] = data as [{ reversescale: boolean }, { marker: { symbol: string[] }; text: string[] }]
    return [landscape.reversescale, dots.text[dots.marker.symbol.indexOf('star')]]
  }
  expect(starOf('maximize')).toEqual([false, '4.000'])
  expect(starOf('minimize')).toEqual([true, '1.000'])
})
