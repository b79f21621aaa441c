/** What the tests that are asked for need built before they start. */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Options of vitest whose value is a word of its own, so that it is not taken for a part of a file's name. */
const withValue = [
  '-t',
  '--testNamePattern',
  '--project',
  '-c',
  '--config',
  '--reporter',
  '--bail',
  '--retry',
  '--shard',
]

/**
 * The flags of scripts/setup.mjs for these arguments of vitest: `--build` where a file is asked for that starts a server with
 * its pages, `--browser` where one opens them. Without the name of a file all are asked for. `root`: the checkout.
 */
export function needsOf(given: readonly string[], root: string): string[] {
  const names = given.filter((word, at) => !word.startsWith('-') && !withValue.includes(given[at - 1] ?? ''))
  const files = globSync(['tests/**/*.test.ts', '*/**/*.system.test.ts'], {
    cwd: root,
    exclude: ['node_modules/**', '.next*/**', 'build/**', 'data/**'],
  }).filter((file) => names.length === 0 || names.some((name) => isMeant(file, name, root)))
  const texts = files.map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }))
  const opens = texts.some(({ file, text }) => file.startsWith('tests/browser/') || text.includes('openBrowser'))
  const serves = opens || texts.some(({ text }) => text.includes('startServer'))
  return [...(serves ? ['--build'] : []), ...(opens ? ['--browser'] : [])]
}

/** As vitest sees it: a part of the path, from the root of the disk or not, perhaps with a line. */
function isMeant(file: string, name: string, root: string): boolean {
  const plain = name.replace(/:\d+$/, '').replace(/^\.\//, '')
  return path.join(root, file).includes(plain)
}
