/** The rule of the check that keeps server/attempt-files/ the only room that opens files: a planted violation is found. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'

const project = path.join(import.meta.dirname, '../..')
const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-planted-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function lint(file: string, text: string): string {
  copyFileSync(path.join(project, '.oxlintrc.json'), path.join(folder, '.oxlintrc.json'))
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
  writeFileSync(path.join(folder, file), text)
  const oxlint = path.join(project, 'node_modules/oxlint/bin/oxlint')
  const { stdout } = spawnSync(process.execPath, [oxlint, '--deny-warnings', file], { cwd: folder, encoding: 'utf8' })
  return stdout
}

test('the check refuses another file of server/ that opens files, however it is written', () => {
  const planted = [
    "import { readFileSync } from 'node:fs'\nexport const text = readFileSync('events.jsonl', 'utf8')\n",
    "import { openSync as begin } from 'node:fs'\nexport const file = begin('events.jsonl', 'r')\n",
    "import fs from 'node:fs'\nexport const file = fs.openSync('events.jsonl', 'r')\n",
    "import * as fs from 'node:fs'\nexport const file = fs.openSync('events.jsonl', 'r')\n",
    "import { createReadStream } from 'fs'\nexport const stream = createReadStream('stdout.log')\n",
    "import { open } from 'node:fs/promises'\nexport const file = await open('stdout.log')\n",
    "import { promises } from 'node:fs'\nexport const file = await promises.open('stdout.log')\n",
  ]
  for (const text of planted)
    for (const file of ['server/formats/planted.ts', 'server/planted.ts'])
      expect(lint(file, text), `${file}: ${text}`).toMatch(/no-restricted-imports/)
})

test('the room itself opens them, and looking at what is there is no opening', () => {
  const opens = "import { openSync } from 'node:fs'\nexport const file = openSync('events.jsonl', 'r')\n"
  expect(lint('server/attempt-files/planted.ts', opens)).not.toMatch(/no-restricted-imports/)
  const looks = "import { existsSync } from 'node:fs'\nexport const there = existsSync('events.jsonl')\n"
  expect(lint('server/formats/looks.ts', looks)).not.toMatch(/no-restricted-imports/)
})
