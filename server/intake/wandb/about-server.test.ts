import { expect, test } from 'vitest'
import { aboutServer, operationOf } from './runs.ts'

test('an older client that asks for the schema first is told of each type that it names, and no error', () => {
  const query = `query ProbeServerSettings { ServerSettingsType: __type(name: "ServerSettings") { ...fieldData }
    InfoType:__type(name:"ServerInfo") { fields { name } inputFields { name } } } fragment fieldData on __Type { fields { name } }`
  expect(aboutServer('ProbeServerSettings', query)).toEqual({
    ServerSettingsType: { name: 'ServerSettings', fields: [], inputFields: [] },
    InfoType: { name: 'ServerInfo', fields: [{ name: 'cliVersionInfo' }], inputFields: [] },
  })
  expect(aboutServer('ProbeConstructor', 'query { A: __type(name: "constructor") }')).toEqual({
    A: { name: 'constructor', fields: [], inputFields: [] },
  })
  expect(aboutServer('UpsertBucket', query)).toBe(null)
  expect(aboutServer('constructor', query)).toBe(null)
})

test('a call without a name is called by what it asks for', () => {
  expect(operationOf('{ viewer { entity } }')).toBe('Viewer')
  expect(operationOf('query { viewer { id } }')).toBe('Viewer')
  expect(operationOf('mutation UpsertBucket($a: String) { viewer }')).toBe('UpsertBucket')
  expect(operationOf('{ model { id } }')).toBe('')
})
