import { expect, test } from 'vitest'
import { openDoubles } from '../../contract/doubles.ts'
import { packDoubles } from './pack-doubles.ts'

test('every double comes back, of a part of a longer column too', () => {
  const all = Float64Array.from([0, -0, 1 / 3, NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 2 ** 53 - 1])
  expect(openDoubles(packDoubles(all))).toEqual(all)
  expect(openDoubles(packDoubles(all.subarray(2, 5)))).toEqual(all.slice(2, 5))
  expect(openDoubles(packDoubles(new Float64Array(0)))).toHaveLength(0)
  const long = Float64Array.from({ length: 5000 }, (_, at) => Math.sin(at))
  expect(openDoubles(packDoubles(long))).toEqual(long)
})
