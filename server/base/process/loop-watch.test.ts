import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Hold, type LoopWatch, watchLoop } from './loop-watch.ts'

let told: Hold[]
let watch: LoopWatch
beforeEach(() => {
  told = []
  watch = watchLoop()
  watch.tellTo((hold) => told.push(hold))
})
afterEach(() => watch.stop())

/** Holds the loop for so many milliseconds of this process's own time, however busy the machine is. */
function block(milliseconds: number): void {
  const before = process.cpuUsage()
  for (;;) {
    const { user, system } = process.cpuUsage(before)
    if (user + system >= 1000 * milliseconds) return
  }
}

test('what holds the loop is named once, with how long', async () => {
  await sleep(60)
  watch.during('reading what run 3 wrote', () => block(250))
  await sleep(120)
  expect(told).toMatchObject([{ what: 'reading what run 3 wrote', milliseconds: expect.any(Number) }])
  expect(told[0]!.milliseconds).toBeGreaterThan(200)
  expect(watch.last()).toEqual(told[0])
  expect(watch.delay().max).toBeGreaterThan(100)
})

test('a request that holds it between others is named, and one that has ended is not', async () => {
  watch.begin('runs.get')()
  const end = watch.begin('sweeps.get')
  await sleep(60)
  block(300)
  await sleep(120)
  end()
  expect(told.map(({ what }) => what)).toEqual(['sweeps.get'])
})

test('what has no name is told as such', async () => {
  await sleep(60)
  block(300)
  await sleep(120)
  expect(told).toMatchObject([{ what: 'Something without a name', named: false }])
})

test('what throws is named all the same, and short work is not', async () => {
  expect(() =>
    watch.during('failing', () => {
      block(250)
      throw new Error('failed')
    }),
  ).toThrow('failed')
  expect(watch.during('quick', () => 7)).toBe(7)
  expect(told.map(({ what }) => what)).toEqual(['failing'])
})

test('the time in which other programs had the processor holds nothing up', async () => {
  watch.stop()
  // as if none of the time had been this process's own
  watch = watchLoop(() => performance.now())
  watch.tellTo((hold) => told.push(hold))
  await sleep(60)
  block(300)
  await sleep(120)
  watch.during('kept from running', () => block(300))
  await sleep(120)
  expect(told).toEqual([])
  expect(watch.delay().max).toBeGreaterThan(100)
})
