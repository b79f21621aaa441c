import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const read = (environment: Record<string, string>) => readConfig(environment)

test('defaults: this machine only, port 3000, ./data', () => {
  expect(read({})).toMatchObject({
    host: '127.0.0.1',
    port: 3000,
    killSeconds: 20,
    token: null,
  })
  expect(read({}).dataFolder).toMatch(/\/data$/)
  expect(readConfig({ SWEEPBOARD_DATA: '/a' }, '/b').dataFolder).toBe('/b')
})

test.each([
  ['PORT', 'http'],
  ['PORT', '70000'],
  ['SWEEPBOARD_KILL_SECONDS', '-1'],
  ['SWEEPBOARD_KILL_SECONDS', 'soon'],
])('%s=%s is refused with the value quoted', (name, value) => {
  expect(() => read({ [name]: value })).toThrow(`${name}=${value}`)
})

test('a host that other machines reach has a token, made up where none is set', () => {
  const made = read({ HOST: '0.0.0.0' }).token!
  expect(made).toMatch(/^[A-Za-z0-9_-]{32}$/)
  expect(read({ HOST: '0.0.0.0' }).token).not.toBe(made)
  expect(read({ HOST: '0.0.0.0', SWEEPBOARD_TOKEN: 'a-token-of-enough-length' }).token).toBe('a-token-of-enough-length')
  expect(() => read({ SWEEPBOARD_TOKEN: 'short' })).toThrow('at least 16 characters')
})
