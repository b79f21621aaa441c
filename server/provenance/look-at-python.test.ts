import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lookAtPython } from './look-at-python.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-python-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const packages = () => path.join(folder, 'lib/site-packages')
function install(name: string, version: string, url?: object) {
  const information = path.join(packages(), `${name}-${version}.dist-info`)
  mkdirSync(information, { recursive: true })
  if (url) writeFileSync(path.join(information, 'direct_url.json'), JSON.stringify(url))
}
/** An interpreter that says what it is, and counts how often it was asked. */
function interpreter(name = 'python', says = JSON.stringify(['3.12.4', '/venv/bin/python', [packages()], null])) {
  const file = path.join(folder, name)
  writeFileSync(file, `#!/bin/sh\necho asked >> ${folder}/asked.txt\npwd > ${folder}/where.txt\necho '${says}'\n`)
  chmodSync(file, 0o755)
  return file
}
const asked = () => readFileSync(path.join(folder, 'asked.txt'), 'utf8').trim().split('\n').length
const look = (command: string[], environment = {}) => lookAtPython(command, folder, { PATH: folder, ...environment })

test('the interpreter is asked once, outside of the folder; packages are read from folders, and again when one was installed', async () => {
  interpreter()
  install('torch', '2.5.1+cu121')
  install('Flash_Attn', '2.7.0')
  install('mine', '0.1', { url: 'file:///home/me/mine', dir_info: { editable: true } })
  install('trl', '0.12.0', { url: 'https://me:secret@example.org/trl', vcs_info: { commit_id: 'abc123' } })
  const first = await look(['python', 'train.py'])
  expect(first).toEqual({
    version: '3.12.4',
    executable: '/venv/bin/python',
    foundBy: 'the command',
    packages: [
      'flash-attn==2.7.0',
      'mine==0.1 (editable, file:///home/me/mine)',
      'torch==2.5.1+cu121',
      'trl==0.12.0 (https://example.org/trl at abc123)',
    ],
    problem: null,
  })
  expect(readFileSync(path.join(folder, 'where.txt'), 'utf8').trim()).toBe('/')
  install('new', '1')
  expect((await look(['python', 'train.py']))!.packages).toContain('new==1')
  expect(asked()).toBe(1)
})

test('found by the command, by the first line of a program, on the PATH; what picks one itself is told', async () => {
  const python = interpreter()
  writeFileSync(path.join(folder, 'torchrun'), `#!${python}\n`)
  writeFileSync(path.join(folder, 'accelerate'), '#!/usr/bin/env python\n')
  for (const name of ['torchrun', 'accelerate']) chmodSync(path.join(folder, name), 0o755)
  const foundBy = async (command: string[]) => (await look(command))!.foundBy
  expect(await foundBy([python])).toBe('the command')
  expect(await foundBy(['torchrun', 'train.py'])).toBe('the first line of torchrun')
  expect(await foundBy(['accelerate', 'launch'])).toBe('the first line of accelerate')
  expect(await foundBy(['bash', 'train.sh'])).toBe('the first on the PATH')
  expect(await look(['uv', 'run', 'train.py'])).toMatchObject({
    version: null,
    problem: 'uv picks the interpreter; which one is not known.',
  })
})

test('no Python, and one that does not answer, are no error of the attempt', async () => {
  expect(await look(['bash', 'train.sh'])).toBeNull()
  interpreter('python', 'no JSON')
  expect((await look(['python']))!.problem).toContain('did not say what it is')
})
