/** A data folder that cannot be written to, and a disk that is really full: file systems of a few megabytes, mounted for the test. */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../server/base/process/config.ts'
import { openDataFolder } from '../server/open.ts'
import { apiOf } from './browser/sweeps.ts'
import { startServer } from './start-server.ts'

const mount = (...words: string[]) => spawnSync('mount', words, { encoding: 'utf8' })

/** A folder with a file system of its own, or null where the system lets this user mount none. */
function newDisk(megabytes: number, folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-disk-'))): string | null {
  const { status } = mount('-t', 'tmpfs', '-o', `size=${megabytes}m`, 'sweepboard-test', folder)
  onTestFinished(() => {
    if (status === 0) spawnSync('umount', ['--lazy', folder])
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return status === 0 ? folder : null
}

const mayMount = ((): boolean => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sweepboard-disk-'))
  const mounted = mount('-t', 'tmpfs', '-o', 'size=1m', 'sweepboard-test', folder).status === 0
  if (mounted) spawnSync('umount', [folder])
  rmSync(folder, { recursive: true, force: true })
  if (!mounted) console.warn('Skipped: this system lets the user mount no file system, so no disk can be filled.')
  return mounted
})()

/** Writes `file` until its disk has no room left, whatever else is written there meanwhile. */
function fill(file: string): void {
  const descriptor = openSync(file, 'w')
  try {
    for (const size of [1 << 20, 1 << 12, 1])
      try {
        const block = Buffer.alloc(size)
        for (;;) writeSync(descriptor, block)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
  } finally {
    closeSync(descriptor)
  }
}

/** Metrics of a run as the file has them, opened by this process. */
function metricsIn(dataFolder: string): { steps: number[]; problems: string[] } {
  const opened = openDataFolder(readConfig({ SWEEPBOARD_GPUS: '0' }, dataFolder))
  if (!('context' in opened)) throw new Error('the folder is held')
  const steps = [...opened.context.series.values(1, 'loss')].map((point) => point.step)
  const problems = opened.context.series.check()
  opened.close()
  return { steps, problems }
}

test.skipIf(!mayMount)('a read-only data folder is refused with a sentence, and what it holds stays', async () => {
  const folder = newDisk(32)!
  const opened = openDataFolder(readConfig({ SWEEPBOARD_GPUS: '0' }, folder))
  if (!('context' in opened)) throw new Error('the folder is held')
  const { database, series } = opened.context
  database.$client.transaction(() => series.append(1, 1, [{ step: 7, time: null, values: { loss: 1 } }]))()
  opened.close()

  expect(mount('-o', 'remount,ro', folder).status).toBe(0)
  await expect(startServer({ dataFolder: folder })).rejects.toThrow(
    `The data folder ${folder} cannot be written to. Choose another with SWEEPBOARD_DATA, or mend its permissions.`,
  )
  expect(mount('-o', 'remount,rw', folder).status).toBe(0)
  expect(metricsIn(folder)).toEqual({ steps: [7], problems: [] })
})

test.skipIf(!mayMount)(
  'a full disk is told, and nothing acknowledged is lost: with room again it goes on by itself',
  async () => {
    const folder = newDisk(48)!
    // run folders lie on another disk, so that it is the server that finds no room
    mkdirSync(path.join(folder, 'runs'))
    newDisk(48, path.join(folder, 'runs'))
    const elsewhere = mkdtempSync(path.join(tmpdir(), 'sweepboard-elsewhere-'))
    onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }))
    const steps = 40_000
    const script = `echo '{"type":"metrics","step":1,"values":{"loss":1}}' > "$SWEEPBOARD_EVENTS"
until [ -e "$1/full" ]; do sleep 0.02; done
awk 'BEGIN { for (i = 2; i <= ${steps}; i++) printf "{\\"type\\":\\"metrics\\",\\"step\\":%d,\\"values\\":{\\"loss\\":%d,\\"other\\":%d}}\\n", i, i % 7, i }' >> "$SWEEPBOARD_EVENTS"
until [ -e "$1/room" ]; do sleep 0.02; done`
    const server = await startServer({ dataFolder: folder })
    onTestFinished(server.stop)
    const api = apiOf(server)
    const { id } = await api.sweeps.create.mutate({
      definition: {
        name: 'full',
        axes: { a: ['1'] },
        train: { command: ['bash', '-c', script, 'x', elsewhere] },
        score: { baseline: { B: 0.5 } },
      },
      directory: elsewhere,
      paused: false,
    })
    const csv = async () =>
      (await (await fetch(`${server.url}/export/runs/1/metrics.csv`)).text()).trimEnd().split('\r\n')
    const patience = { timeout: 60_000 }
    await expect.poll(async () => (await csv()).length, patience).toBe(2)

    const ballast = path.join(folder, 'ballast')
    fill(ballast)
    writeFileSync(path.join(elsewhere, 'full'), '')
    await expect.poll(async () => (await api.system.get.query()).problem, patience).toContain('The disk is full.')
    // what was acknowledged is there, without a gap, while the disk is full
    const kept = (await csv()).slice(1).map((line) => Number(line.split(',')[3]))
    expect(kept).toEqual(Array.from(kept, (_, index) => index + 1))
    expect(kept.length).toBeLessThan(steps)

    unlinkSync(ballast)
    await expect.poll(async () => (await csv()).length, patience).toBe(steps + 1)
    expect((await api.system.get.query()).problem).toBeNull()
    writeFileSync(path.join(elsewhere, 'room'), '')
    await expect.poll(async () => (await api.sweeps.get.query({ id })).runs[0]!.status, patience).toBe('done')
    await server.stop()
    expect(metricsIn(folder)).toEqual({ steps: Array.from({ length: steps }, (_, index) => index + 1), problems: [] })
  },
)
