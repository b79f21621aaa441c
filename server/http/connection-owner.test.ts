import { connect, createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { connectionOwner, findOwner, hexAddress } from './connection-owner.ts'

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:0BB8 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:C001 0100007F:0BB8 01 00000000:00000000 00:00000000 00000000  1001        0 4713 1 0000000000000000 20 4 30 10 -1
   3: 0100007F:C002 0100007F:0BB8 05 00000000:00000000 00:00000000 00000000     0        0 0 1 0000000000000000 20 4 30 10 -1
`

test('the owner is that of the other end, not of this one', () => {
  expect(findOwner(table, { from: '0100007F:C001', to: '0100007F:0BB8' })).toBe(1001)
})

test('a socket that its process closed is nobody’s, though the kernel says root', () => {
  expect(findOwner(table, { from: '0100007F:C002', to: '0100007F:0BB8' })).toBeNull()
  expect(findOwner(table, { from: '0100007F:C003', to: '0100007F:0BB8' })).toBeNull()
  expect(findOwner('', { from: '', to: '' })).toBeNull()
})

test('addresses are written as the kernel does', () => {
  expect(hexAddress('127.0.0.1')).toBe('0100007F')
  expect(hexAddress('::1')).toBe('00000000000000000000000001000000')
  expect(hexAddress('::ffff:127.0.0.1')).toBe('0000000000000000FFFF00000100007F')
})

test.each(['127.0.0.1', '::1'])(
  'a connection of one’s own over %s is told from what is closed already',
  async (host) => {
    const accepted = Promise.withResolvers<Socket>()
    const server = createServer((socket) => accepted.resolve(socket))
    await new Promise<void>((resolve) => server.listen(0, host, resolve))
    const client = connect((server.address() as { port: number }).port, host)
    try {
      const socket = await accepted.promise
      expect(connectionOwner(socket)).toBe('allowed')
      client.destroy()
      await new Promise((resolve) => socket.resume().on('close', resolve))
      expect(connectionOwner(socket)).toBe('unknown')
    } finally {
      client.destroy()
      server.close()
    }
  },
)
