/** Alerts as the browser's own notifications: in a browser that may show them and was asked to, each once. */
import type { Page } from 'playwright-core'
import { expect, test } from './harness.ts'
import { apiOf, stubFolder } from './sweeps.ts'

type Shown = { title: string; body: string; tag: string }

/** Has the page write down which of its notifications the browser has shown; they are the browser's own all the same. */
async function watchNotifications(page: Page): Promise<() => Promise<Shown[]>> {
  await page.addInitScript(() => {
    const shown: Shown[] = []
    const Own = window.Notification
    class Watched extends Own {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options)
        this.addEventListener('show', () => shown.push({ title: this.title, body: this.body, tag: this.tag }))
        Object.assign(window, { newest: this })
      }
    }
    Object.assign(window, { shown, Notification: Watched })
  })
  return () => page.evaluate(() => (window as unknown as { shown: Shown[] }).shown)
}

test('a run that fails is shown by the browser once, in whichever tab, and leads to its run; a browser that may not is told so', async ({
  server,
  page,
  browser,
}) => {
  const api = apiOf(server)
  const fail = (name: string) =>
    api.sweeps.create.mutate({
      definition: { name, axes: { a: ['1'] }, train: { command: ['bash', '-c', 'exit 3'], retries: 0 } },
      directory: stubFolder,
    })
  const told = async () => (await api.alerts.get.query()).alerts.length
  if ((await api.alerts.get.query()).rules.length === 0) await api.alerts.addRule.mutate({ kind: 'run-failed' })
  const toggle = page.getByRole('checkbox', { name: 'This browser shows alerts' })

  const refusing = await (await browser.newContext({ permissions: [] })).newPage()
  await refusing.goto(`${server.url}/alerts`)
  await refusing.getByRole('checkbox', { name: 'This browser shows alerts' }).click()
  await refusing.getByText('This browser does not let Sweepboard show notifications').waitFor()
  await refusing.context().close()

  await page.context().grantPermissions(['notifications'], { origin: server.url })
  const shown = await watchNotifications(page)
  await page.goto(`${server.url}/alerts`)
  // what was told before it was wanted is not shown
  const toldBefore = await told()
  await fail('before')
  await expect.poll(told).toBe(toldBefore + 1)
  await toggle.focus()
  await page.keyboard.press('Space')
  await expect.poll(() => toggle.isChecked()).toBe(true)
  await page.getByRole('button', { name: 'Send a test to this browser' }).click()
  await expect.poll(shown).toMatchObject([{ title: 'A test' }])

  // out of sight it gives its connection back, and listens on as the one of all tabs that does
  const look = (state: 'hidden' | 'visible') =>
    page.evaluate((state) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }, state)
  const listening = page.waitForRequest((request) => request.url().includes('changes.subscribe'))
  await look('hidden')
  await listening
  await fail('unseen')
  await expect.poll(async () => (await shown()).at(-1)?.title).toBe('Run 1 of unseen failed')
  await look('visible')

  const second = await page.context().newPage()
  const shownInSecond = await watchNotifications(second)
  await second.goto(server.url)
  await second.getByText('before').first().waitFor()
  const { id } = await fail('after')
  await expect.poll(told).toBe(toldBefore + 3)
  const both = async () => [...(await shown()).slice(2), ...(await shownInSecond())]
  await expect.poll(async () => (await both()).length).toBeGreaterThan(0)
  const [first, ...others] = await both()
  expect(first).toMatchObject({ title: 'Run 1 of after failed', body: 'Exit code 3.' })
  // of two with one tag the browser shows one
  expect(others.filter(({ tag }) => tag !== first!.tag)).toEqual([])

  const showing = (await shown()).length > 2 ? page : second
  await showing.evaluate(() => (window as unknown as { newest: Notification }).newest.dispatchEvent(new Event('click')))
  const [run] = (await api.sweeps.runs.query({ id })).rows
  await showing.waitForURL(`${server.url}/runs/${run!.id}`)
})
