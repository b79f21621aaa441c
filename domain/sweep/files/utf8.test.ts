import { expect, test } from 'vitest'
import { badByteWords, decodeUtf8 } from './utf8.ts'

const bytes = (text: string, encoding: BufferEncoding = 'utf8') => new Uint8Array(Buffer.from(text, encoding))

test('UTF-8 of any length is read as it is, a mark at its start left out', () => {
  for (const text of ['', 'name: a', 'naïve – 数学 – 😀', 'x'.repeat(100_000) + 'é'])
    expect(decodeUtf8(bytes(text))).toBe(text)
  expect(decodeUtf8(bytes('\uFEFFname: a'))).toBe('name: a')
})

test.each([
  ['Latin-1', bytes('name: a\naxes: { n: [für] }', 'latin1'), { byte: 0xfc, line: 2, column: 14 }],
  ['UTF-16', bytes('\uFEFFname: a', 'utf16le'), { byte: 0xff, line: 1, column: 1 }],
  ['a character that is cut off', bytes('né').subarray(0, 2), { byte: 0xc3, line: 1, column: 2 }],
])('%s', (_name, given, place) => {
  expect(decodeUtf8(given)).toEqual(place)
})

test('the sentence names place and byte', () => {
  expect(badByteWords({ byte: 0xfc, line: 2, column: 13 })).toBe(
    'line 2, column 13: the byte 0xFC is not UTF-8 (is the file Latin-1 or UTF-16?); expected a file saved as UTF-8',
  )
})
