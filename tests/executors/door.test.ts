/** The door of an attempt's intake: who knocks is answered, whoever holds the door by then. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Writable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { openDoor } from '../../server/executors/local/door.ts'

/** A door and, behind it, a program that answers once it was started as a wrapper starts an intake. */
async function doorWithProgram({ atOnce = false } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'door-'))
  const tensorBoard = path.join(folder, 'tensorboard')
  const door = await openDoor({ variables: { ADDRESS: 'http://127.0.0.1:{port}/x' }, tensorBoard, atOnce })
  const answer = `require('http').createServer((q, r) => r.end('answered ' + q.url)).listen({ fd: 7 }, () => console.log('up'))`
  const script = `exec 7<&3 8<&4 3>&- 4>&-; read -r knock <&8; exec 8<&-; exec '${process.execPath}' -e "${answer}"`
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit', door.descriptor, 'pipe'] })
  const started = new Promise<void>((resolve) => child.stdout!.once('data', () => resolve()))
  const knocker = (child.stdio as unknown[])[4] as Writable
  onTestFinished(() => {
    door.close()
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  door.keep(knocker)
  const ask = async () => (await fetch(door.variables.ADDRESS!)).text()
  return { door, knocker, started, ask, tensorBoard }
}

test('the first that knock, all at once, are answered by the program that this starts', async () => {
  const { ask } = await doorWithProgram()
  expect(await Promise.all([ask(), ask(), ask()])).toEqual(Array.from({ length: 3 }, () => 'answered /x'))
})

test('when whoever held the door is gone, the program starts by itself, and who knocks is answered', async () => {
  const { door, knocker, ask } = await doorWithProgram()
  door.close()
  knocker.destroy()
  expect(await ask()).toBe('answered /x')
})

test('a TensorBoard folder starts it without a knock', async () => {
  const { started, tensorBoard } = await doorWithProgram()
  mkdirSync(tensorBoard)
  await started
})

test('at once: nobody need knock', async () => {
  const { started } = await doorWithProgram({ atOnce: true })
  await started
})
