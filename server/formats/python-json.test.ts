import { expect, test } from 'vitest'
import { parsePythonJson } from './python-json.ts'

test('reads plain JSON as JSON.parse does', () => {
  expect(parsePythonJson('{"acc": {"AMC23": 0.4}}')).toEqual({ acc: { AMC23: 0.4 } })
})

test('reads bare NaN and infinities as if they were quoted, and leaves texts that look like them', () => {
  expect(parsePythonJson('{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN, \\" Infinity", "NaN": 1}')).toEqual({
    a: 'NaN',
    b: ['-Infinity', 'Infinity'],
    c: 'NaN, " Infinity',
    NaN: 1,
  })
})

test('a text of many megabytes beside a NaN is read', () => {
  const long = 'x'.repeat(20_000_000)
  expect(parsePythonJson(`{"text":"${long}","value":NaN}`)).toEqual({ text: long, value: 'NaN' })
})

test.each(['{"acc": {"AMC23": 0.', '', 'NaN NaN', '{"a": nan}'])('refuses %j', (text) => {
  expect(() => parsePythonJson(text)).toThrow(SyntaxError)
})
