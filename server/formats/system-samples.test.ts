import { expect, test } from 'vitest'
import { parseSystemSamples } from './system-samples.ts'

test('keeps known names with finite numbers, by whole second', () => {
  const line = '{"time":1700000000.7,"values":{"system/attempt/cpu_percent":99.5,"system/gpu.12/power_watts":300}}\n'
  expect(parseSystemSamples(line + line)).toHaveLength(2)
  expect(parseSystemSamples(line)).toEqual([
    {
      step: 1_700_000_000,
      time: 1_700_000_000.7,
      values: { 'system/attempt/cpu_percent': 99.5, 'system/gpu.12/power_watts': 300 },
    },
  ])
})

test.each([
  '',
  'null',
  '[]',
  '{"time":1,"values":null}',
  '{"time":"1","values":{"system/attempt/cpu_percent":1}}',
  '{"time":-1,"values":{"system/attempt/cpu_percent":1}}',
  '{"time":1e300,"values":{"system/attempt/cpu_percent":1}}',
  '{"time":1,"values":{"system/attempt/cpu_percent":"1"}}',
  '{"time":1,"values":{"loss":1,"__proto__":2,"system/../cpu":3}}',
  '{"time":1,"values":{"system/attempt/cpu_perc',
])('leaves out what is no sample: %s', (line) => {
  expect(parseSystemSamples(line)).toEqual([])
})
