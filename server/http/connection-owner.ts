/** Whose process is at the other end of a connection from this machine, as the kernel says (proc_net_tcp(5)). */
// oxlint-disable-next-line no-restricted-imports -- a file of the kernel's
import { readFileSync } from 'node:fs'
import { isIPv4, type Socket } from 'node:net'
import { endianness } from 'node:os'
import type { ConnectionOwner } from '../base/process/guard.ts'

const tables = { 4: '/proc/net/tcp', 6: '/proc/net/tcp6' }

/** Whether the kernel can be asked here at all. */
export function knowsConnectionOwners(): boolean {
  return process.getuid !== undefined && readTable(4) !== null
}

/** Whose process it is. Ask when the connection is made: what closed its end is nobody's any more. */
export function connectionOwner(socket: Socket): ConnectionOwner {
  const { localAddress, localPort, remoteAddress, remotePort } = socket
  if (!localAddress || !remoteAddress || localPort === undefined || remotePort === undefined) return 'unknown'
  // over there it is the other way round
  const user = findOwner(readTable(isIPv4(remoteAddress) ? 4 : 6) ?? '', {
    from: `${hexAddress(remoteAddress)}:${hexPort(remotePort)}`,
    to: `${hexAddress(localAddress)}:${hexPort(localPort)}`,
  })
  if (user === null) return 'unknown'
  return user === 0 || user === process.getuid?.() ? 'allowed' : 'other'
}

/** The user of the socket that leads `from` there `to` here in a table of the kernel's; null where no process holds it. */
export function findOwner(table: string, { from, to }: { from: string; to: string }): number | null {
  for (const line of table.split('\n')) {
    const [, local, remote, , , , , user, , inode] = line.trim().split(/\s+/)
    // a socket without an inode is nobody's any more, and the kernel then says root
    if (local === from && remote === to && inode !== undefined && inode !== '0') return Number(user)
  }
  return null
}

/** As the kernel writes it: words of 4 bytes in the order of this machine. */
export function hexAddress(address: string): string {
  const bytes = isIPv4(address) ? address.split('.').map(Number) : bytesOfIPv6(address)
  const words = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.slice(at * 4, at * 4 + 4))
  const ordered = endianness() === 'LE' ? words.map((word) => word.toReversed()) : words
  return ordered
    .flat()
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase()
}

function bytesOfIPv6(address: string): number[] {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped) return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...mapped[1]!.split('.').map(Number)]
  const [head, tail] = address.split('%')[0]!.split('::')
  const groups = (text: string | undefined) => (text ? text.split(':').map((group) => Number.parseInt(group, 16)) : [])
  const [before, after] = [groups(head), groups(tail)]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0)
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff])
}

function hexPort(port: number): string {
  return port.toString(16).padStart(4, '0').toUpperCase()
}

function readTable(family: 4 | 6): string | null {
  try {
    return readFileSync(tables[family], 'latin1')
  } catch {
    return null
  }
}
