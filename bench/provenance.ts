/**
 * What it costs to look at what an attempt is run with, in repositories of several sizes: until it is known, and in processor time of this
 * process and of git, which other programs on the machine disturb little.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { performance } from 'node:perf_hooks'
import { openLook } from '../server/provenance/look-at-attempt.ts'
import { printTable } from './table.ts'

const rounds = 40
const sizes = [
  { files: 0, changed: 0 },
  { files: 200, changed: 3 },
  { files: 5000, changed: 20 },
  { files: 20_000, changed: 50 },
]

function makeRepository(folder: string, { files, changed }: (typeof sizes)[number]): void {
  const text = 'x = 1\n'.repeat(100)
  const name = (at: number) => path.join(folder, `package-${at % 100}`, `module_${at}.py`)
  for (let at = 0; at < 100; at++) mkdirSync(path.join(folder, `package-${at}`))
  writeFileSync(path.join(folder, 'train.py'), text)
  if (files === 0) return
  for (let at = 0; at < files; at++) writeFileSync(name(at), text)
  const git = (...given: string[]) =>
    execFileSync('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', ...given], { cwd: folder })
  git('init', '--quiet')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'all')
  for (let at = 0; at < changed; at++) writeFileSync(name(at), `${text}y = 2\n`)
}

/** Milliseconds of processor time of this process and of those that it has waited for; the kernel counts hundredths of a second. */
function processorMilliseconds(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ')
  return 10 * [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0)
}

export async function run(): Promise<void> {
  const rows = [
    ['tracked files, of them changed', 'first look, ms', 'later ones, median, ms', 'each, processor time, ms'],
  ]
  for (const size of sizes) {
    const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-bench-'))
    try {
      makeRepository(folder, size)
      const attempt = {
        command: ['python3', 'train.py'],
        directory: folder,
        builtIn: false,
        inherited: process.env,
        variables: {},
        data: [],
        here: true,
        gpus: false,
      }
      const took: number[] = []
      let processor = 0
      for (let round = 0; round <= rounds; round++) {
        if (round === 1) processor = processorMilliseconds()
        const started = performance.now()
        await openLook()(attempt)
        took.push(performance.now() - started)
      }
      const each = ((processorMilliseconds() - processor) / rounds).toFixed(1)
      const median = (values: number[]) => {
        const sorted = values.slice(1).toSorted((a, b) => a - b)
        return sorted[rounds >> 1]!.toFixed(1)
      }
      rows.push([
        size.files === 0 ? 'no repository' : `${size.files.toLocaleString('en-US')}, ${size.changed}`,
        took[0]!.toFixed(0),
        median(took),
        each,
      ])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  printTable('What an attempt is run with, looked at', rows)
}
