/** What a new sweep may start from: every example is really run as it stands, and what a person keeps comes back whole. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownValue } from '../domain/own-value.ts'
import { keepStartingPoint, removeStartingPoint } from '../server/act/examples/keep-starting-point.ts'
import { createSweep } from '../server/act/sweeps/create-sweep.ts'
import { listStartingPoints, shippedStartingPoints } from '../server/read/examples/list-starting-points.ts'
import { openTestServer, smallSweep, type TestServer } from './harness.ts'

const examples = path.join(import.meta.dirname, '../examples')
let server: TestServer
let work: string
beforeEach(() => {
  server = openTestServer({ SWEEPBOARD_GPUS: '4', STAND_IN_SECONDS: '0.01' })
  work = mkdtempSync(path.join(tmpdir(), 'sweepboard-starts-'))
})
afterEach(async () => {
  await server.close()
  rmSync(work, { recursive: true, force: true })
})

/** Those with stand-ins of their own; the others have tests of their own (report-scripts, the built-in ones). */
const standIns = shippedStartingPoints.filter(({ file }) => file.startsWith('starting-points/'))

test('there is a file for each, of the trainers that people have', () => {
  expect(standIns.map(({ id }) => id)).toEqual(['trl-sft', 'trl-grpo', 'verl', 'llama-factory', 'lm-eval'])
  const others = shippedStartingPoints.filter((point) => !standIns.includes(point))
  expect(others.map(({ id }) => id)).toEqual(['report-scripts', 'built-in-grid', 'built-in-curriculum'])
})

test.for(standIns)('$title runs as it stands, and the better rates come out better', async ({ file }) => {
  cpSync(path.join(examples, 'starting-points'), work, { recursive: true })
  const text = readFileSync(path.join(work, path.basename(file)), 'utf8')
  const sweep = await server.finished(createSweep(server.context, { text, directory: work }).id)
  expect(sweep.points.map(({ status, error }) => error ?? status)).toEqual(sweep.points.map(() => 'scored'))
  expect(sweep.points.length).toBeGreaterThanOrEqual(4)
  const best = sweep.points.reduce((one, other) => (other.score! > one.score! ? other : one))
  const worst = sweep.points.reduce((one, other) => (other.score! < one.score! ? other : one))
  expect(best.score! - worst.score!).toBeGreaterThan(0.01)
})

test('what is to be changed of each is a part that it has', () => {
  for (const { title, changes, definition } of listStartingPoints(server.context)) {
    for (const { field, words } of changes) {
      expect(words).toMatch(/^\S.*\.$/)
      if (field === 'directory') continue
      const value = field
        .split('/')
        .reduce<unknown>((part, key) => ownValue(part as Record<string, unknown>, key), definition)
      expect(value, `${title}: ${field}`).toBeDefined()
    }
  }
})

test('what a person keeps is listed after the examples, whole; a name is there once, and goes when it is removed', () => {
  const definition = smallSweep({ axes: { learning_rate: ['2e-5', '1e-5'] } })
  keepStartingPoint(server.context, { name: 'our SFT', definition, directory: work })
  const kept = listStartingPoints(server.context).at(-1)!
  expect(kept).toMatchObject({ title: 'our SFT', directory: work, changes: [] })
  expect(kept.definition!.axes).toEqual({ learning_rate: ['2e-5', '1e-5'] })
  expect(() => keepStartingPoint(server.context, { name: 'our SFT', definition, directory: '' })).toThrow(
    '“our SFT” already',
  )
  expect(() =>
    keepStartingPoint(server.context, { name: 'half', definition: { name: 'half' }, directory: '' }),
  ).toThrow('This is no sweep yet, and cannot be kept')
  removeStartingPoint(server.context, Number(kept.id))
  expect(listStartingPoints(server.context)).toHaveLength(shippedStartingPoints.length)
  expect(() => removeStartingPoint(server.context, Number(kept.id))).toThrow('There is no starting point')
})
