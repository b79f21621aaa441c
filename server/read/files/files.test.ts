import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Context } from '../../base/context.ts'
import { programProblem } from '../../executors/local/program-problem.ts'
import { completePath } from './complete-path.ts'
import { lookAtCommand } from './look-at-command.ts'

let directory: string
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sweepboard-files-'))
  mkdirSync(path.join(directory, 'scripts/inner'), { recursive: true })
  for (const name of ['scripts/sft.sh', 'scripts/.hidden', 'scripts/run-10.py', 'scripts/run-9.py', 'tool'])
    writeFileSync(path.join(directory, name), 'secret')
  chmodSync(path.join(directory, 'tool'), 0o755)
  symlinkSync('scripts', path.join(directory, 'linked'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const names = (typed: string, only?: 'folders') => completePath({ directory, typed, only }).names
const context = { config: { environment: { PATH: '/usr/bin:/bin' } }, executors: { local: { programProblem } } }
const look = (...words: string[]) => lookAtCommand(context as unknown as Context, { words, directory })

test('paths complete from where they are typed: folders first, hidden ones when asked for, never what files hold', () => {
  expect(names('')).toEqual(['linked/', 'scripts/', 'tool'])
  expect(names('scr')).toEqual(['scripts/'])
  expect(names('scripts/')).toEqual(['scripts/inner/', 'scripts/run-9.py', 'scripts/run-10.py', 'scripts/sft.sh'])
  expect(names('scripts/.')).toEqual(['scripts/.hidden'])
  expect(names('linked/s')).toEqual(['linked/sft.sh'])
  expect(names('', 'folders')).toEqual(['linked/', 'scripts/'])
  expect(names(`${directory}/scripts/inn`)).toEqual([`${directory}/scripts/inner/`])
  expect([names('nowhere/x'), names('tool/x'), names('a\0b')]).toEqual([[], [], []])
})

test('a folder of very many names gives some, and says that there are more', () => {
  mkdirSync(path.join(directory, 'many'))
  for (let at = 0; at < 60; at++) writeFileSync(path.join(directory, `many/f${at}`), '')
  const found = completePath({ directory, typed: 'many/f' })
  expect([found.names.length, found.more]).toEqual([50, true])
  rmSync(path.join(directory, 'many'), { recursive: true })
})

test('a program is there, is not, or may not be run; a script that is missing is told', () => {
  expect(look('bash', 'scripts/sft.sh', '512', '--out=scripts/inner')).toEqual({
    program: { word: 'bash', path: expect.stringMatching(/^\/(usr\/)?bin\/bash$/), problem: null },
    words: [
      { word: 'scripts/sft.sh', path: path.join(directory, 'scripts/sft.sh'), kind: 'file' },
      { word: 'scripts/inner', path: path.join(directory, 'scripts/inner'), kind: 'folder' },
    ],
  })
  expect(look('./tool').program).toMatchObject({ path: path.join(directory, 'tool'), problem: null })
  expect(look('scripts/sft.sh').program).toMatchObject({ path: null, problem: expect.stringContaining('chmod +x') })
  expect(look('no-such-program').program!.problem).toContain('is not found')
  expect(look('python', 'train.py', 'out/new')).toMatchObject({ words: [{ word: 'train.py', kind: 'missing' }] })
  expect(look('${program}', '${x}/a.py')).toEqual({ program: null, words: [] })
  expect(look()).toEqual({ program: null, words: [] })
})
