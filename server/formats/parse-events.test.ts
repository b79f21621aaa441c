import { expect, test } from 'vitest'
import { type ParsedEvents, parseEvents } from './parse-events.ts'

function parse(...lines: string[]): ParsedEvents {
  const buffer = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  return parseEvents(buffer, buffer.length, 1)
}

function message(line: string): string {
  const { metrics, others, unknown, problems } = parse(line)
  expect({ metrics, others, unknown }).toEqual({ metrics: [], others: [], unknown: [] })
  expect(problems).toHaveLength(1)
  expect(problems[0]!.line).toBe(1)
  return problems[0]!.message
}

test('metrics become rows', () => {
  const parsed = parse(
    '{"type":"metrics","step":10,"values":{"loss":1.23,"learning_rate":1e-5}}',
    '{"type":"metrics","step":11,"time":1763880000.25,"values":{"loss":2}}',
    '{"step":12.0,"values":{"loss":-0.0},"type":"metrics","time":null}',
  )
  expect(parsed).toEqual({
    metrics: [
      { step: 10, time: null, values: { loss: 1.23, learning_rate: 1e-5 } },
      { step: 11, time: 1763880000.25, values: { loss: 2 } },
      { step: 12, time: null, values: { loss: -0 } },
    ],
    others: [],
    unknown: [],
    problems: [],
    lines: 3,
  })
})

test('NaN and infinities are read as texts and as Python writes them', () => {
  const parsed = parse(
    '{"type":"metrics","step":1,"values":{"a":NaN,"b":Infinity,"c":-Infinity}}',
    '{"type":"metrics","step":2,"values":{"a":"NaN","b":"Infinity","c":"-Infinity"}}',
    '{"type": "metrics", "step": 3, "values": {"NaN \\" Infinity": NaN, "b\\\\": -Infinity, "c": 1}}',
    '{"type":"sample","step":1,"prompt":"is NaN -Infinity?","response":"\\"NaN","reward":NaN,"parts":{"correct":-Infinity}}',
    '{"type":"metrics","step":4,"values":{"a":1e999}}',
  )
  expect(parsed.problems).toEqual([])
  expect(parsed.metrics.map(({ values }) => values)).toEqual([
    { a: NaN, b: Infinity, c: -Infinity },
    { a: NaN, b: Infinity, c: -Infinity },
    { 'NaN " Infinity': NaN, 'b\\': -Infinity, c: 1 },
    { a: Infinity },
  ])
  expect(parsed.others[0]!.event).toEqual({
    type: 'sample',
    step: 1,
    prompt: 'is NaN -Infinity?',
    response: '"NaN',
    reward: NaN,
    parts: { correct: -Infinity },
  })
})

test('the other events come with their line; null stands for absent', () => {
  const parsed = parse(
    '{"type":"progress","done":10,"total":300}',
    '{"type":"checkpoint","step":120,"epoch":3,"path":"checkpoints/step-120","time":5}',
    '{"type":"checkpoint","step":120,"epoch":null,"path":"x"}',
    '{"type":"evaluation","step":120,"benchmark":"AMC23","correct":16,"total":40,"items":"eval/a.jsonl"}',
    '{"type":"note","level":"warning","text":"…"}',
  )
  expect(parsed.problems).toEqual([])
  expect(parsed.others).toEqual([
    { line: 1, event: { type: 'progress', done: 10, total: 300 } },
    { line: 2, event: { type: 'checkpoint', step: 120, epoch: 3, path: 'checkpoints/step-120', time: 5 } },
    { line: 3, event: { type: 'checkpoint', step: 120, path: 'x' } },
    {
      line: 4,
      event: { type: 'evaluation', step: 120, benchmark: 'AMC23', correct: 16, total: 40, items: 'eval/a.jsonl' },
    },
    { line: 5, event: { type: 'note', level: 'warning', text: '…' } },
  ])
})

test('unknown types are kept whole', () => {
  const parsed = parse('{"type":"histogram","bins":[1,2]}', '{"type":"toString"}', '{"type":"__proto__","a":NaN}')
  expect(parsed.unknown).toEqual([
    { line: 1, type: 'histogram', body: { type: 'histogram', bins: [1, 2] } },
    { line: 2, type: 'toString', body: { type: 'toString' } },
    { line: 3, type: '__proto__', body: { type: '__proto__', a: 'NaN' } },
  ])
})

test('what is wrong is said with the value', () => {
  expect(message('hello')).toMatch(/^Line 1 is not JSON: "hello"\. Expected one event a line/)
  expect(message('{"type":"metrics","step":1,"val')).toMatch(/ends before its JSON does .*cut off/)
  expect(message('[1,2]')).toMatch(/is \[1,2\]; expected a JSON object/)
  expect(message('null')).toMatch(/is null; expected a JSON object/)
  expect(message('NaN')).toMatch(/is "NaN"; expected a JSON object/)
  expect(message('{}')).toMatch(/has no "type"/)
  expect(message('{"type":7}')).toMatch(/has the type 7/)
  const metrics = (fields: string): string => message(`{"type":"metrics",${fields}}`)
  expect(metrics('"step":-1,"values":{"a":1}')).toMatch(/has -1 as "step"; expected a whole number from 0/)
  expect(metrics('"step":1.5,"values":{"a":1}')).toMatch(/has 1.5 as "step"/)
  expect(metrics('"step":9007199254740993,"values":{"a":1}')).toMatch(/has 9007199254740992 as "step"/)
  expect(metrics('"step":"3","values":{"a":1}')).toMatch(/has "3" as "step"/)
  expect(metrics('"step":NaN,"values":{"a":1}')).toMatch(/has "NaN" as "step"/)
  expect(metrics('"values":{"a":1}')).toMatch(/has no "step"/)
  expect(metrics('"step":1,"time":"now","values":{"a":1}')).toMatch(/has "now" as "time"; expected seconds since 1970/)
  expect(metrics('"step":1,"values":[1]')).toMatch(/has \[1\] as "values"/)
  expect(metrics('"step":1')).toMatch(/has no "values"/)
  expect(metrics('"step":1,"values":{"a":null}')).toMatch(/has null as the value of "a"; expected a number/)
  expect(message('{"type":"progress","done":-1,"total":3}')).toMatch(/has -1 as "done"/)
  expect(message('{"type":"checkpoint","step":1,"path":""}')).toMatch(/has "" as "path"/)
  expect(message('{"type":"checkpoint","step":1,"path":"a\\u0000b"}')).toMatch(/as "path"; .* no NUL/)
  expect(message('{"type":"evaluation","step":1,"benchmark":"A","correct":5,"total":4}')).toMatch(
    /has 5 as "correct"; .*which is 4/,
  )
  expect(message('{"type":"evaluation","step":1,"benchmark":"A","correct":0,"total":0}')).toMatch(/has 0 as "total"/)
  expect(message('{"type":"evaluation","step":1,"benchmark":"A","correct":0.5,"total":1}')).toMatch(
    /has 0.5 as "correct"/,
  )
  expect(message('{"type":"note","level":"loud","text":"x"}')).toMatch(/has "loud" as "level"; expected "info"/)
  expect(
    message('{"type":"sample","step":1,"prompt":"p","response":"r","group":{"samples":0,"mean":1,"deviation":0}}'),
  ).toMatch(/expected an object with samples, mean and deviation/)
  expect(message('{"type":"sample","step":1,"prompt":"p"}')).toMatch(/has no "response"/)
  expect(message('{"type":"sample","step":1,"prompt":"p","response":"r","parts":{"a":"b"}}')).toMatch(
    /has \{"a":"b"\} as "parts"/,
  )
})

test('a value that is no number is reported and the rest of its line kept', () => {
  const { metrics, problems } = parse('{"type":"metrics","step":4,"values":{"a":1,"b":"high","c":null,"d":[1],"e":2}}')
  expect(metrics).toEqual([{ step: 4, time: null, values: { a: 1, e: 2 } }])
  expect(problems).toHaveLength(1)
  expect(problems[0]!.message).toBe(
    'Line 1 has "high" as the value of "b"; expected a number, "NaN", "Infinity" or "-Infinity". ' +
      'The same holds for 2 more of its values (["c","d"]). The other values of the line are kept.',
  )
})

test('__proto__ is a name like others', () => {
  const { metrics, problems } = parse(
    '{"type":"metrics","step":1,"__proto__":{"step":5},"values":{"__proto__":"NaN","a":1}}',
  )
  expect(problems).toEqual([])
  expect(Object.entries(metrics[0]!.values)).toEqual([
    ['__proto__', NaN],
    ['a', 1],
  ])
  expect(({} as Record<string, unknown>).step).toBeUndefined()
})

test('empty lines, carriage returns and a byte order mark are passed over, and lines are still counted', () => {
  const buffer = Buffer.from(
    '\ufeff{"type":"metrics","step":1,"values":{"a":1}}\r\n\n\r\n   \n{"type":"metrics","step":2,"values":{"a":2}}\nbroken',
  )
  const parsed = parseEvents(buffer, buffer.length, 101)
  expect(parsed.metrics.map(({ step }) => step)).toEqual([1, 2])
  expect(parsed.lines).toBe(6)
  expect(parsed.problems.map(({ line }) => line)).toEqual([106])
})

test('bytes after the end are left alone', () => {
  const buffer = Buffer.from('{"type":"metrics","step":1,"values":{"a":1}}\n{"type":"metrics","st')
  const parsed = parseEvents(buffer, buffer.indexOf(10) + 1, 1)
  expect(parsed).toMatchObject({ lines: 1, problems: [] })
  expect(parseEvents(buffer, 0, 1)).toEqual({ metrics: [], others: [], unknown: [], problems: [], lines: 0 })
})

test('bytes that are no UTF-8 are replaced and reported; the event is kept', () => {
  const line = Buffer.from('{"type":"metrics","step":1,"values":{"aX":1}}\n')
  const good = Buffer.from('{"type":"metrics","step":2,"values":{"ä":1}}\n')
  line[line.indexOf('X')] = 0xff
  const buffer = Buffer.concat([line, good])
  const parsed = parseEvents(buffer, buffer.length, 1)
  expect(parsed.metrics.map(({ values }) => Object.keys(values))).toEqual([['a\ufffd'], ['ä']])
  expect(parsed.problems.map(({ message: text }) => text)).toEqual([
    'Line 1 has bytes that are not UTF-8; each was replaced by �.',
  ])
})

test('NUL bytes, as a power cut leaves them, are one problem', () => {
  const buffer = Buffer.concat([Buffer.alloc(5000), Buffer.from('\n{"type":"progress","done":1,"total":2}\n')])
  const parsed = parseEvents(buffer, buffer.length, 1)
  expect(parsed.problems).toHaveLength(1)
  expect(parsed.problems[0]!.message).toMatch(/^Line 1 is not JSON: "\\u0000\\u0000/)
  expect(parsed.problems[0]!.message.length).toBeLessThan(400)
  expect(parsed.problems[0]!.text).toHaveLength(200)
  expect(parsed.others).toHaveLength(1)
})

test('a line of 10 MB is read, and one that is broken is cut in its message', () => {
  const long = 'x"NaN'.repeat(2_000_000)
  const sample = JSON.stringify({ type: 'sample', step: 1, prompt: long, response: '' })
  const parsed = parse(sample, sample.replace('"step":1', '"step":NaN'), sample.slice(0, -10), '['.repeat(1_000_000))
  expect(parsed.others).toHaveLength(1)
  expect(parsed.problems.map(({ line }) => line)).toEqual([2, 3, 4])
  for (const { message: text } of parsed.problems) expect(text.length).toBeLessThan(500)
})
