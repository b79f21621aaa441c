/**
 * `npm run dev`: Sweepboard for people who work on it. Pages are built as they are asked for and follow each edit by
 * themselves; the server starts again when a file it is made of changes, and trainings go on meanwhile. Takes the settings
 * of `npm start`; where nobody chose a port and 3000 is taken, the next free one.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'

const root = path.join(import.meta.dirname, '..')
/** What the server is made of. The trainer is a program of its own, started anew each time anyway. */
const watched = ['contract', 'db', 'domain', 'server'].filter((room) => existsSync(path.join(root, room)))
const firstPort = 3000
const portsTried = 20

/** Whether the port can be listened on now. Throws for what is no question of being taken. */
function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })
}

/** The port that was chosen (the server says what is wrong with it), else the first free one; null where none is. */
async function choosePort(): Promise<string | null> {
  if (process.env.PORT) return process.env.PORT
  for (let port = firstPort; port < firstPort + portsTried; port++) {
    if (!(await isFree(port, process.env.HOST || '127.0.0.1'))) continue
    if (port !== firstPort) process.stderr.write(`Port ${firstPort} is taken; this server takes ${port}.\n`)
    return String(port)
  }
  return null
}

const port = await choosePort()
if (port === null) {
  process.stderr.write(
    `The ports ${firstPort} to ${firstPort + portsTried - 1} are all taken. Choose another with PORT=….\n`,
  )
  process.exit(1)
}
// Watch mode has threads post the modules they load to whoever started them, who takes that for their answer. Which folders count is said here, so nobody needs it.
const silent = 'data:text/javascript,delete process.env.WATCH_REPORT_DEPENDENCIES'
const server = spawn(
  process.execPath,
  [...watched.map((room) => `--watch-path=${room}`), '--watch-preserve-output', `--import=${silent}`, 'server/main.ts'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, NODE_ENV: 'development', PORT: port } },
)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => server.kill(signal))
server.on('exit', (code) => {
  process.exitCode = code ?? 1
})
