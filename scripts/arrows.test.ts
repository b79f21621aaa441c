/** The rules of `.dependency-cruiser.mjs` on small trees with one planted import each. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const root = path.join(import.meta.dirname, '..')

/** Names of the rules that a tree of these files breaks; `imports`: file → the files it imports. */
function brokenRules(imports: Record<string, string[]>): string[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'arrows-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const name of ['.dependency-cruiser.mjs', 'tsconfig.json'])
    cpSync(path.join(root, name), path.join(folder, name))
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  for (const file of new Set([...Object.keys(imports), ...Object.values(imports).flat()])) {
    mkdirSync(path.join(folder, path.dirname(file)), { recursive: true })
    const lines = (imports[file] ?? []).map((target, at) => {
      const relative = path.relative(path.dirname(file), target)
      return `import { value as value${at} } from '${relative.startsWith('.') ? relative : `./${relative}`}'\nvoid value${at}`
    })
    writeFileSync(path.join(folder, file), `${lines.join('\n')}\nexport const value = 1\n`)
  }
  const rooms = [...new Set(Object.keys(imports).map((file) => file.split('/')[0]!))]
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.mjs',
      '--output-type',
      'json',
      ...rooms,
    ],
    { cwd: folder, encoding: 'utf8' },
  )
  if (!stdout.startsWith('{')) throw new Error(stdout + stderr)
  const { summary } = JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[] } }
  return [...new Set(summary.violations.map(({ rule }) => rule.name))].sort()
}

test('imports along the arrows break nothing', () => {
  expect(
    brokenRules({
      'server/act/runs/start.ts': ['server/tables/points.ts', 'server/base/context.ts', 'domain/life/schedule.ts'],
      'server/read/runs/show.ts': ['server/tables/points.ts'],
      'server/tables/points.ts': ['server/base/context.ts', 'domain/asking/filter.ts'],
      'domain/asking/filter.ts': ['domain/stats/normal.ts'],
    }),
  ).toEqual([])
})

test.each([
  ['what is shown imports what changes', 'server/read/runs/show.ts', 'server/act/runs/start.ts', /^server-read-/],
  ['what changes imports what is shown', 'server/act/runs/start.ts', 'server/read/runs/show.ts', /^server-act-/],
  ['a helper imports a verb', 'server/base/find.ts', 'server/act/runs/start.ts', /^server-base-/],
  ['a format imports a helper', 'server/formats/csv.ts', 'server/base/find.ts', /^server-formats-/],
  ['a drawer of the domain imports a later one', 'domain/stats/normal.ts', 'domain/score/score.ts', /^domain-stats-/],
  ['the domain imports the database', 'domain/score/score.ts', 'db/client.ts', /^domain-imports-zod-only$/],
  ['the contract imports the server', 'contract/api/runs.ts', 'server/base/find.ts', /^contract-/],
  ['the trainer imports the server', 'trainer/loop.ts', 'server/base/find.ts', /^trainer-stands-alone$/],
  ['the server imports the trainer', 'server/base/find.ts', 'trainer/loop.ts', /^server-knows-no-trainer$/],
  ['a room imports the process', 'server/act/runs/start.ts', 'server/main.ts', /^server-rooms-know-no-process$/],
])('refused: %s', (_name, from, to, rule) => {
  const broken = brokenRules({ [from]: [to], [to]: [] })
  expect(broken.length).toBeGreaterThan(0)
  for (const name of broken) expect(name).toMatch(rule)
})

test('a circle of folders is refused although no file is in a circle', () => {
  expect(
    brokenRules({
      'server/base/a.ts': ['server/tables/b.ts'],
      'server/tables/b.ts': [],
      'server/tables/c.ts': ['server/base/d.ts'],
      'server/base/d.ts': [],
    }),
  ).toEqual([expect.stringMatching(/^server-base-/)])
})

test('a circle of new folders is refused, as a new folder has no arrows yet', () => {
  expect(
    brokenRules({
      'server/one/a.ts': ['server/two/b.ts'],
      'server/two/b.ts': [],
      'server/two/c.ts': ['server/one/d.ts'],
      'server/one/d.ts': [],
    }),
  ).toEqual(['server-rooms-are-known'])
})
