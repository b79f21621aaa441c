/**
 * `npm run dev` as a developer waits for it: the first page, an edit of a page seen in the open browser, an edit of the server
 * answered by the new one. By hand only, because it edits files of this checkout (and puts them back): `node bench/dev.ts`.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openBrowser } from '../tests/browser/open-browser.ts'
import { surroundings } from '../tests/start-server.ts'
import { printTable } from './table.ts'

const root = path.join(import.meta.dirname, '..')
const edits = 3

async function measure(): Promise<void> {
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'bench-dev-'))
  const browser = await openBrowser()
  const startedAt = performance.now()
  const server = spawn(process.execPath, [path.join(root, 'scripts/dev.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...surroundings(), SWEEPBOARD_DATA: dataFolder },
  })
  let said = ''
  const addresses = () => said.match(/^Sweepboard: http:\S+/gm) ?? []
  server.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
    server.emit('said')
  })
  const whenSaid = (starts: number) =>
    new Promise<string>((resolve) => {
      const look = () => addresses()[starts - 1] && resolve(addresses()[starts - 1]!.replace('Sweepboard: ', ''))
      server.on('said', look)
      look()
    })
  try {
    const url = await whenSaid(1)
    const page = await browser.newPage()
    page.setDefaultTimeout(60_000)
    await page.goto(url, { waitUntil: 'commit' })
    await page.getByRole('heading', { name: 'No sweeps yet' }).waitFor()
    const first = performance.now() - startedAt
    const pageEdits: number[] = []
    const serverEdits: number[] = []
    for (let edit = 1; edit <= edits; edit++) {
      const words = `No sweeps yet, ${edit}`
      await edited('app/_home/empty-home.tsx', 'No sweeps yet', words, async () => {
        const editedAt = performance.now()
        await page.getByRole('heading', { name: words }).waitFor()
        pageEdits.push(performance.now() - editedAt)
      })
      await page.getByRole('heading', { name: 'No sweeps yet', exact: true }).waitFor()
    }
    for (let edit = 0; edit < edits; edit++) {
      const starts = addresses().length
      await edited('server/base/context.ts', '\nimport', `\n// edit ${edit}\nimport`, async () => {
        const editedAt = performance.now()
        await whenSaid(starts + 1)
        const answer = await fetch(`${url}/healthz`)
        if (!answer.ok) throw new Error(`The server answered ${answer.status}.`)
        serverEdits.push(performance.now() - editedAt)
      })
      // putting the file back is an edit, too
      await whenSaid(starts + 2)
    }
    const seconds = (all: number[]) => all.map((one) => (one / 1000).toFixed(2)).join(', ')
    printTable('npm run dev', [
      ['', 'seconds'],
      ['first page drawn', seconds([first])],
      ['edit of a page, seen', seconds(pageEdits)],
      ['edit of the server, answered by the new one', seconds(serverEdits)],
    ])
  } finally {
    await browser.close()
    const ended = new Promise((resolve) => server.on('exit', resolve))
    server.kill('SIGTERM')
    await ended
    rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Does the work while the file has the edit. */
async function edited(file: string, from: string, to: string, work: () => Promise<void>): Promise<void> {
  const place = path.join(root, file)
  const before = readFileSync(place, 'utf8')
  writeFileSync(place, before.replace(from, to))
  try {
    await work()
  } finally {
    writeFileSync(place, before)
  }
}

await measure()
