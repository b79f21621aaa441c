import { expect, screenshot, test } from './harness.ts'

test('an empty data folder: the home page says what to do next', async ({ server, page }) => {
  await page.goto(server.url)
  await page.getByRole('button', { name: 'Run the example' }).waitFor()
  await page.getByRole('button', { name: 'Load the study' }).waitFor()
  await screenshot(page, 'home-empty')
})

test('a page that does not exist says so, and leads home', async ({ server, page, problems }) => {
  const answer = await page.goto(`${server.url}/no-such-page`)
  expect(answer?.status()).toBe(404)
  expect(problems.splice(0)).toEqual([expect.stringContaining('404 (Not Found)')])
  await screenshot(page, 'not-found')
})
