/**
 * `npm run check`: format, lint, arrows, unused code and types, all at once, a line each. Exits 1 when one of them failed.
 * `npm run check -- --fix` first formats and mends what the linter can mend.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..')
const rooms = ['app', 'bench', 'cli', 'contract', 'db', 'domain', 'examples', 'scripts', 'server', 'tests', 'trainer']
const oxfmt = 'oxfmt/bin/oxfmt'
const oxlint = 'oxlint/bin/oxlint'

const checks: { name: string; program: string; arguments: string[] }[] = [
  { name: 'format', program: oxfmt, arguments: ['--check', '.'] },
  { name: 'lint', program: oxlint, arguments: ['--deny-warnings', '--report-unused-disable-directives'] },
  {
    name: 'arrows',
    program: 'dependency-cruiser/bin/dependency-cruise.mjs',
    arguments: [
      '--config',
      '.dependency-cruiser.mjs',
      '--output-type',
      'err-long',
      ...rooms.filter((room) => existsSync(path.join(root, room))),
    ],
  },
  { name: 'unused', program: 'knip/bin/knip.js', arguments: ['--no-progress', '--no-config-hints'] },
  // the compiler's native port; what reads TypeScript as a library (arrows, unused) still takes the one before
  { name: 'types', program: 'typescript-native/bin/tsc', arguments: ['--noEmit', '--project', 'tsconfig.check.json'] },
]

type Outcome = { name: string; passed: boolean; output: string; seconds: number }

function command(program: string): string {
  return path.join(root, 'node_modules', program)
}

function runCheck({ name, program, arguments: commandArguments }: (typeof checks)[number]): Promise<Outcome> {
  const started = performance.now()
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [command(program), ...commandArguments], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      // a terminal's colours reach the person although the output is held back until the check has ended
      env: { ...process.env, ...(process.stdout.isTTY && !process.env.NO_COLOR ? { FORCE_COLOR: '1' } : {}) },
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (output += text))
    child.on('error', (error) => (output += `${command(program)} could not be started: ${error.message}\n`))
    child.on('close', (code, signal) => {
      if (signal) output += `${name} was ended by ${signal}.\n`
      resolve({ name, passed: code === 0, output, seconds: (performance.now() - started) / 1000 })
    })
  })
}

// whoever reads the output may leave before its end (`npm run check | head`)
process.stdout.on('error', () => process.exit(1))

if (process.argv.includes('--fix')) {
  spawnSync(process.execPath, [command(oxlint), '--fix'], { cwd: root, stdio: 'ignore' })
  spawnSync(process.execPath, [command(oxfmt), '.'], { cwd: root, stdio: 'inherit' })
}

const outcomes = await Promise.all(
  checks.map(async (check) => {
    const outcome = await runCheck(check)
    const line = `${outcome.passed ? 'ok    ' : 'FAILED'}  ${outcome.name.padEnd(8)} ${outcome.seconds.toFixed(1).padStart(5)} s\n`
    process.stdout.write(outcome.passed ? line : `${line}${outcome.output.trimEnd()}\n\n`)
    return outcome
  }),
)
const failed = outcomes.filter((outcome) => !outcome.passed).map((outcome) => outcome.name)
if (failed.length > 0) process.stdout.write(`npm run check: ${failed.join(', ')} failed.\n`)
process.exitCode = failed.length > 0 ? 1 : 0
