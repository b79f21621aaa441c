/** What an attempt may leave in a folder, described by text: a line an entry, the kind before the name. */
import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Random } from '../../domain/stats/rng.ts'
import { below, oneOf } from './generate.ts'

const kinds = ['file', 'json', 'big', 'folder', 'pipe', 'loop', 'out', 'device', 'nothing', 'closed', 'link']
const names = [
  'report.json',
  'events.jsonl',
  'stdout.log',
  'config.json',
  'model.safetensors',
  'checkpoint-10',
  'trainer_state.json',
  'a b',
  '-rf',
  'é',
  '*',
  'x'.repeat(255),
]

export const anyEntries = (random: Random): string =>
  Array.from({ length: 1 + below(random, 5) }, () => `${oneOf(random, kinds)} ${oneOf(random, names)}`).join('\n')

/** Makes them in the folder, in place of what is there. */
export function leaveEntries(folder: string, entries: string): void {
  for (const [, kind, name] of entries.matchAll(/^(\w+) (.+)$/gm)) leaveEntry(path.join(folder, name!), kind!)
}

function leaveEntry(file: string, kind: string): void {
  rmSync(file, { recursive: true, force: true })
  if (kind === 'file') writeFileSync(file, 'x')
  else if (kind === 'json') writeFileSync(file, '{"global_step": 10, "epoch": 1}')
  else if (kind === 'big') writeSparse(file, 1 << 30)
  else if (kind === 'folder') mkdirSync(path.join(file, 'within'), { recursive: true })
  else if (kind === 'pipe') linkSync(aPipe(), file)
  else if (kind === 'closed') writeFileSync(file, 'x', { mode: 0 })
  else if (kind === 'loop') symlinkSync(path.basename(file), file)
  else if (kind === 'out') symlinkSync('/etc/hostname', file)
  else if (kind === 'device') symlinkSync('/dev/zero', file)
  else if (kind === 'nothing') symlinkSync('nowhere', file)
  else symlinkSync('report.json', file)
}

function writeSparse(file: string, bytes: number): void {
  writeFileSync(file, '')
  truncateSync(file, bytes)
}

let pipe: string | null = null
/** One that the others are names of: making it takes a process. */
function aPipe(): string {
  if (pipe !== null) return pipe
  const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-pipe-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  pipe = path.join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  return pipe
}
