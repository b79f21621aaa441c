/** `npm run dev` over a toy checkout, whose server says how it was started. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { surroundings } from '../tests/start-server.ts'

const toyServer = (name: string) => `
  import { createServer } from 'node:http'
  const server = createServer((request, response) => response.end('${name}'))
  server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('${name} on', process.env.PORT, process.env.NODE_ENV))
`

type Dev = { process: ChildProcess; write: (name: string) => void; says: (text: RegExp) => Promise<RegExpExecArray> }

function startDev(environment: Record<string, string> = {}): Dev {
  const root = mkdtempSync(path.join(tmpdir(), 'dev-'))
  mkdirSync(path.join(root, 'scripts'))
  mkdirSync(path.join(root, 'server'))
  cpSync(path.join(import.meta.dirname, 'dev.ts'), path.join(root, 'scripts/dev.ts'))
  writeFileSync(path.join(root, 'package.json'), '{ "type": "module" }')
  const write = (text: string) => writeFileSync(path.join(root, 'server/main.ts'), text)
  write(toyServer('first'))
  const child = spawn(process.execPath, [path.join(root, 'scripts/dev.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...surroundings(), ...environment },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
      child.emit('said')
    })
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  })
  async function says(text: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = text.exec(said)
      if (found) return found
      await Promise.race([
        once(child, 'said'),
        once(child, 'exit').then(() => Promise.reject(new Error(`It ended, and had said:\n${said}`))),
      ])
    }
  }
  return { process: child, write, says }
}

async function taken(port: number): Promise<void> {
  const server = createServer()
  // where somebody else has it already, it is taken as well
  await new Promise<void>((resolve) => server.once('error', () => resolve()).listen(port, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
}

test('where port 3000 is taken, the next free one is used and said; pages are for developers', async () => {
  await taken(3000)
  const dev = startDev()
  const [, said] = await dev.says(/Port 3000 is taken; this server takes (\d+)\./)
  const [, port, mode] = await dev.says(/first on (\d+) (\w+)/)
  expect(port).toBe(said)
  expect(Number(port)).toBeGreaterThan(3000)
  expect(mode).toBe('development')
})

test('a port that was chosen is used as it is, and an edit starts the server again on it', async () => {
  const dev = startDev({ PORT: '0' })
  await dev.says(/first on 0/)
  dev.write(toyServer('second'))
  await dev.says(/second on 0/)
})

test('a server that does not even parse waits for the next edit', async () => {
  const dev = startDev({ PORT: '0' })
  await dev.says(/first on/)
  dev.write('const = 1')
  await dev.says(/SyntaxError/)
  await dev.says(/Waiting for file changes/)
  dev.write(toyServer('mended'))
  await dev.says(/mended on/)
})

test('Ctrl-C ends the server, too', async () => {
  const dev = startDev()
  const [, port] = await dev.says(/first on (\d+)/)
  dev.process.kill('SIGINT')
  await once(dev.process, 'exit')
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed')
})
