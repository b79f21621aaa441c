/** What CONTRIBUTING.md promises: its paths are there, and who forgets a step of a recipe finds a test that says so. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { metricRoles, type MetricRole } from '../domain/score/metric-roles.ts'
import { appRouter } from '../server/api/root.ts'
import { executorNames } from '../domain/sweep/executor.ts'
import { metricsFormats } from '../server/http/export-metrics.ts'

const root = path.join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

test.each(['CONTRIBUTING.md', 'ARCHITECTURE.md'])('the files and folders that %s names are there', (page) => {
  const named = [...read(page).matchAll(/`((?:[\w.[\]-]+\/)+[\w.[\]-]*|[\w-]+\.(?:md|json|mjs))`/g)].map(
    (match) => match[1]!,
  )
  expect(named.length).toBeGreaterThan(5)
  const nameOf = (file: string) => file.replace(/\/$/, '')
  // a word in capitals stands for a name that the reader chooses
  const missing = named.filter(
    (name) =>
      !/[A-Z]{4,}[/-]/.test(name) &&
      !existsSync(path.join(root, name)) &&
      globSync(`**/${nameOf(name)}`, globbing).length === 0,
  )
  expect(missing).toEqual([])
})

const globbing = { cwd: root, exclude: ['node_modules/**', '.next*/**', 'build/**', 'data/**'] }

test('a page: the test of every page opens it, at each address that app/ has', () => {
  const opened = read('tests/browser/every-page.test.ts')
  const addresses = globSync('app/**/page.tsx', { cwd: root }).map((file) => path.dirname(file).replace(/^app\/?/, '/'))
  expect(addresses.length).toBeGreaterThan(5)
  const forgotten = addresses.filter((address) => {
    const pattern = address
      .split(/\[\w+\]/)
      .map((part) => RegExp.escape(part))
      .join('\\$\\{.*?\\}')
    return !new RegExp(`['"\`]${pattern}['"\`?]`).test(opened)
  })
  expect(forgotten, 'addresses that tests/browser/every-page.test.ts does not open').toEqual([])
})

/** Queries that no change makes old, with the reason; all others are read again by app/_shell/live-updates.tsx. */
const neverOld: Record<string, string> = {
  'sweeps.preview': 'of what is typed',
  'sweeps.whole': 'for the command line',
  'sweeps.startedSince': 'for the command line',
  'curricula.preview': 'of what is typed',
  'runs.reasons': 'read again with the checkpoints of the run',
  'runs.jobFile': 'written once',
  'runs.patch': 'written once',
  'runs.log': 'followed by its own reader',
  'tries.log': 'followed by its own reader',
  'samples.page': 'read again with the steps of the run',
  'samples.some': 'samples never change',
  'samples.one': 'samples never change',
  'samples.prompt': 'samples never change',
  'checkpoints.planCleanUp': 'asked when its dialog opens',
  'checkpoints.againOptions': 'asked when its dialog opens',
  'checkpoints.nextRound': 'asked when the form opens',
  'compare.questions': 'answers never change',
  'compare.question': 'answers never change',
  'compare.candidates': 'asked when one is chosen',
}

test('a page: what it asks is read again when something changes, or stands here with why not', () => {
  const readings = read('app/_shell/live-updates.tsx')
  const isReadAgain = (query: string) => {
    const [of, name] = query.split('.') as [string, string]
    return (
      readings.includes(`trpc.${query}.`) ||
      (of === 'sweeps' ? readings.includes(`'${name}'`) : readings.includes(`trpc.${of}.pathFilter()`))
    )
  }
  const queries = Object.entries(appRouter._def.procedures)
    .filter(([, procedure]) => (procedure as unknown as { _def: { type: string } })._def.type === 'query')
    .map(([name]) => name)
  expect(queries.length).toBeGreaterThan(20)
  expect(queries.filter((query) => !isReadAgain(query) && !(query in neverOld))).toEqual([])
  expect(
    Object.keys(neverOld).filter((query) => !queries.includes(query)),
    'queries that are gone',
  ).toEqual([])
})

test.each(metricsFormats)('an export format: %s is offered for a run and for a sweep, and documented', (format) => {
  for (const file of ['app/runs/[id]/metrics-files.tsx', 'app/sweeps/[id]/sweep-actions.tsx'])
    expect(read(file), file).toContain(`metrics.${format}`)
  expect(read('docs/operations.md')).toMatch(new RegExp(`[\`/]\\w*(?:metrics)?\\.${format}\``))
})

test.each(executorNames)('an executor: %s is held to the contract of executors', (name) => {
  const file = `tests/executors/${name}-executor.test.ts`
  expect(existsSync(path.join(root, file)), file).toBe(true)
  expect(read(file)).toContain('describeExecutor(')
})

/** Roles without a column of their own beside a run's checkpoints, with the reason. */
const withoutColumn: Partial<Record<MetricRole, string>> = { accuracy: 'the score of the checkpoint says more' }

test.each(metricRoles)(
  'the role %s of a metric has its column beside the checkpoints, or stands here with why not',
  (role) => {
    const hasColumn = read('app/runs/[id]/reasons.tsx').includes(`roles: ['${role}']`)
    expect(hasColumn).toBe(!(role in withoutColumn))
  },
)
