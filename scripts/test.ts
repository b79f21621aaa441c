/**
 * `npm test`: runs vitest and ends with the line `N passed, N failed` (and `, N skipped` where some were). Arguments go on
 * to vitest: `npm test -- domain` runs the files whose path holds "domain", and only what these need is built before. Exits 0
 * only when nothing failed.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { needsOf } from './test-needs.ts'

/** What is read of vitest's JSON report. */
type Report = {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { status: string; assertionResults: { status: string }[] }[]
}

const root = path.join(import.meta.dirname, '..')
const given = process.argv.slice(2)
const needs = needsOf(given, root)
if (needs.length > 0) {
  const setUp = [path.join(root, 'scripts/setup.mjs'), ...needs]
  const { status } = spawnSync(process.execPath, setUp, { cwd: root, stdio: 'inherit' })
  if (status !== 0) {
    process.stdout.write('\n0 passed, 1 failed\n')
    process.exit(1)
  }
}
const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-test-'))
const reportFile = path.join(folder, 'report.json')

// A person's own settings must not change what the tests find.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !name.startsWith('SWEEPBOARD_') && !['PORT', 'HOST', 'NODE_ENV', 'NODE_OPTIONS'].includes(name),
  ),
)

// Failures (stderr) stand between the other lines where they belong, and nothing comes after the last line.
const vitest = spawn(
  process.execPath,
  [
    path.join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
    ...given,
  ],
  { cwd: root, stdio: ['inherit', 1, 1], env: environment as NodeJS.ProcessEnv },
)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => vitest.kill(signal))
const succeeded = await new Promise<boolean>((resolve) => {
  vitest.on('error', () => resolve(false))
  vitest.on('exit', (code) => resolve(code === 0))
})

const { passed, failed, skipped } = count(readReport(), succeeded)
rmSync(folder, { recursive: true, force: true })
process.exitCode = failed > 0 ? 1 : 0
process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)

function readReport(): Report | null {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8'))
  } catch {
    // vitest ended before it could report
    return null
  }
}

function count(report: Report | null, succeeded: boolean): { passed: number; failed: number; skipped: number } {
  if (report === null) return { passed: 0, failed: 1, skipped: 0 }
  // a file that cannot be loaded, or whose hooks fail, has no failed test of its own to be counted by
  const failedFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length
  const failed = report.numFailedTests + failedFiles
  return {
    passed: report.numPassedTests,
    // an error outside any test fails the run as well
    failed: failed === 0 && !succeeded ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}
