import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { needsOf } from './test-needs.ts'

function checkout(): string {
  const root = mkdtempSync(path.join(tmpdir(), 'test-needs-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const files = {
    'domain/sweep/plan.test.ts': '',
    'scripts/setup.system.test.ts': 'spawn()',
    'tests/sweep.test.ts': 'openDataFolder()',
    'tests/http.test.ts': "import { startServer } from './start-server.ts'",
    'tests/browser/live.test.ts': "import { test } from './harness.ts'",
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
    writeFileSync(path.join(root, file), text)
  }
  return root
}

test.each([
  [['domain/sweep/plan.test.ts'], []],
  [['domain'], []],
  [['domain', '-t', 'browser'], []],
  [['tests/sweep.test.ts', 'scripts'], []],
  [['tests/http.test.ts'], ['--build']],
  [['./tests/http.test.ts:12'], ['--build']],
  [['tests/browser'], ['--build', '--browser']],
  [['live'], ['--build', '--browser']],
  [['tests'], ['--build', '--browser']],
  [[], ['--build', '--browser']],
  [
    ['-t', 'a sentence'],
    ['--build', '--browser'],
  ],
  [['--project=system'], ['--build', '--browser']],
])('npm test -- %j needs %j', (given, needs) => {
  expect(needsOf(given, checkout())).toEqual(needs)
})
